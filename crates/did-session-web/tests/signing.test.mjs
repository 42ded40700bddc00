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

test('a payload that two readers read differently is not read as JSON', () =>
  inPage(async (page) => {
    // {"amount":1,"amount":1000}, and its signature holds
    const parts = [
      'eyJhbGciOiJFZERTQSIsImtpZCI6ImRpZDprZXk6ejZNa3ZEcUdUNTRjWGVzWUd2QUJwRjFVYXBWTndqQ3FSY2FmaTRQeDZUaHY1VDNaI3o2TWt2RHFHVDU0Y1hlc1lHdkFCcEYxVWFwVk53akNxUmNhZmk0UHg2VGh2NVQzWiJ9',
      'eyJhbW91bnQiOjEsImFtb3VudCI6MTAwMH0',
      'NDV-AbTomCIpvaJu1mbhuTtHuFEYdfn85pP58XT-cfcpeU9m8yqOfz-mnVPmbJtfQ4EjQuAvFfuzFNeQ1xbhCg',
    ]
    const seen = await page.evaluate(async (jws) => {
      const wallet = makeWallet()
      const { did } = await ours.DIDSession.get(wallet.account, await ourMethod(wallet), {
        resources,
      })
      const { payload, bytes } = await did.verifyJWS(jws)
      return [payload === undefined, bytes.length]
    }, parts.join('.'))
    assert.deepEqual(seen, [true, 26])
  }))

test('what has no JSON of its own is not signed as something else', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const { did } = await ours.DIDSession.get(wallet.account, await ourMethod(wallet), {
        resources,
      })
      const coded = (promise) =>
        promise.then(
          ({ payload }) => atob(payload.replaceAll('-', '+').replaceAll('_', '/')),
          (error) => error.code ?? String(error)
        )
      const lone = String.fromCharCode(0xd800)
      const bad = [NaN, Infinity, -Infinity, new Number(NaN), lone, new String(lone), `a${lone}b`]
      const refused = []
      for (const value of [...bad.flatMap((one) => [{ a: one }, [[one]]]), { [lone]: 1 }]) {
        refused.push(await coded(did.createJWS(value)))
        refused.push(await coded(did.createJWS({}, { protected: { x: value } })))
      }
      const kept = [
        { b: 1.5, a: '\u{1f600}', [`\u{1f600}`]: 1 },
        { a: () => 1, b: undefined, c: [undefined, () => 1], [lone]: undefined },
        { a: String.raw`\ud800` },
        { a: { toJSON: () => 1 }, b: new Date(0) },
      ]
      const signed = []
      for (const value of kept) signed.push(await coded(did.createJWS(value)))
      return { refused, signed }
    })
    assert.deepEqual(seen.refused, Array(30).fill('invalid_payload'))
    assert.deepEqual(seen.signed, [
      Buffer.from('{"a":"\u{1f600}","b":1.5,"\u{1f600}":1}').toString('latin1'),
      '{"c":[null,null]}',
      '{"a":"\\\\ud800"}',
      '{"a":1,"b":"1970-01-01T00:00:00.000Z"}',
    ])
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

test('the npm package dids signs with the session by its provider', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const session = await ours.DIDSession.get(wallet.account, await ourMethod(wallet), {
        resources,
      })
      const resolver = peer.KeyResolver.getResolver()
      const { provider, cacao, id } = session
      const did = new peer.DID({ provider, resolver, capability: cacao })
      const key = await did.authenticate()
      const options = { issuer: id, capability: cacao, verifiers }
      const jws = await did.createJWS({ a: 'ż', 10: 1 })
      const theirs = await did.verifyJWS(jws, options)
      const mine = await session.did.verifyJWS(jws, options)
      const dag = await did.createDagJWS({ a: 1 })
      await session.did.verifyJWS(dag.jws, options)
      // and as the key alone
      const alone = new peer.DID({ provider, resolver })
      await alone.authenticate()
      const plain = await session.did.verifyJWS(await alone.createJWS({ a: 1 }))
      const unknown = await provider.send({ jsonrpc: '2.0', id: 1, method: 'did_unknown' })
      const decrypt = await did.decryptJWE({}).catch((error) => String(error))
      return {
        ids: [key, did.id, did.parent, session.did.id, session.id],
        payloads: [theirs.payload, mine.payload],
        plain: [plain.did === session.did.id, plain.issuer],
        unknown: unknown.error.code,
        decrypt,
      }
    })
    const [key, id, parent, own, issuer] = seen.ids
    assert.deepEqual([key, id, parent], [own, own, issuer])
    assert.deepEqual(seen.payloads[0], seen.payloads[1])
    assert.deepEqual(seen.plain, [true, undefined])
    assert.equal(seen.unknown, -32601)
    assert.match(seen.decrypt, /not supported/)
  }))

test('a DagJWS has the blocks and the link that other software expects', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const session = await ours.DIDSession.get(wallet.account, await ourMethod(wallet), {
        resources,
      })
      const theirs = await peer.DIDSession.get(wallet.account, () => {}, { resources })
      const value = { text: 'ż', bytes: Uint8Array.of(1, 2), list: [1, null, true, { a: -1 }] }
      const [mine, other] = [
        await session.did.createDagJWS(value),
        await theirs.did.createDagJWS(value),
      ]
      const judged = await theirs.did.verifyJWS(mine.jws, {
        issuer: session.id,
        capability: session.cacao,
        verifiers,
      })
      const link = peer.CID.asCID(mine.jws.link)
      const nested = await session.did.createDagJWS({ link: mine.jws.link, theirs: other.jws.link })
      return {
        links: [String(link), String(other.jws.link), String(mine.jws.link)],
        equal: link.equals(other.jws.link) && mine.jws.link.equals(other.jws.link),
        blocks: [mine, other].map(({ linkedBlock, cacaoBlock }) => [[...linkedBlock], [...cacaoBlock]]),
        payloads: [mine.jws.payload, other.jws.payload],
        judged: judged.kid.startsWith(session.did.id),
        nested: nested.linkedBlock.length > 0,
      }
    })
    const [mine, theirs, own] = seen.links
    assert.deepEqual([mine, own], [theirs, theirs])
    assert.equal(seen.equal && seen.nested && seen.judged, true)
    assert.deepEqual(seen.blocks[0], seen.blocks[1])
    assert.equal(seen.payloads[0], seen.payloads[1])
  }))
