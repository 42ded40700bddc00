// Records that were changed behind the library's back, one test for each row of the observations:
// never used, never deleted in silence, never in the way of a new session.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch, open } from './support/browser.mjs'

// one page for all rows: each has an account of its own
let world
let page
before(async () => {
  world = await launch()
  page = await open(await world.context(), world.url)
})
after(async () => {
  const errors = page?.errors
  await world.close()
  assert.deepEqual(errors, [], 'the page threw nothing')
})

const unreadable = 'unreadable_record'

/** What was done to the record `v`, and why it is not used. */
const ROWS = [
  ['an empty object', 'v = {}', unreadable],
  ['a text', "v = 'text'", unreadable],
  ['a number', 'v = 7', unreadable],
  ['cacao missing', 'delete v.cacao', unreadable],
  ['keypair missing', 'delete v.keypair', unreadable],
  ['cacao a text', "v.cacao = 'text'", unreadable],
  ['cacao without p', 'delete v.cacao.p', unreadable],
  // what the payload alone decides comes before the signature
  ['cacao without resources', 'delete v.cacao.p.resources', 'resource_not_granted'],
  ['resources a text', "v.cacao.p.resources = 'ceramic://*'", unreadable],
  ['cacao without iss', 'delete v.cacao.p.iss', unreadable],
  ['keypair an empty object', 'v.keypair = {}', unreadable],
  ['keypair without its private key', 'delete v.keypair.privateKey', unreadable],
  ['keypair without its public key', 'delete v.keypair.publicKey', unreadable],
  [
    'signature of the capability changed',
    "v.cacao.s.s = v.cacao.s.s.replace(/[1-8]/, (digit) => String(digit - 1))",
    'signature_mismatch',
  ],
  ['capability unsigned', 'delete v.cacao.s', 'unsigned'],
  [
    'resource added to the capability',
    "v.cacao.p.resources.push('ceramic://more')",
    'signature_mismatch',
  ],
  ['exp in the past', "v.cacao.p.exp = '2021-01-01T00:00:00.000Z'", 'expired'],
  [
    'exp ten years later',
    'v.cacao.p.exp = v.cacao.p.exp.replace(/^[0-9]{4}/, (year) => String(+year + 10))',
    'signature_mismatch',
  ],
  ['exp removed', 'delete v.cacao.p.exp', 'signature_mismatch'],
  [
    'exp folded into iat',
    "v.cacao.p.iat += '\\nExpiration Time: ' + v.cacao.p.exp; delete v.cacao.p.exp",
    unreadable,
  ],
  [
    'a made-up capability of signature type constructor',
    `v.cacao = { h: { t: 'eip4361' }, p: { ...v.cacao.p }, s: { t: 'constructor', s: '' } }
     v.cacao.p.iss = 'did:pkh:eip155:1:0x0000000000000000000000000000000000000001'`,
    'unsupported_kind',
  ],
  [
    'a made-up capability of signature type constructor, of this account',
    "v.cacao.s = { t: 'constructor', s: '' }",
    'unsupported_kind',
  ],
  ['exp not a date', "v.cacao.p.exp = 'tomorrow'", unreadable],
  ['iat in the future', "v.cacao.p.iat = '2999-01-01T00:00:00.000Z'", 'not_yet_valid'],
  [
    'aud of another key',
    "v.cacao.p.aud = 'did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169'",
    'key_mismatch',
  ],
  [
    'iss of another account',
    "v.cacao.p.iss = 'did:pkh:eip155:1:0x0000000000000000000000000000000000000001'",
    'issuer_mismatch',
  ],
  ['another p256 key pair', 'v.keypair = await pair(false)', 'key_mismatch'],
  ['an extractable p256 key pair', 'v.keypair = await pair(true)', unreadable],
  ['a p384 key pair', "v.keypair = await pair(false, 'P-384')", unreadable],
  [
    'a raw seed in place of the keys',
    'v.keypair = { privateKey: new Uint8Array(32), publicKey: new Uint8Array(32) }',
    unreadable,
  ],
  // and what the rows do not have
  ['null', 'v = null', unreadable],
  ['a statement with a line break', "v.cacao.p.statement += '\\nVersion: 2'", unreadable],
  [
    'only the private key of another pair',
    'v.keypair.privateKey = (await pair(false)).privateKey',
    unreadable,
  ],
]

/** Stores a session, changes the record, and does with it what an app does. */
const live = async (change) => {
  const pair = async (extractable, namedCurve = 'P-256') => {
    const algorithm = { name: 'ECDSA', namedCurve }
    const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, extractable, [
      'sign',
    ])
    return { privateKey, publicKey }
  }
  const wallet = makeWallet()
  const { DIDSession } = ours
  await tryPeer(wallet)
  const stored = await using('readonly', (store) => store.get(wallet.account))
  const AsyncFunction = pair.constructor
  const changed = await new AsyncFunction('v', 'pair', `${change}; return v`)(stored, pair)
  await using('readwrite', (store) => store.put(changed, wallet.account))

  const has = await DIDSession.hasSessionFor(wallet.account, resources)
  const why = await DIDSession.whyNoSession(wallet.account, resources)
  const mine = async () => (await keys()).filter((key) => key === wallet.account).length
  const kept = await mine()
  wallet.mode = 'decline'
  const declined = await tryGet(wallet)
  const keptStill = await mine()
  wallet.mode = 'sign'
  const fresh = await tryGet(wallet)
  const again = await tryGet(wallet)
  const answered = await DIDSession.hasSessionFor(wallet.account, resources)
  await DIDSession.remove(wallet.account)
  return { has, why, kept, declined, keptStill, fresh, again, answered, left: await mine() }
}

test('a member that was not signed is no reason to ask again', async () => {
  const seen = await page.evaluate(live, 'v.cacao.p.admin = true')
  assert.equal(seen.has, true)
  assert.deepEqual([seen.fresh.error, seen.fresh.prompts], [undefined, 0])
})

for (const [name, change, code] of ROWS) {
  test(`record changed: ${name}`, async () => {
    const seen = await page.evaluate(live, change)
    assert.equal(seen.has, false, 'hasSessionFor answers that get would ask')
    assert.equal(seen.why.code, code, seen.why.message)
    assert.notEqual(seen.why.message, '')
    assert.deepEqual([seen.kept, seen.keptStill], [1, 1], 'it is not deleted in silence')
    assert.deepEqual([seen.declined.prompts, seen.declined.error.code], [1, 'declined'])
    assert.equal(seen.fresh.error, undefined, 'it is not in the way')
    assert.deepEqual([seen.fresh.prompts, seen.fresh.verifies], [1, true], 'the user is asked')
    assert.equal(seen.fresh.key, seen.fresh.audience)
    assert.deepEqual([seen.again.prompts, seen.again.key], [0, seen.fresh.key], 'it is replaced')
    assert.deepEqual([seen.answered, seen.left], [true, 0])
  })
}

test('record changed: record of another account under this account', async () => {
  const seen = await page.evaluate(async () => {
    const [one, other] = [makeWallet(), makeWallet()]
    await tryPeer(one)
    await tryPeer(other)
    const foreign = await using('readonly', (store) => store.get(other.account))
    await using('readwrite', (store) => store.put(foreign, one.account))
    const has = await ours.DIDSession.hasSessionFor(one.account, resources)
    const why = await ours.DIDSession.whyNoSession(one.account, resources)
    const got = await tryGet(one)
    const others = await tryGet(other)
    return { has, code: why.code, got, others, id: `did:pkh:${one.account}` }
  })
  assert.deepEqual([seen.has, seen.code], [false, 'issuer_mismatch'])
  assert.deepEqual([seen.got.prompts, seen.got.id, seen.got.verifies], [1, seen.id, true])
  assert.deepEqual([seen.others.prompts, seen.others.verifies], [0, true], 'the other keeps its own')
})

test('an unreadable record is in the way of no other account', async () => {
  const seen = await page.evaluate(async () => {
    const [one, other] = [makeWallet(), makeWallet()]
    await tryGet(one)
    await using('readwrite', (store) => store.put('rubbish', other.account))
    await using('readwrite', (store) => store.put('rubbish', 'not an account'))
    await using('readwrite', (store) => store.put('rubbish', 12))
    const found = await tryGet(one)
    const left = await keys()
    await using('readwrite', (store) => store.clear())
    return { prompts: found.prompts, verifies: found.verifies, left: left.length }
  })
  assert.deepEqual([seen.prompts, seen.verifies], [0, true])
  assert.ok(seen.left >= 4, 'nothing is deleted')
})
