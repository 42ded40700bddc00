// Several calls, several tabs, and tabs that go away.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch, open } from './support/browser.mjs'

let world
before(async () => (world = await launch()))
after(() => world.close())

const inPage = (use) => world.inPage(use)

test('three calls at once ask once and share the session', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const all = await Promise.all([tryGet(wallet), tryGet(wallet), tryGet(wallet)])
      return { prompts: wallet.prompts, keys: all.map((one) => one.key) }
    })
    assert.equal(seen.prompts, 1)
    assert.equal(new Set(seen.keys).size, 1)
  }))

test('three calls at once share a decline', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      wallet.mode = 'decline'
      const all = await Promise.all([tryGet(wallet), tryGet(wallet), tryGet(wallet)])
      return { prompts: wallet.prompts, codes: all.map((one) => one.error.code) }
    })
    assert.deepEqual(seen, { prompts: 1, codes: ['declined', 'declined', 'declined'] })
  }))

test('two calls at once for different resources: both are served', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const [a, b] = await Promise.all([
        tryGet(wallet, { resources: ['ceramic://*?model=a'] }),
        tryGet(wallet, { resources: ['ceramic://*?model=b'] }),
      ])
      return { prompts: wallet.prompts, a: a.authorizations, b: b.authorizations }
    })
    assert.equal(seen.prompts, 2)
    assert.deepEqual([seen.a, seen.b], [['ceramic://*?model=a'], ['ceramic://*?model=b']])
  }))

/** Two tabs of one profile, with the same wallet in each. */
const inTwoTabs = (use) =>
  inPage(async (one, context) => {
    const seed = await one.evaluate(() => (globalThis.wallet = makeWallet()).seed)
    const other = await open(context, world.url)
    await other.evaluate((seed) => void (globalThis.wallet = makeWallet(seed)), seed)
    await use(one, other)
  })

const get = (page) => page.evaluate(() => tryGet(wallet))
const has = (page) =>
  page.evaluate(() => ours.DIDSession.hasSessionFor(wallet.account, resources))
const setMode = (page, mode) => page.evaluate((mode) => void (wallet.mode = mode), mode)
const asked = (page) => page.waitForFunction(() => wallet.prompts === 1)

test('two tabs at once: one prompt, one session', () =>
  inTwoTabs(async (one, other) => {
    const [a, b] = await Promise.all([get(one), get(other)])
    assert.equal(a.prompts + b.prompts, 1)
    assert.equal(a.key, b.key)
    assert.deepEqual([a.verifies, b.verifies], [true, true])
  }))

test('a tab that waits gets the session of the tab that asked', () =>
  inTwoTabs(async (one, other) => {
    await setMode(one, 'hold')
    const first = get(one)
    await asked(one)
    const second = get(other)
    await other.waitForTimeout(300)
    assert.equal(await other.evaluate(() => wallet.prompts), 0, 'it waits')
    await one.evaluate(() => wallet.release())
    const [a, b] = await Promise.all([first, second])
    assert.deepEqual([a.prompts, b.prompts, a.key === b.key], [1, 0, true])
  }))

test('a tab that is closed while its wallet is open frees the flight', () =>
  inTwoTabs(async (one, other) => {
    await setMode(one, 'hold')
    void get(one).catch(() => {})
    await asked(one)
    const second = get(other)
    await other.waitForTimeout(200)
    await one.close()
    const { prompts, verifies } = await second
    assert.deepEqual([prompts, verifies], [1, true])
  }))

test('a tab that declines lets the other one ask', () =>
  inTwoTabs(async (one, other) => {
    await setMode(one, 'decline')
    const declined = await get(one)
    assert.equal(declined.error.code, 'declined')
    const { prompts, verifies } = await get(other)
    assert.deepEqual([prompts, verifies], [1, true])
  }))

test('whoever does not wait is told that somebody else is asking', () =>
  inTwoTabs(async (one, other) => {
    await setMode(one, 'hold')
    const first = get(one)
    await asked(one)
    const busy = await other.evaluate(() => tryGet(wallet, { maxWaitSecs: 0.2 }))
    assert.deepEqual([busy.prompts, busy.error.code], [0, 'busy'])
    await one.evaluate(() => wallet.release())
    assert.equal((await first).verifies, true)
  }))

test('a stored session is handed out while another tab asks', () =>
  inTwoTabs(async (one, other) => {
    await get(one)
    await setMode(one, 'hold')
    await one.evaluate(() => void (wallet.prompts = 0))
    const more = one.evaluate(() => tryGet(wallet, { resources: ['ceramic://other'] }))
    await asked(one)
    const stored = await get(other)
    assert.deepEqual([stored.prompts, stored.verifies], [0, true])
    await one.evaluate(() => wallet.release())
    assert.equal((await more).prompts, 1)
  }))

test('logged out in one tab while the wallet is open in another: it does not come back', () =>
  inTwoTabs(async (one, other) => {
    // a session that does not cover the request, so that the wallet opens
    await one.evaluate(() => tryGet(wallet, { resources: ['ceramic://other'] }))
    await one.evaluate(() => void (wallet.prompts = 0))
    await setMode(one, 'hold')
    const pending = get(one)
    await asked(one)
    await other.evaluate(() => ours.DIDSession.remove(wallet.account))
    await one.evaluate(() => wallet.release())
    const { error } = await pending
    assert.equal(error.code, 'store_conflict')
    assert.deepEqual([await has(one), await has(other)], [false, false])
    assert.deepEqual(await one.evaluate(() => keys()), [])
  }))

test('removed in one tab, gone in the other', () =>
  inTwoTabs(async (one, other) => {
    await get(one)
    assert.equal(await has(other), true)
    await other.evaluate(() => ours.DIDSession.remove(wallet.account))
    assert.equal(await has(one), false)
  }))

test('changes are heard in other tabs until one stops listening', () =>
  inTwoTabs(async (one, other) => {
    await other.evaluate(async () => {
      globalThis.heard = []
      globalThis.stop = await ours.DIDSession.onChange((change) => heard.push(change))
    })
    await get(one)
    await one.evaluate(() => ours.DIDSession.remove(wallet.account))
    await other.waitForFunction(() => heard.length === 2)
    const { heard, id } = await other.evaluate(() => ({ heard, id: `did:pkh:${wallet.account}` }))
    assert.deepEqual(heard, [
      { id, change: 'saved' },
      { id, change: 'removed' },
    ])
    await other.evaluate(() => {
      stop()
      stop()
    })
    await get(one)
    await other.waitForTimeout(200)
    assert.equal(await other.evaluate(() => globalThis.heard.length), 2)
  }))

test('a lease is over for its holder first, and nobody waits for longer, whatever clocks show', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      Object.defineProperty(navigator, 'locks', { value: undefined })
      const { lockPrompt } = await import('/dist/locks.js')
      const [date, steady] = [Date.now, performance.now.bind(performance)]
      const move = (wall, monotonic) => {
        Date.now = () => date() + wall
        performance.now = () => steady() + monotonic
      }
      const lock = (name, secs) =>
        lockPrompt({ database: 'clocks' }, { issuer: name, slot: name }, secs)
      const held = []
      for (const [wall, monotonic] of [[0, 0], [0, 76_000], [76_000, 0], [-2000, 0]]) {
        const lease = await lock(`${wall} ${monotonic}`, 0)
        move(wall, monotonic)
        held.push(lease.isHeld())
        if (wall < 0) held.push((await lock(`${wall} ${monotonic}`, 0)).isHeld())
        move(0, 0)
        lease.release()
      }
      // somebody else's, which ends in ten seconds; a clock that is set back meanwhile
      const db = await new Promise((resolve) => {
        const opening = indexedDB.open('clocks-leases', 1)
        opening.onsuccess = () => resolve(opening.result)
      })
      const transaction = db.transaction('leases', 'readwrite')
      transaction.objectStore('leases').put({ holder: 'another', until: date() + 10_000 }, 'waited for')
      await new Promise((resolve) => (transaction.oncomplete = resolve))
      db.close()
      const began = steady()
      const waiting = lock('waited for', 1)
      move(-30_000, 0)
      const got = await waiting
      return { held, got: got === undefined, isSoon: steady() - began < 8000 }
    })
    assert.deepEqual(seen, { held: [true, false, false, false, true], got: true, isSoon: true })
  }))
