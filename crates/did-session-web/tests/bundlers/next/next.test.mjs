// Next with the app router, built and started, by each of its bundlers: pages that sign, components
// and routes of the server that judge.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { localWallet } from '../../support/wallet.js'
import { begin, works } from '../world.mjs'

const HERE = fileURLToPath(new URL('.', import.meta.url))

const source = (name) => readFile(join(HERE, 'app', name), 'utf8')

let user
before(async () => {
  // Next itself lies above the project, whose root it would guess
  const root = JSON.stringify(HERE.replace(/\/$/, ''))
  const files = {
    'app/layout.js': await source('layout.js'),
    'app/page.js': await source('page.js'),
    'app/server/page.js': await source('server-page.js'),
    'app/api/route.js': await source('route.js'),
    'next.config.mjs': `export default { turbopack: { root: ${root} }, outputFileTracingRoot: ${root} }\n`,
  }
  user = await begin('next', files, join(HERE, 'projects'))
})
after(() => user.end())

const next = (args, env = {}) =>
  spawn(process.execPath, [join(HERE, 'node_modules/next/dist/bin/next'), ...args], {
    cwd: user.folder,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

const said = (child) => {
  const lines = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => lines.push(data))
  return () => lines.join('')
}

const run = async (args) => {
  const child = next(args)
  const output = said(child)
  const [status] = await once(child, 'exit')
  assert.equal(status, 0, output())
}

/** A session of a wallet as text, made in Node by the package that is tested. */
const sessionText = async () => {
  const { DIDSession, EthereumWebAuth } = await import(
    pathToFileURL(join(user.installed, 'dist/index-node.js'))
  )
  const wallet = localWallet(crypto.getRandomValues(new Uint8Array(32)))
  const request = async ({ method, params }) =>
    method === 'personal_sign' ? wallet.sign(params[0]) : '0x1'
  const method = await EthereumWebAuth.getAuthMethod({ request }, `eip155:1:${wallet.address}`)
  const options = { resources: ['ceramic://*'], domain: 'app.example' }
  return (await DIDSession.authorize(method, options)).serialize()
}

const started = async (args, use) => {
  const port = await freePort()
  const child = next([...args, '--hostname', '127.0.0.1', '--port', String(port)])
  const output = said(child)
  const url = `http://127.0.0.1:${port}`
  try {
    for (let tries = 0; ; tries += 1) {
      if (child.exitCode !== null) throw new Error(output())
      const isUp = await fetch(`${url}/api`).then(() => true, () => false)
      if (isUp) break
      if (tries > 300) throw new Error(`Next did not start: ${output()}`)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    await use(url, output)
  } finally {
    child.kill()
    await once(child, 'exit')
  }
}

const judges = async (url, output) => {
  const query = new URLSearchParams({ session: await sessionText() })
  const response = await fetch(`${url}/server?${query}`)
  const page = await response.text()
  assert.equal(response.status, 200, output())
  const [, told] = /<pre id="told">(.*?)<\/pre>/.exec(page)
  const expected = { payload: { hello: 'server' }, answer: 42, verifier: 'function' }
  assert.deepEqual(JSON.parse(told.replaceAll('&quot;', '"')), expected)
  assert.equal((await fetch(`${url}/api`)).status, 401)
}

for (const bundler of ['turbopack', 'webpack']) {
  test(`Next, ${bundler}: built and started`, async () => {
    await rm(join(user.folder, '.next'), { recursive: true, force: true })
    await run(['build', `--${bundler}`])
    await started(['start'], async (url, output) => {
      await judges(url, output)
      await works(user.world, `${url}/`)
    })
  })
}
