// Expiry, wishes for a lifetime, and clocks that are wrong.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch } from './support/browser.mjs'

let world
before(async () => (world = await launch()))
after(() => world.close())

const inPage = (use) => world.inPage(use)

const DAY = 24 * 60 * 60 * 1000

test('a session that expires signs no more and is replaced', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const { DIDSession } = ours
      const options = { resources, expiresInSecs: 3600 }
      const session = await DIDSession.get(wallet.account, await ourMethod(wallet), options)
      const young = [session.isExpired, session.isAuthorized(), session.expiresInSecs > 0]
      await session.did.createJWS({ a: 1 })
      shiftClock(3_601_000)
      const codes = []
      const refused = (promise) => promise.then(() => codes.push('signed'), (e) => codes.push(e.code))
      await refused(session.did.createJWS({ a: 1 }))
      await refused(session.did.createJWS('AA'))
      await refused(session.did.createDagJWS({ a: 1 }))
      const old = [
        session.isExpired,
        session.isAuthorized(),
        session.isAuthorized(resources),
        session.expiresInSecs,
        session.expireInSecs,
      ]
      const has = await DIDSession.hasSessionFor(wallet.account, resources)
      const why = (await DIDSession.whyNoSession(wallet.account, resources)).code
      const again = await tryGet(wallet)
      return { young, old, codes, has, why, again, key: session.did.id, stored: await keys() }
    })
    assert.deepEqual(seen.young, [false, true, true])
    assert.deepEqual(seen.old, [true, false, false, 0, 0])
    assert.deepEqual(seen.codes, ['expired', 'expired', 'expired'])
    assert.deepEqual([seen.has, seen.why], [false, 'expired'])
    assert.equal(seen.again.prompts, 1)
    assert.notEqual(seen.again.key, seen.key)
    assert.equal(seen.stored.length, 1)
  }))

test('what is signed after the end is not handed out, whatever it is', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const session = await ours.DIDSession.get(wallet.account, await ourMethod(wallet), {
        resources,
        expiresInSecs: 3600,
      })
      const { sign } = SubtleCrypto.prototype
      let [late, signed] = [0, 0]
      SubtleCrypto.prototype.sign = async function (...given) {
        const signature = await sign.apply(this, given)
        signed += 1
        shiftClock(late)
        return signature
      }
      const send = async (method, params) => {
        const { result, error } = await session.provider.send({ id: 1, method, params })
        return error === undefined ? typeof result : error.data.code
      }
      const { href } = location
      const coded = (promise) => promise.then(() => 'object', (error) => error.code)
      const ways = [
        () => coded(session.did.createJWS({ a: 1 })),
        () => coded(session.did.createDagJWS({ a: 1 })),
        () => send('did_authenticate', { nonce: 'n', paths: [] }),
        () => send('did_createJWS', { did: session.did.id, payload: { a: 1 } }),
        () => coded(session.fetch(href)),
      ]
      const codes = []
      for (const by of [0, 3_601_000]) {
        for (const way of ways) {
          shiftClock(0)
          late = by
          codes.push(await way())
        }
      }
      return { codes, signed }
    })
    assert.deepEqual(seen.codes.slice(0, 5), Array(5).fill('object'))
    assert.deepEqual(seen.codes.slice(5), Array(5).fill('expired'))
    assert.ok(seen.signed >= 10)
  }))

test('a session of one second is made, and over when it is over', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const options = { resources, expiresInSecs: 1 }
      const session = await ours.DIDSession.get(wallet.account, await ourMethod(wallet), options)
      while (!session.isExpired) await sleep(50)
      const code = await session.did.createJWS({ a: 1 }).then(() => 'signed', (e) => e.code)
      const has = await ours.DIDSession.hasSessionFor(wallet.account, resources)
      return { code, has, again: (await tryGet(wallet)).prompts }
    })
    assert.deepEqual(seen, { code: 'expired', has: false, again: 1 })
  }))

test('a wish for a lifetime is kept; a longer one reuses what is there, a shorter one does not', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const days = []
      const ask = async (expiresInSecs, more = {}) => {
        const { prompts, exp } = await tryGet(wallet, { expiresInSecs, ...more })
        days.push([prompts, Math.round((Date.parse(exp) - Date.now()) / 1000)])
      }
      await ask(undefined)
      await ask(30 * 86400)
      await ask(86400)
      await ask(3600.5)
      await ours.DIDSession.remove(wallet.account)
      await ask(0)
      await ours.DIDSession.remove(wallet.account)
      const expirationTime = new Date(Date.now() + 7200_000).toISOString()
      await ask(undefined, { expirationTime })
      return days
    })
    const week = 7 * 86400
    assert.deepEqual(
      seen.map(([prompts]) => prompts),
      [1, 0, 1, 1, 1, 1]
    )
    const expected = [week, week, 86400, 3600.5, week, 7200]
    // the wallet may have taken its time
    seen.forEach(([, secs], i) => assert.ok(Math.abs(secs - expected[i]) <= 100, `${i}: ${secs}`))
  }))

test('a date is the end to the millisecond, and asked for again it asks nobody', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const outcomes = []
      for (const late of [0, 3, 50]) {
        const wallet = makeWallet()
        const slow = await ourMethod(wallet)
        const method = async (options) => {
          await sleep(late)
          return slow(options)
        }
        const expirationTime = new Date(Date.now() + 3600_123).toISOString()
        const first = await tryGet(wallet, { expirationTime }, wallet.account, method)
        const again = await tryGet(wallet, { expirationTime }, wallet.account, method)
        const later = await tryGet(wallet, { expirationTime: new Date(Date.now() + 7200_000).toISOString() })
        outcomes.push([first.exp === expirationTime, first.prompts, again.prompts, later.prompts])
      }
      // two at once share the prompt
      const wallet = makeWallet()
      const expirationTime = new Date(Date.now() + 3600_000).toISOString()
      const one = tryGet(wallet, { expirationTime })
      await sleep(5)
      await Promise.all([one, tryGet(wallet, { expirationTime })])
      return { outcomes, shared: wallet.prompts }
    })
    assert.deepEqual(seen, { outcomes: Array(3).fill([true, 1, 0, 0]), shared: 1 })
  }))

test('a session is not handed out in its last minute', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async (day) => {
      const wallet = makeWallet()
      await tryGet(wallet)
      const has = () => ours.DIDSession.hasSessionFor(wallet.account, resources)
      shiftClock(7 * day - 90_000)
      const before = await has()
      shiftClock(7 * day - 30_000)
      return [before, await has()]
    }, DAY)
    assert.deepEqual(seen, [true, false])
  }))

test('a clock eight days on: expired', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async (day) => {
      const wallet = makeWallet()
      const first = await tryGet(wallet)
      shiftClock(8 * day)
      const has = await ours.DIDSession.hasSessionFor(wallet.account, resources)
      const again = await tryGet(wallet)
      return { has, prompts: again.prompts, same: again.key === first.key }
    }, DAY)
    assert.deepEqual(seen, { has: false, prompts: 1, same: false })
  }))

test('a clock a day back: the session is not valid yet and is not handed out', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async (day) => {
      const wallet = makeWallet()
      await tryGet(wallet)
      shiftClock(-day)
      const why = await ours.DIDSession.whyNoSession(wallet.account, resources)
      return { why: why.code, prompts: (await tryGet(wallet)).prompts }
    }, DAY)
    assert.deepEqual(seen, { why: 'not_yet_valid', prompts: 1 })
  }))
