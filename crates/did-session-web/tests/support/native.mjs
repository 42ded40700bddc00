// A server of the Rust crates, as a program on loopback, and a proxy before it that speaks HTTP/2.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { request as ask } from 'node:http'
import { createSecureServer } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { programOf } from './needs.mjs'

const HOUR = 3600
const SERVER = programOf('DID_SESSION_PAGE_SERVER', 'examples/page')

/** Starts the example `page` of `session-axum` for a domain; `since` is how long it runs already. */
export const native = async ({ domain = '127.0.0.1', origins = [], since = HOUR } = {}) => {
  const child = spawn(SERVER, ['--since', String(since), domain, ...origins], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const [url] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    ended.then(() => Promise.reject(new Error('the server did not start'))),
  ])
  return {
    url,
    async close() {
      child.kill()
      await ended
    },
  }
}

/** Key and certificate for localhost; nothing where there is no openssl. */
const certificate = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'did-session-web-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const named = ['-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  try {
    execFileSync('openssl', [...made, ...named, '-keyout', key, '-out', cert], { stdio: 'ignore' })
    return { key: await readFile(key), cert: await readFile(cert) }
  } catch {
    return undefined
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What TLS before a server does: pages send streams over HTTP/2 alone. */
export const secured = async () => {
  const made = await certificate()
  if (made === undefined) return undefined
  let behind
  const proxy = createSecureServer({ ...made, allowHTTP1: true }, (request, response) => {
    const fields = Object.entries(request.headers).filter(([name]) => !name.startsWith(':'))
    const headers = Object.fromEntries([...fields, ['host', request.authority]])
    const { method, url: path } = request
    const onward = ask(behind, { method, path, headers }, (answer) => {
      const { connection, 'transfer-encoding': coding, 'keep-alive': alive, ...kept } = answer.headers
      response.writeHead(answer.statusCode, kept)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const url = `https://localhost:${proxy.address().port}`
  const server = await native({ origins: [url] })
  behind = server.url
  return {
    url,
    async close() {
      proxy.close()
      await server.close()
    },
  }
}
