// The connection that a page keeps: nobody waits for it, and a page that comes back opens it anew. And
// what is proven once while a page lives.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch, open } from './support/browser.mjs'

let world
before(async () => (world = await launch()))
after(() => world.close())

const inPage = (use) => world.inPage(use)

const has = (page) => page.evaluate(() => ours.DIDSession.hasSessionFor(wallet.account, resources))

const begin = (page) =>
  page.evaluate(async () => {
    globalThis.wallet = makeWallet()
    await tryGet(wallet)
  })

test('another tab deletes the database: it does not wait, and the page says that there is no session', () =>
  inPage(async (page, context) => {
    const other = await open(context, world.url)
    await begin(page)
    assert.equal(await has(page), true)
    assert.equal(await other.evaluate(() => dropDatabase()), 'deleted')
    assert.equal(await has(page), false)
    const { prompts, verifies } = await page.evaluate(() => tryGet(wallet))
    assert.deepEqual([prompts, verifies, await has(page)], [1, true, true])
  }))

test('another tab opens a newer version: it does not wait, and the page says so', () =>
  inPage(async (page, context) => {
    const other = await open(context, world.url)
    await begin(page)
    assert.equal(await has(page), true)
    const opened = await other.evaluate(async () => {
      const request = indexedDB.open('did-session', 2)
      const outcome = await new Promise((resolve, reject) => {
        request.onsuccess = () => resolve('opened')
        request.onblocked = () => resolve('blocked')
        request.onerror = () => reject(request.error)
      })
      request.result.close()
      return outcome
    })
    assert.equal(opened, 'opened')
    const seen = await page.evaluate(async () => {
      const code = (promise) => promise.then(() => 'fine', (error) => error.code)
      return [
        await code(ours.DIDSession.hasSessionFor(wallet.account, resources)),
        (await tryGet(wallet)).error?.code,
        wallet.prompts,
      ]
    })
    assert.deepEqual(seen, ['database_newer', 'database_newer', 1])
    assert.equal(await other.evaluate(() => dropDatabase()), 'deleted')
    assert.equal(await has(page), false)
  }))

// whoever drives a browser runs scripts in its pages, which ends their stay in the cache: the event
// that a page gets before is given to it here
test('a page that goes into the back/forward cache closes its connection, and opens it anew', () =>
  inPage(async (page) => {
    await begin(page)
    const seen = await page.evaluate(async () => {
      const closed = []
      const { close } = IDBDatabase.prototype
      IDBDatabase.prototype.close = function () {
        closed.push(this.name)
        return close.call(this)
      }
      const has = () => ours.DIDSession.hasSessionFor(wallet.account, resources)
      const before = await has()
      dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
      const names = [...new Set(closed)]
      dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
      return { before, names, after: await has(), again: await tryGet(wallet) }
    })
    assert.deepEqual([seen.before, seen.after, seen.again.prompts, seen.again.verifies], [true, true, 0, true])
    assert.ok(seen.names.includes('did-session'), 'the connection was open, and is closed')
  }))

/** How often Web Crypto signs while this runs. */
const counting = async (page, run) => {
  await page.evaluate(() => {
    globalThis.signs = 0
    globalThis.signed ??= SubtleCrypto.prototype.sign
    SubtleCrypto.prototype.sign = function (...given) {
      globalThis.signs += 1
      return globalThis.signed.apply(this, given)
    }
  })
  const outcome = await run()
  return [outcome, await page.evaluate(() => globalThis.signs)]
}

test('hasSessionFor proves a pair once while the page lives', () =>
  inPage(async (page) => {
    await begin(page)
    assert.deepEqual(await counting(page, () => has(page)), [true, 1])
    assert.deepEqual(await counting(page, () => has(page)), [true, 0])
    assert.deepEqual(await counting(page, () => has(page)), [true, 0])
  }))

test('hasSessionFor proves the pair again when the record was changed behind its back', () =>
  inPage(async (page, context) => {
    const other = await open(context, world.url)
    await begin(page)
    const seed = await page.evaluate(() => wallet.seed)
    assert.deepEqual(await counting(page, () => has(page)), [true, 1])
    // another tab puts another session there
    await other.evaluate(async (seed) => {
      const wallet = makeWallet(seed)
      await ours.DIDSession.remove(wallet.account)
      await tryGet(wallet)
    }, seed)
    assert.deepEqual(await counting(page, () => has(page)), [true, 1])
    // and then a pair whose halves do not belong together
    await other.evaluate(async (seed) => {
      const { account } = makeWallet(seed)
      const record = await using('readonly', (store) => store.get(account))
      const make = () => crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
      const [{ privateKey }, { publicKey }] = [await make(), await make()]
      await using('readwrite', (store) => store.put({ ...record, keypair: { privateKey, publicKey } }, account))
    }, seed)
    assert.deepEqual(await counting(page, () => has(page)), [false, 1])
  }))
