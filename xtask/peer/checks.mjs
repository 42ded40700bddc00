// The checks of the live peer. Each is a generator of cases: a name and work that throws, or
// returns what it found wrong.

import assert from 'node:assert/strict'

import { p256 } from '@noble/curves/p256'
import { p384 } from '@noble/curves/p384'
import { p521 } from '@noble/curves/p521'
import { ed25519 } from '@noble/curves/ed25519'
import { secp256k1 } from '@noble/curves/secp256k1'
import * as dagJson from '@ipld/dag-json'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'

import * as inputs from './inputs.mjs'
import * as peer from './peer.mjs'
import { compare } from './rules.mjs'
import * as tamper from './tamper.mjs'
import { Wallet } from './wallet.mjs'

const HOUR = 3_600_000
const link = (digest) => CID.createV1(0x71, Digest.create(0x12, digest))
const plain = (value) => JSON.parse(JSON.stringify(value))

/** Our `login`, used by the peer. */
export function* ourSessions({ cli, cases, random }) {
  for (let index = 0; index < cases; index++) {
    yield [`session ${index}`, async () => {
      const wallet = new Wallet(random)
      const chain = random.pick(inputs.CHAINS)
      const wish = {
        chain,
        resources: inputs.resources(random),
        domain: inputs.domain(random),
        statement: random.chance(0.7) ? inputs.plainStatement(random) : undefined,
        expiresIn: random.pick(['90m', '36h', '7d', '30d']),
      }
      cli.login(wallet, wish)
      const account = wallet.account(chain).toString()
      const text = cli.export(account)
      const session = await peer.load(text)
      const issuer = `did:pkh:${account}`
      assert.equal(session.serialize(), text, 'serialize() gives the same string')
      assert.equal(session.id, issuer, 'the issuer')
      assert.equal(session.did.id, session.cacao.p.aud, 'the key is the audience')
      assert.equal(session.cacao.p.domain, wish.domain, 'the domain')
      assert.deepEqual(session.authorizations, wish.resources, 'the resources')
      assert.equal(session.isExpired, false, 'isExpired')
      // as a record with the word of a contract is stored
      const members = JSON.parse(Buffer.from(text, 'base64url').toString())
      const kept = JSON.stringify({ ...members, evidence: { capability: 'bafy', askedAt: 1 } })
      const again = await peer.load(Buffer.from(kept).toString('base64url'))
      assert.equal(again.serialize(), text, 'evidence beside the session is ignored')
      for (const asked of [wish.resources, wish.resources.slice(1), ['ceramic://never-granted']]) {
        const theirs = session.isAuthorized(asked)
        assert.equal(cli.isAuthorized(account, asked), theirs, `isAuthorized ${asked}`)
      }
      const accepted = await peer.verdict(session.cacao, Date.now())
      assert.ok(accepted.accepted, `the capability verifies: ${accepted.error}`)

      const capability = JSON.stringify(session.cacao)
      const jws = await session.did.createJWS(inputs.jsonObject(random))
      const onJws = cli.verify(JSON.stringify(jws), { issuer, capability })
      assert.ok(onJws.valid, `its JWS is accepted: ${onJws.code} ${onJws.detail}`)
      const onCompact = cli.verify(tamper.compact(jws), { issuer, capability })
      assert.ok(onCompact.valid, `its compact JWS is accepted: ${onCompact.code}`)
      const dag = await session.did.createDagJWS(inputs.ipld(random, link))
      const onDag = cli.verify(dagJson.stringify(dag.jws), { issuer, capability })
      assert.ok(onDag.valid, `its DagJWS is accepted: ${onDag.code} ${onDag.detail}`)
      cli.logout(account)
    }]
  }
}

/** The peer's `authorize`, used by us. */
export function* peerSessions({ cli, cases, random, now }) {
  for (let index = 0; index < cases; index++) {
    yield [`session ${index}`, async () => {
      const made = await peer.authorize(random, now - random.int(0, 9) * 60_000, inputs.longLife(random))
      const { session, text, issuer } = made
      const imported = cli.import(text)
      assert.equal(imported.code, 0, `import: ${imported.stderr}`)
      assert.equal(cli.export(issuer), text, 'export gives the same string')
      assert.ok(cli.isAuthorized(issuer, session.authorizations), 'it is authorized')

      const capability = session.cacao
      const object = inputs.jsonObject(random)
      const ours = cli.sign(issuer, object)
      assert.deepEqual(ours.jws, plain(await session.did.createJWS(object)), 'the same JWS')
      const onJws = await peer.verdictOnJws(ours.jws, { issuer, capability })
      assert.ok(onJws.accepted, `our JWS is accepted: ${onJws.error}`)

      const value = inputs.ipld(random, link)
      const dag = cli.signDag(issuer, dagJson.stringify(value))
      const theirs = await session.did.createDagJWS(value)
      assert.deepEqual(dag.jws, JSON.parse(dagJson.stringify(theirs.jws)), 'the same DagJWS')
      assert.deepEqual(dag.linkedBlock, Buffer.from(theirs.linkedBlock), 'the same linked block')
      assert.deepEqual(dag.cacaoBlock, Buffer.from(theirs.cacaoBlock), 'the same capability block')
      const { payload, signatures } = dag.jws
      const onDag = await peer.verdictOnJws({ payload, signatures }, { issuer, capability })
      assert.ok(onDag.accepted, `our DagJWS is accepted: ${onDag.error}`)
      cli.logout(issuer)
    }]
  }
}

/** Sessions that are over: both load them, say so, and do not sign. */
export function* expiredSessions({ cli, cases, random, now }) {
  for (let index = 0; index < Math.ceil(cases / 4); index++) {
    yield [`session ${index}`, async () => {
      const life = random.int(600, 7200)
      const { text, issuer } = await peer.authorize(random, now - 24 * HOUR, life)
      const session = await peer.load(text)
      assert.equal(session.isExpired, true)
      const imported = cli.import(text)
      assert.equal(imported.code, 0, `import: ${imported.stderr}`)
      assert.equal(cli.export(issuer), text, 'export gives the same string')
      assert.equal(cli.isAuthorized(issuer, []), false, 'it is not authorized')
      assert.equal(session.isAuthorized(), false)
      await assert.rejects(session.did.createJWS({ x: 1 }), 'the peer does not sign')
      assert.equal(cli.sign(issuer, { x: 1 }).code, 1, 'we do not sign')
      cli.logout(issuer)
    }]
  }
}

/** What a capability says, its identifier, and the text the wallet signed. */
export function* inspected({ cli, cases, random, now }) {
  for (let index = 0; index < cases; index++) {
    yield [`capability ${index}`, async () => {
      const { session, text } = await peer.authorize(random, now - random.int(0, 1000) * HOUR)
      const { p } = session.cacao
      for (const input of [text, JSON.stringify(session.cacao)]) {
        const shown = cli.inspect(input)
        assert.equal(shown.cid, await peer.cid(session.cacao), 'cid')
        assert.equal(shown.message, peer.message(session.cacao), 'message')
        assert.equal(shown.issuer, session.id, 'issuer')
        assert.equal(shown.account, session.id.slice('did:pkh:'.length), 'account')
        const members = {
          audience: p.aud,
          domain: p.domain,
          statement: p.statement,
          nonce: p.nonce,
          issued_at: p.iat,
          expires_at: p.exp,
          not_before: p.nbf,
          request_id: p.requestId,
          resources: p.resources,
        }
        for (const [name, value] of Object.entries(members)) {
          assert.deepEqual(shown[name], value, name)
        }
      }
    }]
  }
}

/** Spoiled capabilities: the same answer, or a rule of ours. */
export function* spoiledCapabilities({ cli, cases, random, now, rules, ruled }) {
  for (const name of tamper.names(tamper.CAPABILITY, cases, random)) {
    yield [name, async () => {
      const begun = now - random.int(0, 9) * 60_000
      const { session, wallet } = await peer.authorize(random, begun, 40 * 24 * 3600)
      const other = `did:key:z6Mk${random.text(44, '123456789ABCDEFGHJKLMNPQRSTUVWXYZ')}`
      const cacao = plain(session.cacao)
      const moved = tamper.CAPABILITY[name](cacao, { random, resign: tamper.resigner(wallet), other })
      const at = moved?.at ?? begun + 60_000
      const ours = cli.verify(JSON.stringify(cacao), { at })
      const found = compare(rules, name, ours, await peer.verdict(cacao, at))
      if (found.ruled) ruled()
      if (found.problem) throw new Error(`${found.problem}\n  ${JSON.stringify(cacao)} at ${at}`)
    }]
  }
}

/** Spoiled signatures under a capability that is whole. */
export function* spoiledSignatures({ cli, cases, random, now, rules, ruled }) {
  for (const name of tamper.names(tamper.SIGNATURE, cases, random)) {
    yield [name, async () => {
      const { session, issuer, text } = await peer.authorize(random, now)
      const { session: stranger } = await peer.authorize(random, now)
      const jws = tamper.compact(await session.did.createJWS(inputs.jsonObject(random)))
      const changed = await tamper.SIGNATURE[name](jws, {
        random,
        session,
        stranger,
        other: stranger.did.id,
        key: await peer.keyOf(text),
        cap: await peer.cid(session.cacao),
        otherCap: await peer.cid(stranger.cacao),
      })
      const asked = { jws: changed, issuer, capability: session.cacao, at: now }
      if (typeof changed !== 'string') Object.assign(asked, changed)
      const theirs = await peer.verdictOnJws(asked.jws, asked)
      const ours = cli.verify(asked.jws, { ...asked, capability: JSON.stringify(asked.capability) })
      const found = compare(rules, name, ours, theirs)
      if (found.ruled) ruled()
      if (found.problem) throw new Error(`${found.problem}\n  ${asked.jws}`)
    }]
  }
}

/** Spoiled session strings: none of them gets into the store. */
export function* spoiledSessions({ cli, cases, random, now }) {
  for (const name of tamper.names(tamper.SESSION, cases, random)) {
    yield [name, async () => {
      const { text, issuer } = await peer.authorize(random, now)
      const value = JSON.parse(Buffer.from(text, 'base64url'))
      tamper.SESSION[name](value, { random })
      const spoiled = Buffer.from(JSON.stringify(value)).toString('base64url')
      const { code, stderr } = cli.import(spoiled)
      assert.ok(code === 1 || code === 2, `import ended with ${code}`)
      assert.ok(stderr.length > 0, 'it says why')
      const seed = value.sessionKeySeed
      assert.ok(seed === undefined || !stderr.includes(seed), 'no secret is printed')
      assert.equal(cli.isAuthorized(issuer, []), false, 'nothing is stored')
    }]
  }
}

const KEYS = {
  Ed25519: { code: [0xed, 0x01], make: (random) => ed25519.getPublicKey(random.bytes(32)) },
  secp256k1: { code: [0xe7, 0x01], make: (random) => point(secp256k1, random, 32) },
  'P-256': { code: [0x80, 0x24], make: (random) => point(p256, random, 32) },
  'P-384': { code: [0x81, 0x24], make: (random) => point(p384, random, 48) },
  'P-521': { code: [0x82, 0x24], make: (random) => point(p521, random, 66) },
}

function point(curve, random, length) {
  for (;;) {
    const secret = random.bytes(length)
    if (length === 66) secret[0] &= 1
    if (curve.utils.isValidPrivateKey(secret)) return curve.getPublicKey(secret, true)
  }
}

/** Documents of keys of every type. */
export function* documents({ cli, cases, random }) {
  for (let index = 0; index < cases; index++) {
    for (const [type, { code, make }] of Object.entries(KEYS)) {
      yield [`${type} ${index}`, async () => {
        const did = `did:key:${base58btc.encode(Buffer.concat([Buffer.from(code), make(random)]))}`
        const ours = cli.resolve(did)
        const theirs = await peer.document(did)
        assert.equal(theirs.error, undefined)
        assert.deepEqual(ours.document, fixedWidth(plain(theirs.document)), ours.error ?? did)
      }]
    }
  }
}

/** The coordinates of a JWK have the width of the curve (RFC 7518, section 6.2.1.2). */
function fixedWidth(document) {
  const width = { secp256k1: 32, 'P-256': 32, 'P-384': 48, 'P-521': 66 }
  for (const { publicKeyJwk: jwk } of document.verificationMethod) {
    for (const axis of jwk === undefined ? [] : ['x', 'y']) {
      const bytes = Buffer.from(jwk[axis], 'base64url')
      jwk[axis] = Buffer.concat([Buffer.alloc(width[jwk.crv] - bytes.length), bytes]).toString('base64url')
    }
  }
  return document
}
