// Signing and verifying with a session's DID, as the peer's `DID` judges it and as ours does.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch } from './support/browser.mjs'

let world
before(async () => (world = await launch()))
after(() => world.close())

const inPage = (use) => world.inPage(use)

test('verifyJWS accepts what the session signed, compact, general and linked', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const { did, id, cacao } = await ours.DIDSession.get(
        wallet.account,
        await ourMethod(wallet),
        { resources }
      )
      const jws = await did.createJWS({ b: [1, 2.5, null], a: 'zażółć' })
      const [{ protected: header, signature }] = jws.signatures
      const compact = `${header}.${jws.payload}.${signature}`
      const { jws: dag } = await did.createDagJWS({ a: 1 })
      const options = { issuer: id, capability: cacao }
      const ways = [
        await did.verifyJWS(jws, options),
        await did.verifyJWS(compact, options),
        await did.verifyJWS(dag, options),
        await did.verifyJWS(jws, { capability: cacao }),
      ]
      const alone = await did.verifyJWS(await did.createJWS('AAAA'), options)
      return {
        ways: ways.map(({ kid, did: key, issuer }) => [kid.startsWith(key), key === did.id, issuer]),
        payloads: ways.map(({ payload }) => payload),
        bytes: [...alone.bytes],
        id,
      }
    })
    assert.deepEqual(seen.ways, Array(4).fill([true, true, seen.id]))
    const payload = { a: 'zażółć', b: [1, 2.5, null] }
    assert.deepEqual(seen.payloads, [payload, payload, undefined, payload])
    assert.deepEqual(seen.bytes, [0, 0, 0])
  }))

test('verifyJWS refuses what was changed, and what others signed', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const session = async (wallet) =>
        ours.DIDSession.get(wallet.account, await ourMethod(wallet), { resources })
      const [one, two] = [await session(makeWallet()), await session(makeWallet())]
      const jws = await one.did.createJWS({ a: 1 })
      const other = await one.did.createJWS({ a: 2 })
      const options = { issuer: one.id, capability: one.cacao }
      const codes = {}
      const judge = async (name, jws, options) => {
        const verified = one.did.verifyJWS(jws, options)
        codes[name] = await verified.then(() => 'verified', (error) => error.code ?? String(error))
      }
      await judge('another payload', { ...jws, payload: other.payload }, options)
      await judge('another signature', { ...jws, signatures: other.signatures }, options)
      await judge('another issuer', jws, { ...options, issuer: two.id })
      await judge('another capability', jws, { ...options, capability: two.cacao })
      await judge('an issuer without its capability', jws, { issuer: one.id })
      await judge('a capability that was changed', jws, {
        capability: { ...one.cacao, p: { ...one.cacao.p, nonce: 'changed0' } },
      })
      await judge('no JWS', 'AAAA', options)
      await judge('no signatures', { ...jws, signatures: [] }, options)
      await judge('an issuer that is none', jws, { ...options, issuer: 'nobody' })
      await judge('a capability that is none', jws, { capability: {} })
      return codes
    })
    for (const [name, code] of Object.entries(seen)) {
      assert.match(code, /^[a-z0-9_]+$/, name)
      assert.notEqual(code, 'verified', name)
    }
    assert.equal(Object.keys(seen).length, 10)
    assert.equal(seen['another payload'], 'invalid_signature')
  }))

test('payloads may be large, and too large ones are refused', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const { did, id, cacao } = await ours.DIDSession.get(
        wallet.account,
        await ourMethod(wallet),
        { resources }
      )
      const outcome = async (length) => {
        const text = 'x'.repeat(length)
        try {
          const jws = await did.createJWS({ text })
          const { payload } = await did.verifyJWS(jws, { issuer: id, capability: cacao })
          return payload.text === text
        } catch (error) {
          return error.code ?? String(error)
        }
      }
      const MiB = 1 << 20
      return [await outcome(9 * MiB), await outcome(16 * MiB), (await facts({ did, id, cacao })).verifies]
    })
    assert.deepEqual(seen, [true, 'too_large', true])
  }))
