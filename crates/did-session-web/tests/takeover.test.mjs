// Take-over both ways: pages that move from the npm package `did-session` to this one, or use both
// for a while, keep their users logged in.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch, open } from './support/browser.mjs'

let world
before(async () => (world = await launch()))
after(() => world.close())

const inPage = (use) => world.inPage(use)

test('a session of the npm package is found, verified and used without a prompt', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const first = await tryPeer(wallet)
      const [stored] = await using('readonly', (store) => store.getAll())
      const has = await ours.DIDSession.hasSessionFor(wallet.account, resources)
      const more = await ours.DIDSession.hasSessionFor(wallet.account, [...resources, 'more'])
      const second = await tryGet(wallet)
      const dag = await ours.DIDSession.get(wallet.account, () => {}, { resources })
        .then((session) => session.did.createDagJWS({ a: 1 }))
        .then(({ jws }) => jws.signatures.length)
      const members = [Object.keys(stored).sort(), Object.keys(stored.cacao).sort()]
      return { first, has, more, second, dag, members, keys: await keys(), account: wallet.account }
    })
    assert.deepEqual([seen.first.prompts, seen.second.prompts], [1, 0])
    assert.deepEqual([seen.has, seen.more, seen.dag], [true, false, 1])
    assert.equal(seen.second.verifies, true)
    assert.deepEqual({ ...seen.second, prompts: 1 }, seen.first, 'the same session')
    assert.deepEqual(seen.members, [['cacao', 'keypair'], ['h', 'p', 's']])
    assert.deepEqual(seen.keys, [seen.account], 'finding it writes nothing')
  }))

test('a session of ours is found and used by the npm package without a prompt', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const first = await tryGet(wallet)
      const has = await peer.DIDSession.hasSessionFor(new peer.AccountId(wallet.account), resources)
      const asText = await peer.DIDSession.hasSessionFor(wallet.account, resources)
      return { first, has, asText, second: await tryPeer(wallet), keys: await keys() }
    })
    assert.deepEqual([seen.first.prompts, seen.second.prompts], [1, 0])
    assert.deepEqual([seen.has, seen.asText], [true, true])
    assert.equal(seen.second.verifies, true)
    assert.deepEqual({ ...seen.second, prompts: 1 }, seen.first, 'the same session')
    assert.equal(seen.keys.length, 1)
  }))

test('a session is taken over after a reload, and in another tab', () =>
  inPage(async (page, context) => {
    const first = await page.evaluate(async () => {
      const wallet = makeWallet()
      return { seed: wallet.seed, ...(await tryPeer(wallet)) }
    })
    await page.reload()
    await page.waitForFunction(() => globalThis.ready)
    const other = await open(context, world.url)
    for (const tab of [page, other]) {
      const again = await tab.evaluate((seed) => tryGet(makeWallet(seed)), first.seed)
      assert.deepEqual([again.prompts, again.key, again.verifies], [0, first.key, true])
    }
  }))

test('whatever the spelling under which the npm package stored it, every spelling finds it', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const outcomes = {}
      for (const chain of [1, 137]) {
        for (const stored of ['account', 'checksumAccount']) {
          for (const kind of ['caip', 'text']) {
            const wallet = makeWallet(undefined, chain)
            const written = kind === 'caip' ? new peer.AccountId(wallet[stored]) : wallet[stored]
            const first = await tryPeer(wallet, {}, written)
            const asked = {
              lower: wallet.account,
              checksum: wallet.checksumAccount,
              caip: new peer.AccountId(wallet.checksumAccount),
              json: new peer.AccountId(wallet.checksumAccount).toJSON(),
              did: `did:pkh:${wallet.account}`,
            }
            const found = []
            for (const account of Object.values(asked)) {
              const { prompts, key, verifies } = await tryGet(wallet, {}, account)
              const has = await ours.DIDSession.hasSessionFor(account, resources)
              found.push([prompts, key === first.key, verifies, has])
            }
            outcomes[`${chain} ${stored} ${kind}`] = [first.prompts, found]
          }
        }
      }
      return outcomes
    })
    assert.equal(Object.keys(seen).length, 8)
    for (const [name, outcome] of Object.entries(seen)) {
      assert.deepEqual(outcome, [1, Array(5).fill([0, true, true, true])], name)
    }
  }))

test('a session of ours lies where the npm package looks for an account in lower case', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      await tryGet(wallet, {}, wallet.checksumAccount)
      // what getAccountId of the npm package gives for the address as wallets write it
      const account = await peer.getAccountId(wallet, wallet.address)
      const again = await tryPeer(wallet, {}, account)
      return { again, keys: await keys(), account: wallet.account, asked: String(account) }
    })
    assert.deepEqual(seen.keys, [seen.account])
    assert.equal(seen.asked, seen.account)
    assert.deepEqual([seen.again.prompts, seen.again.verifies], [0, true])
  }))

test('of two spellings that the npm package stored, the one issued last is used; both are replaced', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      await tryPeer(wallet, {}, wallet.account)
      await sleep(5)
      const late = await tryPeer(wallet, {}, wallet.checksumAccount)
      const before = (await keys()).length
      const found = await tryGet(wallet)
      const more = await tryGet(wallet, { resources: ['ceramic://other'] })
      return { before, late, found, more: more.prompts, keys: await keys(), is: wallet.account }
    })
    assert.equal(seen.before, 2)
    assert.deepEqual([seen.found.prompts, seen.found.key], [0, seen.late.key])
    assert.equal(seen.more, 1)
    assert.deepEqual(seen.keys, [seen.is])
  }))

test('what one removes, the other has no longer', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const id = new peer.AccountId(wallet.account)
      const has = async () => [
        await ours.DIDSession.hasSessionFor(wallet.account, resources),
        Boolean(await peer.DIDSession.hasSessionFor(id, resources)),
      ]
      const steps = []
      await tryPeer(wallet)
      steps.push(await has())
      await ours.DIDSession.remove(wallet.account)
      steps.push(await has())
      await tryGet(wallet)
      steps.push(await has())
      await peer.DIDSession.remove(id)
      steps.push(await has())
      const again = await tryGet(wallet)
      return { steps, prompts: again.prompts, keys: (await keys()).length }
    })
    const [yes, no] = [
      [true, true],
      [false, false],
    ]
    assert.deepEqual(seen, { steps: [yes, no, yes, no], prompts: 1, keys: 1 })
  }))

test('remove leaves none of the spellings that the npm package stored', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      await tryPeer(wallet, {}, wallet.account)
      await tryPeer(wallet, {}, wallet.checksumAccount)
      await ours.DIDSession.remove(wallet.checksumAccount)
      return { keys: await keys(), prompts: (await tryPeer(wallet)).prompts }
    })
    assert.deepEqual(seen, { keys: [], prompts: 1 })
  }))

test('what the npm package replaced is replaced for us, and the other way round', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const other = { resources: ['ceramic://other'] }
      const steps = []
      const step = ({ prompts, key, authorizations }) => steps.push([prompts, key, authorizations])
      step(await tryGet(wallet))
      step(await tryPeer(wallet, other))
      step(await tryGet(wallet, other))
      step(await tryGet(wallet))
      step(await tryPeer(wallet))
      return steps
    })
    const prompts = seen.map(([prompts]) => prompts)
    assert.deepEqual(prompts, [1, 1, 0, 1, 0])
    const [a, b, c, d, e] = seen.map(([, key]) => key)
    assert.deepEqual([b === c, d === e, new Set([a, b, d]).size], [true, true, 3])
    assert.deepEqual(seen[2][2], ['ceramic://other'])
  }))

test('a session string of either is restored by the other', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const theirs = await peer.DIDSession.authorize(await peerMethod(wallet), { resources })
      const mine = await ours.DIDSession.authorize(await ourMethod(wallet), { resources })
      const taken = await ours.DIDSession.fromSession(theirs.serialize())
      const given = await peer.DIDSession.fromSession(mine.serialize())
      const both = [await facts(taken), await facts(given)]
      return {
        verifies: both.map(({ verifies }) => verifies),
        keys: [both[0].key === theirs.did.id, both[1].key === mine.did.id],
        same: [taken.serialize() === theirs.serialize(), given.serialize() === mine.serialize()],
        stored: await keys(),
      }
    })
    assert.deepEqual(seen, {
      verifies: [true, true],
      keys: [true, true],
      same: [true, true],
      stored: [],
    })
  }))

test('what either signs, the other verifies', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const session = await ours.DIDSession.get(wallet.account, await ourMethod(wallet), {
        resources,
      })
      const theirs = await peer.DIDSession.get(wallet.account, () => {}, { resources })
      const options = { issuer: session.id, capability: session.cacao }
      const jws = await theirs.did.createJWS({ b: 1, a: 'ż' })
      const { did, issuer, payload } = await session.did.verifyJWS(jws, options)
      const mine = await session.did.createJWS({ b: 1, a: 'ż' })
      const verified = await theirs.did.verifyJWS(mine, options)
      return {
        same: [did === session.did.id, issuer === session.id, jws.payload === mine.payload],
        payloads: [payload, verified.payload],
      }
    })
    assert.deepEqual(seen.same, [true, true, true])
    assert.deepEqual(seen.payloads, [
      { b: 1, a: 'ż' },
      { b: 1, a: 'ż' },
    ])
  }))
