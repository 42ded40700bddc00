// Node, without any help: the package reads its own files.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { project } from './support/packed.mjs'
import { PACKAGE } from './support/server.mjs'

const WALLET = pathToFileURL(join(PACKAGE, 'tests/support/wallet.js')).href

const BEGIN = `
import { localWallet } from '${WALLET}'
const wallet = localWallet(crypto.getRandomValues(new Uint8Array(32)))
const provider = {
  request: async ({ method, params }) => (method === 'personal_sign' ? wallet.sign(params[0]) : '0x1'),
}
const account = 'eip155:1:' + wallet.address
`

let user
before(async () => (user = await project('node', { toy: true })))
after(() => user.remove())

/** Runs a program in the project; what it prints last is JSON. */
const run = async (program, { folder = user.folder, flags = [] } = {}) => {
  await writeFile(join(folder, 'program.mjs'), `${BEGIN}\n${program}`)
  const args = [...flags, 'program.mjs']
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder })
  return JSON.parse(stdout.trim().split('\n').at(-1))
}

test('importing costs nothing: no file is read', async () => {
  const seen = await run(`
    const compile = WebAssembly.compile
    let compiled = 0
    // Node compiles a small module of its own; two parts are large, and a warning needs every part
    WebAssembly.compile = (bytes) => ((compiled += bytes.length > 200_000), compile(bytes))
    const { DIDSession, init } = await import('did-session-web')
    const { createVerifier } = await import('did-session-web/server')
    const before = compiled
    await Promise.all([init(), init(), DIDSession.warnings({ domain: 'app.example' })])
    console.log(JSON.stringify([typeof DIDSession.get, typeof createVerifier, before, compiled]))
  `)
  assert.deepEqual(seen, ['function', 'function', 0, 2])
})

test('a session signs in, is written down, restored, signs, and is verified', async () => {
  const seen = await run(`
    import { DIDSession, EthereumWebAuth } from 'did-session-web'
    const method = await EthereumWebAuth.getAuthMethod(provider, account)
    const session = await DIDSession.authorize(method, {
      resources: ['ceramic://*'],
      domain: 'app.example',
    })
    const restored = await DIDSession.fromSession(session.serialize())
    const jws = await restored.did.createJWS({ hello: 'world' })
    const options = { issuer: session.id, capability: session.cacao, domain: 'app.example' }
    const { payload } = await restored.did.verifyJWS(jws, options)
    jws.payload = 'e30'
    const refused = await restored.did.verifyJWS(jws, options).catch(({ code }) => code)
    const same = session.id === 'did:pkh:' + account && session.did.id === restored.did.id
    console.log(JSON.stringify({ payload, refused, same }))
  `)
  assert.deepEqual(seen, { payload: { hello: 'world' }, refused: 'invalid_signature', same: true })
})

test('a session cannot be kept, and the error says so', async () => {
  const seen = await run(`
    import { DIDSession, EthereumWebAuth } from 'did-session-web'
    const method = await EthereumWebAuth.getAuthMethod(provider, account)
    const options = { resources: ['ceramic://*'], domain: 'app.example' }
    const error = await DIDSession.get(account, method, options).catch((error) => error)
    console.log(JSON.stringify(error.code))
  `)
  assert.equal(seen, 'storage_unavailable')
})

test('the verifier for servers judges a capability', async () => {
  const seen = await run(`
    import { DIDSession, EthereumWebAuth } from 'did-session-web'
    import { createVerifier } from 'did-session-web/server'
    const method = await EthereumWebAuth.getAuthMethod(provider, account)
    const session = await DIDSession.authorize(method, {
      resources: ['app://notes'],
      domain: 'app.example',
    })
    const verifier = createVerifier({
      origins: ['https://api.app.example'],
      domains: ['app.example'],
    })
    const verdicts = []
    globalThis.fetch = async (url, init) => {
      const request = new Request(url, init)
      const isRegistration = new URL(url).pathname === '/session/capability'
      const verdict = await (isRegistration ? verifier.register(request) : verifier.verify(request))
      verdicts.push(verdict.accepted ? 'accepted' : verdict.code)
      return verdict.response ?? new Response(verdict.caller.issuer, verdict)
    }
    const response = await session.fetch('https://api.app.example/notes')
    console.log(JSON.stringify([(await response.text()) === session.id, verdicts.at(-1)]))
  `)
  assert.deepEqual(seen, [true, 'accepted'])
})

test('each part is a file of its own, read when it is asked for', async () => {
  const seen = await run(`
    import { init } from 'did-session-web'
    import { part } from 'did-session-web/toy'
    await init()
    const [one, two] = await Promise.all([part('toy'), part('toy')])
    console.log(JSON.stringify([one.exports.answer(), one === two]))
  `)
  assert.deepEqual(seen, [42, true])
})

test('init is told where the parts are, by name or the first of them alone', async () => {
  const seen = await run(`
    import { readFile } from 'node:fs/promises'
    import { pathToFileURL } from 'node:url'
    import { DIDSession, init } from 'did-session-web'
    import { part } from 'did-session-web/toy'
    const folder = new URL('node_modules/did-session-web/dist/', pathToFileURL(process.cwd() + '/'))
    const codeOf = (given) => init(given).then(() => 'loaded', ({ code }) => code)
    const wrong = [
      await codeOf({ session: 1 }),
      await codeOf({ nothing: 'file:///rest.wasm' }),
      await codeOf(null),
      await codeOf([]),
      await codeOf({ constructor: 'file:///rest.wasm' }),
      await codeOf('file:///nowhere/at/all.wasm'),
      await codeOf(new TextEncoder().encode('<!doctype html>')),
      await codeOf(new Response('gone', { status: 404 })),
    ]
    // a part that could not be loaded can be told again
    const right = await codeOf({
      session: new URL('did_session_web_bg.wasm', folder),
      toy: await WebAssembly.compile(await readFile(new URL('toy.wasm', folder))),
    })
    const toy = (await part('toy')).exports.answer()
    console.log(JSON.stringify({ wrong, right, toy }))
  `)
  const [option, missing] = ['invalid_option', 'not_loaded']
  assert.deepEqual(seen.wrong, [option, option, option, option, option, missing, missing, missing])
  assert.deepEqual([seen.right, seen.toy], ['loaded', 42])
})

test('a file that is gone: the error says which', async () => {
  const other = await project('node-gone')
  try {
    await rm(join(other.installed, 'dist/did_session_web_bg.wasm'))
    const seen = await run(
      `
      import { init } from 'did-session-web'
      const { name, code, message, cause } = await init().catch((error) => error)
      console.log(JSON.stringify({ name, code, message, cause: cause.code }))
      `,
      { folder: other.folder }
    )
    assert.deepEqual([seen.name, seen.code, seen.cause], ['DIDSessionError', 'not_loaded', 'ENOENT'])
    assert.match(seen.message, /did_session_web_bg\.wasm/)
  } finally {
    await other.remove()
  }
})
