// An option that is misspelt is refused by name at every entry, and does not silently count as none:
// what it was to demand would not be demanded.

import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import * as dids from 'did-session-web/dids'
import * as main from 'did-session-web'
import { createVerifier } from 'did-session-web/server'
import { DOMAIN, load, wallet } from './support/node.mjs'

let account, method, session, drop, verifier
before(async () => {
  await load()
  await main.DIDSession.configure({ store: 'memory' })
  account = wallet()
  method = await main.EthereumWebAuth.getAuthMethod(account, account.account)
  const options = { domain: DOMAIN, resources: ['app://notes'] }
  session = await main.DIDSession.get(account.account, method, options)
  drop = await dids.DIDSession.authorize(method, options)
  verifier = createVerifier({ origins: ['https://app.example'], domains: [DOMAIN] })
})

const passkey = (more) => main.WebauthnAuth.getAuthMethod({ did: 'did:key:x', ...more })
const request = () => new Request('https://app.example/notes')

/** What is called with an option that nobody knows, and with options of the wrong type. */
const ENTRIES = {
  get: (wrong) => main.DIDSession.get(account.account, method, wrong),
  renew: (wrong) => main.DIDSession.renew(account.account, method, wrong),
  signIn: (wrong) => main.DIDSession.signIn(method, wrong),
  authorize: (wrong) => main.DIDSession.authorize(method, wrong),
  hasSessionFor: (wrong) => main.DIDSession.hasSessionFor(account.account, wrong),
  whyNoSession: (wrong) => main.DIDSession.whyNoSession(account.account, wrong),
  warnings: (wrong) => main.DIDSession.warnings(wrong),
  remove: (wrong) => main.DIDSession.remove(account.account, wrong),
  revoke: (wrong) => main.DIDSession.revoke(account.account, wrong),
  configure: (wrong) => main.DIDSession.configure(wrong),
  'configure, of passkeys': (wrong) => main.DIDSession.configure({ store: 'memory', passkeys: wrong }),
  'session.fetch': (wrong) => session.fetch('https://app.example/', undefined, wrong),
  'did.createJWS': (wrong) => session.did.createJWS({ a: 1 }, wrong),
  'did.createDagJWS': (wrong) => session.did.createDagJWS({ a: 1 }, wrong),
  'did.verifyJWS': async (wrong) => session.did.verifyJWS(await session.did.createJWS({ a: 1 }), wrong),
  'createJWS of dids': (wrong) => drop.did.createJWS({ a: 1 }, wrong),
  'createDagJWS of dids': (wrong) => drop.did.createDagJWS({ a: 1 }, wrong),
  'verifyJWS of dids': async (wrong) => drop.did.verifyJWS(await drop.did.createJWS({ a: 1 }), wrong),
  createVerifier: async (wrong) =>
    createVerifier({ origins: ['https://app.example'], domains: [DOMAIN], ...wrong }),
  'verifier.verify': (wrong) => verifier.verify(request(), wrong),
  'a passkey': (wrong) => passkey(wrong),
  'creating a passkey': (wrong) => main.WebauthnAuth.createDID('a', wrong),
  'probing passkeys': (wrong) => main.WebauthnAuth.probeDIDs(wrong),
}

const outcome = async (call) => {
  try {
    await call()
  } catch (error) {
    return [error.code, error.message]
  }
  return ['accepted', '']
}

for (const [name, call] of Object.entries(ENTRIES)) {
  test(`an unknown option is refused by name: ${name}`, async () => {
    const [code, message] = await outcome(() => call({ mispelt: true }))
    assert.equal(code, 'invalid_option')
    assert.match(message, /\bmispelt is not known; known are \w/)
  })
}

test('what stands in the prototype is no option', async () => {
  const inherited = Object.create({ mispelt: true, profile: 'other' })
  assert.deepEqual(await outcome(() => ENTRIES.remove(inherited)), ['accepted', ''])
})

test('a list is not taken for options where none can stand', async () => {
  for (const name of ['remove', 'revoke', 'configure', 'session.fetch']) {
    const [code, message] = await outcome(() => ENTRIES[name]([]))
    assert.deepEqual([code, /must be an object/.test(message)], ['invalid_option', true], name)
  }
})

test('what a verifier must demand is not left out for its type', async () => {
  for (const route of [{ needsNonce: 'yes' }, { needsNonce: 1 }, { takesStreams: 'no' }, { maxAge: '60' }]) {
    const [code] = await outcome(() => verifier.verify(request(), route))
    assert.equal(code, 'invalid_option', JSON.stringify(route))
  }
  for (const userVerification of ['requierd', '', true]) {
    const asked = await outcome(() => ENTRIES['creating a passkey']({ userVerification }))
    assert.equal(asked[0], 'invalid_option')
  }
})

test('the third argument of p256CredentialCreateOptions is a name, as in the npm package', () => {
  globalThis.location ??= { hostname: 'app.example' }
  const { publicKey } = main.WebauthnAuth.p256CredentialCreateOptions('a', 'b', 'An app')
  assert.equal(publicKey.rp.name, 'An app')
})

test('a chain id is a hex quantity that fits into an account id, without loss', async () => {
  const address = '0xAbCdef0000000000000000000000000000000001'
  const idOf = (answer) => main.getAccountId({ request: async () => answer }, address)
  assert.equal(await idOf('0x2386f26fc10001'), `eip155:10000000000000001:${address.toLowerCase()}`)
  for (const answer of [`0x${'f'.repeat(64)}`, '0x', '1', 1, 1n, null, ' 0x1', '0X1', ['0x1']]) {
    assert.equal((await outcome(() => idOf(answer)))[0], 'invalid_option')
  }
})
