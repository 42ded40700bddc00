// The checks of the live peer for the chains beside Ethereum and for passkeys; the shape is that
// of checks.mjs.

import assert from 'node:assert/strict'

import * as dagJson from '@ipld/dag-json'

import { CHAINS } from './chains.mjs'
import * as inputs from './inputs.mjs'
import * as kinds from './kinds.mjs'
import { Passkey } from './passkey.mjs'
import * as peer from './peer.mjs'
import { compare } from './rules.mjs'
import * as tamper from './tamper.mjs'
import { spoilers } from './tamper-kinds.mjs'

const plain = (value) => JSON.parse(JSON.stringify(value))

/** Our auth method, judged and used by the peer. */
export const ourSessions = (kind) =>
  function* ({ cli, cases, random }) {
    for (let index = 0; index < cases; index++) {
      yield [`session ${index}`, async () => {
        const wish = { resources: inputs.resources(random), expiresIn: random.pick(['90m', '36h', '7d', '30d']) }
        const { text, issuer } = kind === 'passkey' ? byPasskey(cli, random, wish) : byKeyFile(kind, cli, random, wish)
        const capability = kinds.inside(text)
        const accepted = await peer.verdict(capability, Date.now())
        assert.ok(accepted.accepted, `the capability verifies: ${accepted.error}`)
        assert.equal(capability.p.iss, issuer, 'the issuer')
        assert.equal(capability.p.domain, wish.domain, 'the domain')

        const session = await peer.load(text)
        if (kind !== 'passkey') assert.equal(session.serialize(), text, 'serialize() gives the same string')
        assert.equal(session.id, issuer, 'the issuer of the session')
        assert.equal(session.did.id, capability.p.aud, 'the key is the audience')
        assert.deepEqual(session.authorizations, wish.resources, 'the resources')
        assert.ok(session.isAuthorized(wish.resources), 'isAuthorized')
        // the key alone: its capability is handed over beside the JWS
        const jws = await (await peer.keyOf(text)).createJWS(inputs.jsonObject(random), {
          protected: { cap: `ipfs://${await peer.cid(capability)}` },
        })
        const ours = cli.verify(JSON.stringify(jws), { issuer, capability: kinds.toJson(capability) })
        assert.ok(ours.valid, `its JWS is accepted: ${ours.code} ${ours.detail}`)
        const theirs = await peer.verdictOnJws(jws, { issuer, capability })
        assert.ok(theirs.accepted, `its JWS is accepted by the peer: ${theirs.error}`)
      }]
    }
  }

function byKeyFile(kind, cli, random, wish) {
  const wallet = new CHAINS[kind].Wallet(random)
  Object.assign(wish, { domain: inputs.domain(random), chain: wallet.chain })
  if (random.chance(0.7)) wish.statement = inputs.plainStatement(random)
  cli.loginWith(wallet.keyFile, wish)
  const account = wallet.account.toString()
  const text = cli.export(account)
  cli.logout(account)
  return { text, issuer: `did:pkh:${account}` }
}

function byPasskey(cli, random, wish) {
  const passkey = new Passkey(random)
  wish.domain = kinds.hostname(random)
  return { text: cli.passkeySession(passkey.secretHex, wish), issuer: passkey.did }
}

/** The peer's auth method, used by us. */
export const peerSessions = (kind) =>
  function* ({ cli, cases, random, now }) {
    for (let index = 0; index < cases; index++) {
      yield [`session ${index}`, async () => {
        const { session, text, issuer } = await kinds.authorize(kind, random, now - random.int(0, 9) * 60_000, { expiresInSecs: inputs.longLife(random) })
        const imported = cli.import(text)
        assert.equal(imported.code, 0, `import: ${imported.stderr}`)
        const exported = cli.export(issuer)
        if (kind === 'passkey') assert.equal(kinds.toJson(kinds.inside(exported)), kinds.toJson(session.cacao), 'export gives the same capability')
        else assert.equal(exported, text, 'export gives the same string')
        assert.ok(cli.isAuthorized(issuer, session.authorizations), 'it is authorized')

        const shown = cli.inspect(kinds.toJson(session.cacao))
        assert.equal(shown.cid, await peer.cid(session.cacao), 'cid')
        assert.equal(shown.message, kinds.message(kind, session.cacao), 'message')
        assert.equal(shown.kind, session.cacao.s.t, 'kind')

        const { jws } = cli.sign(issuer, inputs.jsonObject(random))
        const onJws = await peer.verdictOnJws(jws, { issuer, capability: session.cacao })
        assert.ok(onJws.accepted, `our JWS is accepted: ${onJws.error}`)
        cli.logout(issuer)
      }]
    }
  }

/** Spoiled capabilities: the same answer, or a rule of ours. */
export const spoiledCapabilities = (kind) =>
  function* ({ cli, cases, random, now, rules, ruled }) {
    const list = spoilers(kind)
    for (const name of tamper.names(list, cases, random)) {
      yield [name, async () => {
        const begun = now - random.int(0, 9) * 60_000
        const wish = { expiresInSecs: 40 * 24 * 3600, reference: list[name].reference }
        const { session, resign } = await kinds.authorize(kind, random, begun, wish)
        const other = `did:key:z6Mk${random.text(44, '123456789ABCDEFGHJKLMNPQRSTUVWXYZ')}`
        const cacao = kinds.copy(session.cacao)
        const moved = list[name](cacao, { random, resign, other })
        const at = moved?.at ?? begun + 60_000
        const json = kinds.toJson(cacao)
        const found = compare(rules, name, cli.verify(json, { at }), await peer.verdict(dagJson.parse(json), at), kind)
        if (found.ruled) ruled()
        if (found.problem) throw new Error(`${found.problem}\n  ${json} at ${at}`)
      }]
    }
  }

/** name → check, of every kind. */
export const CHECKS = Object.fromEntries(
  kinds.KINDS.flatMap((kind) => [
    [`our ${kind} sessions in the peer`, ourSessions(kind)],
    [`the peer's ${kind} sessions in ours`, peerSessions(kind)],
    [`spoiled ${kind} capabilities`, spoiledCapabilities(kind)],
  ]),
)
