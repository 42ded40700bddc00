// The checks of ReCaps (ERC-5573) beside the packages that write them; the shape is that of
// checks.mjs.

import assert from 'node:assert/strict'

import * as connector from '@walletconnect/utils'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { Recap } from 'siwe-recap'

import * as inputs from './inputs.mjs'
import { Wallet } from './wallet.mjs'

/** Characters of abilities; a namespace of digits alone is not written. */
const NAME = 'abcxyzABCXYZ0189.*_+-'
const FIRST = 'abcxyzABCXYZ.*_+-'

const name = (random) => random.pick(FIRST) + random.text(random.int(0, 6), NAME)

function target(random) {
  return random.pick([
    () => `https://${random.text(5)}.example/${random.text(4)}?q=~(${random.text(2)})#[1]`,
    () => `mailto:${random.text(4)}@${random.text(4)}.example`,
    () => `my:resource:uri.${random.int(0, 12)}`,
    () => `kepler:${random.text(4)}://default/kv%20`,
    () => `urn:x:${random.text(9)}`,
  ])()
}

/** `{target: {ability: [restriction]}}`, in any order, not empty. */
function abilities(random, restriction) {
  const att = {}
  for (let left = random.int(1, 5); left > 0; left--) {
    const of = (att[target(random)] = {})
    const namespaces = random.list(random.int(1, 4), () => name(random))
    for (let more = random.int(1, 7); more > 0; more--) {
      of[`${random.pick(namespaces)}/${name(random)}`] = random.list(random.int(1, 3), restriction)
    }
  }
  return att
}

/** A restriction without names that are whole numbers, whose order JavaScript changes. */
function restriction(random) {
  if (random.chance(0.6)) return {}
  const text = JSON.stringify(inputs.jsonObject(random, 1))
  return JSON.parse(text, (_, value) => (isObject(value) ? withoutIndexes(value) : value))
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)

function withoutIndexes(object) {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !/^\d+$/.test(key)))
}

function proofs(random) {
  const cid = () => CID.createV1(0x71, Digest.create(0x12, random.bytes(32))).toString()
  return [...new Set(random.list(random.int(0, 3), cid))]
}

/** What we show, in the shape of `att`; each restriction once, as we read them. */
function att(shown) {
  const found = {}
  for (const { target, ability, restrictions } of shown.abilities) {
    found[target] = { ...found[target], [ability]: restrictions }
  }
  return found
}

function once(list) {
  return list.filter((one, at) => list.findIndex((other) => same(one, other)) === at)
}

function same(one, other) {
  try {
    assert.deepEqual(one, other)
    return true
  } catch {
    return false
  }
}

function onceEach(att) {
  const entries = Object.entries(att).map(([target, of]) => [
    target,
    Object.fromEntries(Object.entries(of).map(([ability, list]) => [ability, once(list)])),
  ])
  return Object.fromEntries(entries)
}

/** Ours, asked for by `login`, written and said to the letter as siwe-recap does, and read alike. */
export function* ours({ cli, cases, random }) {
  for (let index = 0; index < cases; index++) {
    yield [`ReCap ${index}`, async () => {
      const asked = onceEach(abilities(random, () => restriction(random)))
      const prf = proofs(random)
      const wallet = new Wallet(random)
      const wish = { chain: 1, resources: inputs.resources(random), domain: 'app.example', expiresIn: '7d' }
      wish.statement = random.chance(0.7) ? inputs.plainStatement(random) : undefined
      cli.login(wallet, { ...wish, recap: JSON.stringify({ prf, att: asked }) })
      const account = wallet.account(1).toString()
      const shown = cli.inspect(cli.export(account))
      cli.logout(account)

      const theirs = new Recap(asked, prf)
      assert.equal(shown.resources.at(-1), theirs.encode(), 'the resource')
      assert.deepEqual(shown.resources.slice(0, -1), wish.resources, 'the others')
      assert.ok(shown.statement.endsWith(theirs.statement), `the words: ${shown.statement}`)
      assert.deepEqual(Recap.extract_and_verify(shown).attenuations, asked, 'what it reads')
      assert.deepEqual(att(shown.recap), asked, 'what we read')
      assert.equal(shown.recap.in_statement, true)

      // connectors read the characters that the two alphabets have in common
      if (/[-_]/.test(shown.resources.at(-1))) return
      const read = connector.getDecodedRecapFromResources(shown.resources)
      assert.deepEqual(read.att, asked, 'what a connector reads')
      assert.equal(connector.formatStatementFromRecap(shown.statement, read), shown.statement)
    }]
  }
}

/** Those of siwe-recap, made one ability after the other. */
export function* ofSiweRecap({ cli, cases, random }) {
  for (let index = 0; index < cases; index++) {
    yield [`ReCap ${index}`, async () => {
      const recap = new Recap()
      const asked = abilities(random, () => restriction(random))
      for (const [target, of] of Object.entries(asked)) {
        for (const [ability, list] of Object.entries(of)) {
          for (const one of list) recap.addAttenuation(target, ...ability.split('/'), one)
        }
      }
      for (const proof of proofs(random)) recap.addProof(proof)
      const { recap: shown } = cli.inspect(recap.encode())
      assert.deepEqual(att(shown), onceEach(recap.attenuations), 'the abilities')
      assert.deepEqual(shown.proofs ?? [], recap.proofs.map(String), 'the proofs')
      assert.equal(shown.translation, recap.statement, 'the words')
      assert.equal(shown.notes, undefined, 'nothing to note')
    }]
  }
}

/** Capabilities of wallet connectors, whose statement says the ReCap. */
export function* ofConnector({ cli, cases, random, now }) {
  for (let index = 0; index < cases; index++) {
    yield [`capability ${index}`, async () => {
      const made = random.list(random.int(1, 5), () => {
        const limits = random.chance(0.5) ? { chains: ['eip155:1'] } : {}
        const names = [...new Set(random.list(random.int(1, 5), () => name(random)))]
        const of = random.pick(['eip155', 'eip155', 'solana', target(random)])
        return connector.createRecap(of, random.pick(['request', 'notify', 'a', 'Z', '7', '10']), names, limits)
      })
      const recap = made.reduce((one, other) => connector.mergeRecaps(one, other))
      const own = random.chance(0.7) ? inputs.statement(random) : ''
      const statement = connector.formatStatementFromRecap(own, recap)
      const { capability, text } = signed(random, now, statement, connector.encodeRecap(recap))
      assert.ok(text.includes(`\n${statement}\n`), 'the statement is signed as it stands')

      const verdict = cli.verify(JSON.stringify(capability), { at: now })
      assert.ok(verdict.valid, `it is accepted: ${verdict.code} ${verdict.detail}\n  ${JSON.stringify(capability)}`)
      assert.deepEqual(att(verdict.recap), recap.att, 'the abilities')
      assert.ok(statement.endsWith(verdict.recap.translation), 'the words')

      // one more than the statement says
      recap.att[Object.keys(recap.att)[0]]['request/never-said'] = [{}]
      const wider = signed(random, now, statement, connector.encodeRecap(recap))
      const refused = cli.verify(JSON.stringify(wider.capability), { at: now })
      assert.equal(refused.code, 'recap_not_in_statement')
    }]
  }
}

/** A capability as a wallet connector makes it, and the text that was signed. */
function signed(random, now, statement, resource) {
  const wallet = new Wallet(random)
  const issuer = `did:pkh:${wallet.account(1)}`
  const payload = {
    domain: 'app.example',
    aud: 'https://app.example/login',
    version: '1',
    nonce: random.text(12),
    iat: new Date(now).toISOString(),
    statement,
    resources: [resource],
  }
  const text = connector.formatMessage({ ...payload, iss: issuer }, issuer)
  const capability = connector.buildAuthObject(payload, { t: 'eip191', s: wallet.sign(text) }, issuer)
  return { capability, text }
}

export const CHECKS = {
  'our ReCaps in siwe-recap': ours,
  "siwe-recap's ReCaps in ours": ofSiweRecap,
  "wallet connectors' ReCaps in ours": ofConnector,
}
