// The entry for pages that use the npm package `dids`: what its class promises, our sessions keep.
// In Node: sessions of `authorize`, and such as are put together. Those of `get` are in
// `dids-page.test.mjs`.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { before, test } from 'node:test'
import { getEIP191Verifier } from '@didtools/pkh-ethereum'
import * as peer from 'did-session'
import { DID } from 'dids'
import { Ed25519Provider } from 'key-did-provider-ed25519'
import KeyResolver from 'key-did-resolver'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import * as main from 'did-session-web'
import * as ours from 'did-session-web/dids'
import { DOMAIN, RESOURCES, codeOf, load, wallet } from './support/node.mjs'

const { DIDSession, createDIDCacao, createDIDKey, getResolver } = ours
const verifiers = getEIP191Verifier()
const judge = new DID({ resolver: KeyResolver.getResolver() })

const SEED = Uint8Array.from({ length: 32 }, (_, index) => index * 7)
const HOUR = 3_600_000

before(load)

const authorize = async (account = wallet(), more = {}) => {
  const method = await ours.EthereumWebAuth.getAuthMethod(account, account.account)
  return DIDSession.authorize(method, { domain: DOMAIN, resources: RESOURCES, ...more })
}

const peerKey = async (seed = SEED) => {
  const did = new DID({ provider: new Ed25519Provider(seed), resolver: KeyResolver.getResolver() })
  await did.authenticate()
  return did
}

test('session.did is a DID of dids, authenticated, with capability and parent', async () => {
  const account = wallet()
  const { did, id, cacao } = await authorize(account)
  assert.ok(did instanceof DID)
  assert.equal(did.authenticated, true)
  assert.equal(await did.authenticate(), did.id)
  assert.equal(await did.authenticate({ aud: 'someone', paths: ['a'] }), did.id)
  assert.equal(did.id, cacao.p.aud)
  assert.deepEqual([did.hasParent, did.parent, id], [true, account.did, account.did])
  assert.deepEqual([did.hasCapability, did.capability], [true, cacao])
})

test('what it signs, dids verifies, and the other way round', async () => {
  const { did, id, cacao } = await authorize()
  const options = { issuer: id, capability: cacao, verifiers }
  const payload = { b: [1, 2.5, null], a: 'zażółć' }
  const jws = await did.createJWS(payload)
  const theirs = await judge.verifyJWS(jws, options)
  const mine = await did.verifyJWS(jws, options)
  assert.deepEqual(theirs.payload, payload)
  assert.deepEqual(mine.payload, payload)
  assert.equal(mine.kid, theirs.kid)
  assert.deepEqual(mine.didResolutionResult, theirs.didResolutionResult)

  const signer = (await peerKey()).withCapability(wallet().capability((await peerKey()).id))
  await signer.authenticate()
  const other = await signer.createJWS({ hello: 'world' })
  const judged = { issuer: signer.parent, capability: signer.capability }
  assert.deepEqual((await did.verifyJWS(other, judged)).payload, { hello: 'world' })
  const forged = { ...other, payload: jws.payload }
  assert.equal(await codeOf(did.verifyJWS(forged, judged)), 'invalid_signature')
})

test('the link of a DagJWS is a CID', async () => {
  const { did, id, cacao } = await authorize()
  const { jws, linkedBlock, cacaoBlock } = await did.createDagJWS({ text: 'ż', list: [1, null] })
  assert.ok(jws.link instanceof CID)
  const options = { issuer: id, capability: cacao, verifiers }
  await judge.verifyJWS(jws, options)
  await did.verifyJWS(jws, options)
  assert.ok(linkedBlock.length > 0 && cacaoBlock.length > 0)

  // and that of the main entry has the same members
  const plain = await main.DIDSession.fromSession((await authorize()).serialize())
  const { link } = (await plain.did.createDagJWS({ text: 'ż', list: [1, null] })).jws
  assert.ok(link.equals(jws.link) && jws.link.equals(link) && CID.asCID(link).equals(jws.link))
  assert.ok(!link.equals(CID.parse('bafyreigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi')))
  assert.ok(!link.equals(undefined) && !link.equals({ code: 1 }))
  const shown = (cid) => [
    String(cid),
    cid.toString(base58btc),
    String(cid.toV1()),
    String(cid.link()),
    JSON.stringify(cid),
    Object.prototype.toString.call(cid),
    [...cid.bytes],
    [...cid['/']],
    [cid.version, cid.code, cid.byteLength, cid.multihash.code, cid.multihash.size],
  ]
  assert.deepEqual(shown(link), shown(jws.link))
  assert.equal(link.asCID, link)
  assert.throws(() => link.toV0(), /dag-pb/)
  assert.throws(() => jws.link.toV0(), /dag-pb/)
})

test('a link that is not the one that was signed is refused', async () => {
  const { did } = await authorize()
  const { jws } = await did.createDagJWS({ a: 1 })
  const other = (await did.createDagJWS({ a: 2 })).jws.link
  assert.equal(await codeOf(did.verifyJWS({ ...jws, link: other })), 'link_mismatch')
  assert.equal(await codeOf(did.verifyJWS({ ...jws, link: null })), 'link_mismatch')
  // as it comes back from JSON
  const parsed = JSON.parse(JSON.stringify(jws))
  assert.deepEqual(Object.keys(parsed.link), ['/'])
  assert.equal(await codeOf(did.verifyJWS(parsed)), 'accepted')
  const plain = await did.createJWS({ a: 1 })
  assert.equal(await codeOf(did.verifyJWS({ ...plain, link: other })), 'payload_not_link')
})

test('a link is a CID whose text and bytes agree', async () => {
  const key = await createDIDKey(SEED)
  const [{ jws }, other] = [await key.createDagJWS({ a: 1 }), (await key.createDagJWS({ a: 2 })).jws.link]
  const { link, ...rest } = jws
  const verified = (link) => codeOf(key.verifyJWS({ ...rest, link }))
  const lying = { toString: () => String(link), bytes: other.bytes, '/': other.bytes }
  const turned = { toString: () => String(other), bytes: link.bytes, '/': link.bytes }
  for (const right of [link, String(link), { '/': String(link) }, undefined]) {
    assert.equal(await verified(right), 'accepted')
  }
  assert.deepEqual([await verified(lying), await verified(turned)], ['link_mismatch', 'link_mismatch'])
  for (const none of [[link], {}, { toString: () => String(link) }]) {
    assert.equal(await verified(none), 'invalid_option')
  }
})

test('what dids refuses has a code', async () => {
  const key = await createDIDKey(SEED)
  assert.equal(await codeOf(key.resolve('did:nobody:x')), 'not_resolved')
  assert.equal(await codeOf(key.decryptJWE({})), 'not_decrypted')
  const forAnother = await key.createJWE(new Uint8Array(3), [(await createDIDKey()).id])
  assert.equal(await codeOf(key.decryptJWE(forAnother)), 'not_decrypted')
  const { cacao } = await authorize()
  assert.throws(() => new DIDSession({ cacao, keySeed: SEED, mispelt: 1 }), { code: 'invalid_option' })
})

test('createDIDKey signs as the provider of dids does, to the letter', async () => {
  const [mine, theirs] = [await createDIDKey(SEED), await peerKey()]
  assert.ok(mine instanceof DID)
  assert.equal(mine.id, theirs.id)
  assert.deepEqual([mine.authenticated, mine.hasParent, mine.hasCapability], [true, false, false])
  assert.throws(() => mine.parent, /no parent/)
  for (const payload of [{ b: 1, a: { 10: 'x', 9: 'y' } }, 'AXESIA']) {
    const options = { protected: { typ: 'JWT' } }
    assert.deepEqual(
      await mine.createJWS(payload, options),
      await theirs.createJWS(payload, structuredClone(options))
    )
  }
  const [one, two] = [await mine.createDagJWS({ a: 1 }), await theirs.createDagJWS({ a: 1 })]
  assert.deepEqual(one.jws, two.jws)
  assert.notEqual((await createDIDKey()).id, (await createDIDKey()).id)
  assert.equal(await codeOf(createDIDKey(new Uint8Array(31))), 'invalid_option')
})

test('a session is put together of capability and seed, and written as the peer writes it', async () => {
  const account = wallet()
  const didKey = await createDIDKey(SEED)
  const cacao = account.capability(didKey.id)
  const did = await createDIDCacao(didKey, cacao)
  assert.deepEqual([did instanceof DID, did.id, did.parent], [true, didKey.id, account.did])
  assert.equal((await DIDSession.initDID(didKey, cacao)).parent, account.did)
  const session = new DIDSession({ cacao, keySeed: SEED, did })
  assert.equal(session.did, did)
  assert.ok(session instanceof DIDSession && session instanceof main.DIDSession)
  assert.deepEqual([session.id, session.authorizations], [account.did, RESOURCES])
  assert.throws(() => session.expireInSecs, { code: 'no_expiry' })

  const theirs = new peer.DIDSession({ cacao, keySeed: SEED, did: await peerKey() })
  assert.equal(session.serialize(), theirs.serialize())
  const restored = await DIDSession.fromSession(theirs.serialize())
  assert.ok(restored instanceof DIDSession && restored.did instanceof DID)
  assert.equal(restored.serialize(), session.serialize())
  const without = new DIDSession({ cacao, keySeed: SEED })
  assert.deepEqual([without.did.id, without.serialize()], [did.id, session.serialize()])

  const options = { issuer: session.id, capability: cacao, verifiers }
  await judge.verifyJWS(await session.did.createJWS({ a: 1 }), options)
  await judge.verifyJWS(await without.did.createJWS({ a: 1 }), options)
})

test('a session is put together of capability and DID, whoever holds the key', async () => {
  const account = wallet()
  const didKey = await peerKey()
  const cacao = account.capability(didKey.id, {
    expirationTime: new Date(Date.now() + HOUR).toISOString(),
  })
  const did = await createDIDCacao(didKey, cacao)
  const session = new DIDSession({ cacao, did })
  assert.equal(session.did, did)
  assert.deepEqual([session.id, session.authorizations], [account.did, RESOURCES])
  assert.deepEqual([session.isExpired, session.isAuthorized(RESOURCES)], [false, true])
  assert.ok(session.expireInSecs > 3590 && session.expireInSecs <= 3600)
  assert.throws(() => session.serialize(), { code: 'secure_session' })
  assert.equal(await codeOf(session.fetch('https://app.example/')), 'no_session_key')
  await judge.verifyJWS(await session.did.createJWS({ a: 1 }), {
    issuer: session.id,
    capability: cacao,
    verifiers,
  })
  // through the provider, too
  const again = new DID({ provider: session.provider, resolver: getResolver(), capability: cacao })
  await again.authenticate()
  await judge.verifyJWS(await again.createJWS({ a: 1 }), {
    issuer: session.id,
    capability: cacao,
    verifiers,
  })
  // a DID of ours brings its session along
  const own = await authorize()
  const same = new DIDSession({ cacao: own.cacao, did: own.did })
  assert.equal(same.serialize(), own.serialize())
})

test('a capability that is given is judged', async () => {
  const account = wallet()
  const didKey = await createDIDKey(SEED)
  const cacao = account.capability(didKey.id)
  const changed = { ...cacao, p: { ...cacao.p, resources: ['ceramic://*'] } }
  const unsigned = { h: cacao.h, p: cacao.p }
  const stranger = account.capability((await createDIDKey()).id)
  const later = account.capability(didKey.id, {
    issuedAt: new Date(Date.now() + HOUR).toISOString(),
  })
  const foreign = await peerKey()
  for (const key of [didKey, foreign]) {
    const did = await createDIDCacao(key, cacao)
    const refused = async (capability) => [
      await codeOf(createDIDCacao(key, capability)),
      await codeOf(DIDSession.initDID(key, capability)),
      await codeOf(() => new DIDSession({ cacao: capability, keySeed: SEED, did })),
      await codeOf(() => new DIDSession({ cacao: capability, did })),
    ]
    assert.deepEqual(await refused(changed), Array(4).fill('signature_mismatch'))
    assert.deepEqual(await refused(unsigned), Array(4).fill('unsigned'))
    assert.deepEqual(await refused(later), Array(4).fill('not_yet_valid'))
    const others = new Set(await refused(stranger))
    for (const code of others) assert.match(code, /^(audience|key)_mismatch$/)
    for (const nothing of [undefined, null, 'text', {}, [], 1]) {
      for (const code of await refused(nothing)) assert.equal(code, 'invalid_option')
    }
  }
  assert.throws(() => didKey.withCapability(changed), { code: 'signature_mismatch' })
  for (const parts of [undefined, null, {}, { cacao }, { cacao, did: {} }]) {
    assert.equal(await codeOf(() => new DIDSession(parts)), 'invalid_option')
  }
  for (const did of [didKey, foreign, await createDIDCacao(didKey, account.capability(didKey.id))]) {
    assert.equal(await codeOf(() => new DIDSession({ cacao, did })), 'invalid_option')
  }
  const stray = await createDIDKey()
  assert.equal(
    await codeOf(() => new DIDSession({ cacao, keySeed: SEED, did: stray })),
    'invalid_option'
  )
  const other = new Uint8Array(32).fill(9)
  assert.equal(
    await codeOf(() => new DIDSession({ cacao, keySeed: other, did: didKey })),
    'key_mismatch'
  )
})

test('withCapability gives another DID of the same key', async () => {
  const [one, two] = [wallet(), wallet()]
  const session = await authorize(one)
  const cacao = two.capability(session.did.id)
  const did = session.did.withCapability(cacao)
  assert.deepEqual([did instanceof DID, did.id, did.parent], [true, session.did.id, two.did])
  await judge.verifyJWS(await did.createJWS({ a: 1 }), {
    issuer: two.did,
    capability: cacao,
    verifiers,
  })
  assert.equal(session.did.parent, one.did)
})

test('an expired capability is looked at, and signs nothing', async () => {
  const didKey = await createDIDKey(SEED)
  const cacao = wallet().capability(didKey.id, {
    issuedAt: new Date(Date.now() - 2 * HOUR).toISOString(),
    expirationTime: new Date(Date.now() - HOUR).toISOString(),
  })
  const did = await createDIDCacao(didKey, cacao)
  const session = new DIDSession({ cacao, keySeed: SEED, did })
  assert.deepEqual([session.isExpired, session.expireInSecs, session.isAuthorized()], [true, 0, false])
  await assert.rejects(did.createJWS({ a: 1 }), {
    code: 'expired',
    message: 'Capability is expired, cannot create a valid signature',
  })
  assert.equal(await codeOf(did.createDagJWS({ a: 1 })), 'expired')
})

test('options of the caller stay as they are', async () => {
  const { did } = await authorize()
  const options = Object.freeze({ protected: Object.freeze({ typ: 'JWT' }) })
  const [{ protected: header }] = (await did.createJWS({ a: 1 }, options)).signatures
  assert.equal(JSON.parse(Buffer.from(header, 'base64url')).typ, 'JWT')
  await did.createDagJWS({ a: 1 }, options)
})

test('setProvider and setResolver', async () => {
  const { did, id } = await authorize()
  assert.throws(() => did.setProvider(new Ed25519Provider(SEED)), /different provider/)
  await assert.rejects(did.resolve('did:test:abc'), /Failed to resolve did:test:abc/)
  const didDocument = { id: 'did:test:abc' }
  const answer = { didResolutionMetadata: {}, didDocument, didDocumentMetadata: {} }
  did.setResolver({ test: async () => answer, ...getResolver() })
  assert.deepEqual((await did.resolve('did:test:abc')).didDocument, didDocument)
  assert.equal((await did.resolve(id)).didDocument.id, id)
  await did.createJWS({ a: 1 })
})

test('JWE: what is encrypted to the key of a session is decrypted by it', async () => {
  const [one, two] = [(await authorize()).did, await createDIDKey(SEED)]
  const theirs = await peerKey(new Uint8Array(32).fill(3))
  const cleartext = new TextEncoder().encode('zażółć')
  for (const sender of [one, two, theirs]) {
    const jwe = await sender.createJWE(cleartext, [one.id, two.id, theirs.id])
    for (const recipient of [one, two, theirs]) {
      assert.deepEqual(Uint8Array.from(await recipient.decryptJWE(jwe)), cleartext)
    }
    const dag = await sender.createDagJWE({ some: 'data', n: [1] }, [one.id, theirs.id])
    assert.deepEqual(await one.decryptDagJWE(dag), { some: 'data', n: [1] })
    assert.deepEqual(await theirs.decryptDagJWE(dag), { some: 'data', n: [1] })
    await assert.rejects(two.decryptDagJWE(dag), /Failed to decrypt/)
  }
  // through the provider of the session, as dids asks it
  const session = await authorize()
  const did = new DID({ provider: session.provider, resolver: getResolver() })
  await did.authenticate()
  assert.deepEqual(
    Uint8Array.from(await did.decryptJWE(await two.createJWE(cleartext, [did.id]))),
    cleartext
  )
  const cacao = wallet().capability(theirs.id)
  const held = new DIDSession({ cacao, did: await createDIDCacao(theirs, cacao) })
  // who holds the key decrypts
  const jwe = await two.createJWE(cleartext, [theirs.id])
  assert.deepEqual(Uint8Array.from(await held.did.decryptJWE(jwe)), cleartext)
})

test('documents are those of key-did-resolver', async () => {
  const dids = [
    (await createDIDKey(SEED)).id,
    'did:key:zDnaeUKTWUXc1HDpGfKbEK31nKLN19yX5aunFd7VK1CUMeyJu',
    'did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme',
  ]
  const { did } = await main.DIDSession.fromSession((await authorize()).serialize())
  for (const key of dids) {
    const theirs = await judge.resolve(key)
    assert.deepEqual((await (await authorize()).did.resolve(key)).didDocument, theirs.didDocument)
    assert.deepEqual(await did.resolve(key), theirs)
  }
  const [key] = dids
  const asked = (accept, resolvers = getResolver()) =>
    resolvers.key(key, { id: key.slice(8) }, undefined, { accept })
  for (const accept of ['application/did+json', 'application/did+ld+json', 'text/plain', undefined]) {
    assert.deepEqual(
      JSON.parse(JSON.stringify(await asked(accept))),
      JSON.parse(JSON.stringify(await asked(accept, KeyResolver.getResolver()))),
      accept
    )
  }
  // rule: a page does not carry curves that no session key and no account has
  const p384 = 'did:key:z82LkvCwHNreneWpsgPEbV3gu1C6NFJEBg4srfJ5gdxEsMGRJUz2sG9FE42shbn2xkZJh54'
  for (const wrong of [p384, 'did:key:abc', 'did:key:', 'did:test:abc', 'text', '', undefined]) {
    assert.equal(await codeOf(did.resolve(wrong)), 'not_resolved')
  }
})

test('a did:pkh has a document, too', async () => {
  const { did, id } = await authorize()
  const { didDocument } = await did.resolve(id)
  const account = id.slice('did:pkh:'.length)
  assert.deepEqual(didDocument, {
    id,
    verificationMethod: [
      {
        id: `${id}#blockchainAccountId`,
        type: 'EcdsaSecp256k1RecoveryMethod2020',
        controller: id,
        blockchainAccountId: account,
      },
    ],
    authentication: [`${id}#blockchainAccountId`],
    assertionMethod: [`${id}#blockchainAccountId`],
  })
  const tezos = 'did:pkh:tezos:NetXdQprcVkpaWU:tz1VSUr8wwNhLAzempoch5d6hLRiTh8Cjcjb'
  assert.equal((await did.resolve(tezos)).didDocument.verificationMethod[1].type, 'TezosMethod2021')
  const wrong = await getResolver().pkh('did:pkh:x', {}, undefined, {})
  assert.equal(wrong.didResolutionMetadata.error, 'invalidDid')
})

test('verifyJWS judges the time as dids does', async () => {
  const didKey = await createDIDKey(SEED)
  const [from, until] = [Date.parse('2024-01-01T00:00:00Z'), Date.parse('2024-01-02T00:00:00Z')]
  const cacao = wallet().capability(didKey.id, {
    issuedAt: new Date(from).toISOString(),
    expirationTime: new Date(until).toISOString(),
  })
  // signed in time, as far as the JWS says: it names the capability only
  const signer = new DID({
    provider: new Ed25519Provider(SEED),
    resolver: KeyResolver.getResolver(),
  })
  await signer.authenticate()
  const jws = await signer.createJWS({ a: 1 })
  const issuer = cacao.p.iss.toLowerCase()
  const outcome = async (did, options) =>
    did
      .verifyJWS(jws, { issuer, capability: cacao, verifiers, ...options })
      .then(() => true, () => false)
  const MINUTE = 60_000
  const times = [
    from - HOUR,
    from - 4 * MINUTE,
    from + HOUR,
    until + 4 * MINUTE,
    until + 6 * MINUTE,
    until + 2 * HOUR,
    undefined,
  ]
  let accepted = 0
  for (const time of times) {
    const atTime = time === undefined ? undefined : new Date(time)
    for (const disableTimecheck of [undefined, false, true]) {
      for (const revocationPhaseOutSecs of [undefined, 0, 3600, 86_400 * 10_000]) {
        const options = { atTime, disableTimecheck, revocationPhaseOutSecs }
        const mine = await outcome(didKey, options)
        assert.equal(mine, await outcome(judge, options), JSON.stringify(options))
        accepted += mine
      }
    }
  }
  assert.ok(accepted > 20 && accepted < times.length * 12)
})

test('options of verifyJWS have their types', async () => {
  const { did, id, cacao } = await authorize()
  const jws = await did.createJWS({ a: 1 })
  const judged = (options) => codeOf(did.verifyJWS(jws, { issuer: id, capability: cacao, ...options }))
  for (const wrong of [
    { atTime: 'now' },
    { atTime: 1 },
    { atTime: new Date(NaN) },
    { atTime: new Date(-1) },
    { disableTimecheck: 'yes' },
    { revocationPhaseOutSecs: '1' },
    { revocationPhaseOutSecs: -1 },
    { revocationPhaseOutSecs: NaN },
    { verifiers: 'all' },
    { capability: null },
    { capability: 'none' },
    { capability: {} },
    { domain: 1 },
    { issuer: 1 },
  ]) {
    assert.equal(await judged(wrong), 'invalid_option', JSON.stringify(wrong))
  }
  assert.equal(await judged({}), 'accepted')
  assert.equal(await judged({ verifiers }), 'accepted')
  // who names verifiers takes their kinds and no other
  assert.equal(await judged({ verifiers: {} }), 'unsupported_kind')
  assert.equal(await judged({ verifiers: { 'solana:ed25519': () => {} } }), 'unsupported_kind')
  assert.equal(await judged({ domain: DOMAIN }), 'accepted')
  assert.equal(await judged({ domain: 'other.example' }), 'domain_mismatch')
})

test('DIDs that only the resolver of the page knows are judged by dids', async () => {
  const { did } = await authorize()
  const document = (await judge.resolve((await peerKey()).id)).didDocument
  const id = 'did:test:abc'
  const metadata = {}
  const methods = document.verificationMethod.map((method) => ({ ...method, id: `${id}#key` }))
  const didDocument = { ...document, id, verificationMethod: methods }
  const test = async () => ({
    didResolutionMetadata: {},
    didDocument,
    didDocumentMetadata: metadata,
  })
  const sign = new Ed25519Provider(SEED)
  const { result } = await sign.send({
    jsonrpc: '2.0',
    id: 1,
    method: 'did_createJWS',
    params: { did: (await peerKey()).id, payload: { a: 1 } },
  })
  // the same signature input, but for the kid: made by hand
  const header = { alg: 'EdDSA', kid: `${id}#key` }
  const encoded = Buffer.from(JSON.stringify(header)).toString('base64url')
  const { ed25519 } = await import('@noble/curves/ed25519')
  const { payload } = result.jws
  const signature = ed25519.sign(Buffer.from(`${encoded}.${payload}`), SEED)
  const jws = `${encoded}.${payload}.${Buffer.from(signature).toString('base64url')}`

  await assert.rejects(did.verifyJWS(jws), /unsupportedDidMethod/)
  did.setResolver({ test, ...getResolver() })
  assert.deepEqual((await did.verifyJWS(jws)).payload, { a: 1 })
  // a key that was given up counts for what was signed before, and for a while after
  metadata.nextUpdate = '2024-01-01T00:00:00Z'
  const at = (time, more) => did.verifyJWS(jws, { atTime: new Date(time), ...more })
  await at('2023-12-31T00:00:00Z')
  await assert.rejects(at('2024-01-01T00:10:00Z'), /revoked/)
  await at('2024-01-01T00:10:00Z', { revocationPhaseOutSecs: 1200 })
  await at('2024-01-01T00:10:00Z', { disableTimecheck: true })
  // yet nobody gets past wasm with a did:key
  const key = async () => ({ ...(await test()), didDocument: { ...didDocument, id: did.id } })
  did.setResolver({ key })
  const own = await did.createJWS({ a: 1 })
  assert.equal(await codeOf(did.verifyJWS({ ...own, payload })), 'accepted')
  const other = await did.createJWS({ a: 2 })
  assert.equal(await codeOf(did.verifyJWS({ ...own, payload: other.payload })), 'invalid_signature')
})

test('an auth method that sets its own domain works when the page says so', async () => {
  const account = wallet()
  const honest = await ours.EthereumWebAuth.getAuthMethod(account, account.account)
  const method = (options) => honest({ ...options, domain: 'testapp' })
  const ask = (more) => DIDSession.authorize(method, { resources: RESOURCES, ...more })
  await assert.rejects(ask({ domain: DOMAIN }), (error) => {
    assert.equal(error.code, 'answer_differs')
    assert.match(error.message, /"testapp".*"app\.example"/)
    assert.match(error.message, /configure\({ domains: \["testapp"\] }\)/)
    return true
  })
  assert.equal((await ask({ domain: 'testapp' })).cacao.p.domain, 'testapp')
  await DIDSession.configure({ domains: ['testapp'] })
  try {
    assert.equal((await ask({ domain: DOMAIN })).cacao.p.domain, 'testapp')
  } finally {
    await DIDSession.configure({})
  }
})

test('getAccountIdByDID and cacaoContainsResources, on both entries', async () => {
  const { id, cacao } = await authorize()
  for (const entry of [main, ours]) {
    const account = entry.getAccountIdByDID(id)
    const theirs = peer.getAccountIdByDID(id)
    assert.equal(String(account), String(theirs))
    assert.deepEqual(JSON.parse(JSON.stringify(account)), JSON.parse(JSON.stringify(theirs)))
    assert.deepEqual(
      [account.address, account.chainId.namespace, account.chainId.reference],
      [theirs.address, theirs.chainId.namespace, theirs.chainId.reference]
    )
    await entry.EthereumWebAuth.getAuthMethod(wallet(), account)
    for (const wrong of ['', 'did:key:z6Mk', 'did:pkh:eip155:1', undefined]) {
      assert.throws(() => entry.getAccountIdByDID(wrong), { code: 'invalid_option' })
    }
    const contains = entry.cacaoContainsResources
    assert.deepEqual(
      [contains(cacao, RESOURCES), contains(cacao, []), contains(cacao, ['ceramic://*'])],
      [true, true, false]
    )
    assert.equal(contains({ p: {} }, RESOURCES), false)
  }
})

test('everything of the main entry is there, in the code and in the types', async () => {
  for (const name of Object.keys(main)) assert.ok(name in ours, name)
  const names = (of) => Object.getOwnPropertyNames(of)
  for (const name of names(main.DIDSession)) assert.ok(name in DIDSession, name)
  for (const name of names(main.DIDSession.prototype)) assert.ok(name in DIDSession.prototype, name)
  const members = async (file) => {
    const text = await readFile(new URL(`../js/${file}`, import.meta.url), 'utf8')
    const [, body] = /^export class DIDSession \{\n(.*?)^\}/ms.exec(text)
    return body.match(/^  (?:static |readonly )?\w+(?=[(:])/gm).map((line) => line.trim())
  }
  const declared = await members('dids.d.ts')
  for (const member of await members('index.d.ts')) assert.ok(declared.includes(member), member)
})
