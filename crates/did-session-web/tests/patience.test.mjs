// How long a call waits: for its own wallet, for a prompt of its page, and for one of another tab.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch, open } from './support/browser.mjs'

let world
before(async () => (world = await launch()))
after(() => world.close())

const inPage = (use) => world.inPage(use)

/** More than a timer of the platform counts: 25 days. */
const FAR = 25 * 86400

const ABORTED = ['wallet_failed', 'aborted']

test('a time that no timer counts to does not end at once', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async (far) => {
      const wallet = makeWallet()
      wallet.mode = 'hold'
      const options = { walletTimeoutSecs: far, maxWaitSecs: far }
      // two that share a prompt, and one that waits for its end
      const calls = [{}, {}, { resources: [...resources, 'ceramic://more'] }].map((more) =>
        tryGet(wallet, { ...options, ...more })
      )
      while (wallet.prompts === 0) await sleep(10)
      await sleep(300)
      wallet.mode = 'sign'
      wallet.release()
      const all = await Promise.all(calls)
      return all.map(({ error, verifies }) => error?.code ?? verifies)
    }, FAR)
    assert.deepEqual(seen, [true, true, true])
  }))

test('a signal ends a call that waits for the prompt of another call, or of another tab', () =>
  inPage(async (page, context) => {
    const seen = await page.evaluate(async () => {
      globalThis.wallet = makeWallet()
      wallet.mode = 'hold'
      globalThis.leader = tryGet(wallet)
      while (wallet.prompts === 0) await sleep(10)
      const outcome = async (more) => {
        const controller = new AbortController()
        const method = await ourMethod(wallet)
        const options = { resources, signal: controller.signal, ...more }
        const pending = ours.DIDSession.get(wallet.account, method, options)
        setTimeout(() => controller.abort(), 200)
        const error = await pending.catch((error) => error)
        return [error.code, error.cause?.code]
      }
      return {
        seed: wallet.seed,
        same: await outcome({}),
        other: await outcome({ resources: ['ceramic://*'] }),
      }
    })
    assert.deepEqual([seen.same, seen.other], [ABORTED, ABORTED])
    const other = await open(context, world.url)
    const elsewhere = await other.evaluate(async (seed) => {
      const wallet = makeWallet(seed)
      const controller = new AbortController()
      const method = await ourMethod(wallet)
      const options = { resources, signal: controller.signal }
      const pending = ours.DIDSession.get(wallet.account, method, options)
      setTimeout(() => controller.abort(), 200)
      const error = await pending.catch((error) => error)
      return [error.code, error.cause?.code, wallet.prompts]
    }, seen.seed)
    assert.deepEqual(elsewhere, [...ABORTED, 0])
    // who goes is in nobody's way
    const end = await page.evaluate(async () => {
      wallet.release()
      wallet.mode = 'sign'
      const { prompts, verifies } = await leader
      return [prompts, verifies, (await tryGet(wallet)).prompts, wallet.prompts]
    })
    assert.deepEqual(end, [1, true, 0, 1])
  }))

test('one caller goes: the one that shared the prompt asks instead, and is told nothing of it', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const outcomes = []
      for (const impatient of ['signal', 'time']) {
        const wallet = makeWallet()
        wallet.mode = 'hold'
        const controller = new AbortController()
        const wish = impatient === 'time' ? { walletTimeoutSecs: 0.5 } : { signal: controller.signal }
        const gone = tryGet(wallet, wish)
        while (wallet.prompts === 0) await sleep(10)
        // as a component that is mounted twice does
        const stays = tryGet(wallet)
        await sleep(100)
        wallet.mode = 'sign'
        controller.abort()
        outcomes.push([(await gone).error.code, (await stays).verifies, wallet.prompts])
      }
      // a no is everybody's
      const wallet = makeWallet()
      const no = async () => {
        await sleep(300)
        throw Object.assign(new Error('no'), { code: 4001 })
      }
      const all = await Promise.all([1, 2].map(() => tryGet(wallet, {}, wallet.account, no)))
      return { outcomes, declined: all.map(({ error }) => error.code) }
    })
    const [code, verifies, prompts] = ['wallet_failed', true, 2]
    assert.deepEqual(seen.outcomes, [[code, verifies, prompts], [code, verifies, prompts]])
    assert.deepEqual(seen.declined, ['declined', 'declined'])
  }))

test('a signal that throws whatever is asked of it leaves no call without an end', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const unhandled = []
      addEventListener('unhandledrejection', (event) => {
        event.preventDefault()
        unhandled.push(String(event.reason))
      })
      const explode = () => {
        throw new Error('boom')
      }
      const fine = { aborted: false, addEventListener() {}, removeEventListener() {} }
      let turn = 0
      const signals = {
        'removing throws': { ...fine, removeEventListener: explode },
        'adding throws': { ...fine, addEventListener: explode },
        'asked again, it throws': {
          ...fine,
          get aborted() {
            turn += 1
            return turn > 1 ? explode() : false
          },
        },
      }
      const outcomes = {}
      for (const [name, signal] of Object.entries(signals)) {
        const wallet = makeWallet()
        const ended = tryGet(wallet, { signal }).then(({ error }) => error?.code ?? 'signed')
        outcomes[name] = await Promise.race([ended, sleep(20_000).then(() => 'hangs')])
      }
      await sleep(50)
      return { outcomes, unhandled }
    })
    assert.deepEqual(seen, {
      outcomes: {
        'removing throws': 'signed',
        'adding throws': 'invalid_option',
        'asked again, it throws': 'invalid_option',
      },
      unhandled: [],
    })
  }))
