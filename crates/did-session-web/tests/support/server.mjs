// Serves the package, the page of the tests and the demo on loopback: a secure context.

import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { json } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

export const PACKAGE = fileURLToPath(new URL('../..', import.meta.url))
export const BUILT = join(PACKAGE, '../../target/web')

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
}

const FOLDERS = [
  ['/dist/', join(PACKAGE, 'dist')],
  ['/demo/', join(PACKAGE, 'demo')],
  ['/built/', BUILT],
  ['/', join(PACKAGE, 'tests/page')],
]

/** What is posted to `/tell` is given to `hear`. */
export const serve = async (port = 0, { cacheControl = 'no-store', hear } = {}) => {
  const server = createServer(async (request, response) => {
    if (request.method === 'POST' && request.url === '/tell') {
      hear?.(await json(request))
      response.writeHead(204).end()
      return
    }
    const path = normalize(new URL(request.url, 'http://localhost').pathname)
    const [prefix, folder] = FOLDERS.find(([prefix]) => path.startsWith(prefix))
    const name = path.slice(prefix.length) || 'index.html'
    try {
      const body = await readFile(join(folder, name))
      response.writeHead(200, {
        'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
        'cache-control': cacheControl,
      })
      response.end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  const { port: bound } = server.address()
  return { url: `http://127.0.0.1:${bound}`, close: () => server.close() }
}

/** Serves one folder on loopback, with these headers on every answer. */
export const serveFolder = async (folder, headers = {}) => {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, 'http://localhost').pathname)
    const name = path === '/' ? 'index.html' : path
    try {
      const body = await readFile(join(folder, name))
      const type = TYPES[extname(name)] ?? 'application/octet-stream'
      response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store', ...headers })
      response.end(body)
    } catch {
      response.writeHead(404, headers).end()
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}
