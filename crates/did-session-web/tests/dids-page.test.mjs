// `session.did` of a session of `get`: a DID of `dids` over a key that no script can read.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launchWithDids } from './support/dids-page.mjs'

let world
before(async () => (world = await launchWithDids()))
after(() => world.close())

const inPage = (use) => world.inPage(use)

test('it signs and verifies, is found again, and decrypts nothing', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const method = await peerMethod(wallet)
      const account = new peer.AccountId(wallet.account)
      const session = await ours.DIDSession.get(account, method, { resources })
      const { did, id, cacao } = session
      const again = await ours.DIDSession.get(account, method, { resources })
      const judge = new peer.DID({ resolver: peer.KeyResolver.getResolver() })
      const options = { issuer: id, capability: cacao, verifiers }
      const { jws } = await again.did.createDagJWS({ text: 'ż' })
      const theirs = await judge.verifyJWS(jws, options)
      const mine = await did.verifyJWS(jws, options)
      const plain = await judge.verifyJWS(await did.createJWS({ a: 1 }), options)
      const other = await ours.createDIDKey()
      const jwe = await did.createJWE(new Uint8Array([1, 2]), [other.id])
      const codeOf = (call) =>
        Promise.resolve()
          .then(call)
          .then(() => 'accepted', (error) => error.code ?? String(error))
      const another = makeWallet()
      const asked = await peerMethod(another)
      const granted = await asked({ domain: 'app.example', uri: did.id, resources })
      return {
        is: [did instanceof peer.DID, again.did instanceof peer.DID, session instanceof ours.DIDSession],
        link: jws.link instanceof peer.CID,
        ids: [did.id === again.did.id, did.id === cacao.p.aud, did.parent === id],
        documents: JSON.stringify(mine.didResolutionResult) === JSON.stringify(theirs.didResolutionResult),
        payload: plain.payload,
        prompts: wallet.prompts,
        decrypted: [...(await other.decryptJWE(jwe))],
        codes: {
          'decrypt with a key that signs only': await codeOf(() => did.decryptJWE(jwe)),
          'a DagJWE': await codeOf(() => did.decryptDagJWE(jwe)),
          'write it down': await codeOf(() => session.serialize()),
          'its own capability': await codeOf(() => did.withCapability(cacao).createJWS({ a: 1 })),
          'the capability of another account': await codeOf(() => did.withCapability(granted)),
          'the capability of another key': await codeOf(() =>
            did.withCapability({ ...granted, p: { ...granted.p, aud: other.id } })
          ),
        },
      }
    })
    assert.deepEqual(seen.is, [true, true, true])
    assert.deepEqual(seen.ids, [true, true, true])
    assert.ok(seen.link && seen.documents)
    assert.deepEqual(seen.payload, { a: 1 })
    assert.equal(seen.prompts, 1)
    assert.deepEqual(seen.decrypted, [1, 2])
    assert.deepEqual(seen.codes, {
      'decrypt with a key that signs only': 'cannot_decrypt',
      'a DagJWE': 'cannot_decrypt',
      'write it down': 'secure_session',
      'its own capability': 'accepted',
      'the capability of another account': 'other_capability',
      'the capability of another key': 'audience_mismatch',
    })
  }))

test('a session put together of the capability and the DID of get is that session', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const session = await ours.DIDSession.get(wallet.account, await ourMethod(wallet), {
        resources,
      })
      const { cacao, did } = session
      const same = new ours.DIDSession({ cacao, did })
      return [same.did === did, same.id === session.id, (await facts(same)).verifies]
    })
    assert.deepEqual(seen, [true, true, true])
  }))

test('whatever is done before the module is loaded says so', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(() => {
      const did = { id: 'did:key:z6Mk', hasCapability: true }
      try {
        new ours.DIDSession({ cacao: {}, did })
      } catch (error) {
        return [error.code, error.message]
      }
    })
    assert.deepEqual(seen, ['not_loaded', 'the wasm module is not loaded: await init() first'])
  }))
