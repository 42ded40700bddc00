// One tab at a time asks the wallet: a Web Lock, which the browser frees when the tab dies, or a
// lease in a database of its own.

import { update } from './database.js'
import { failure, inWords } from './host.js'
import { after } from './patience.js'
import { hex } from './payload.js'

// browsers wake the timers of a hidden tab once a minute: a lease must outlive that
const LIFE_MS = 80_000
/** A holder counts on it for this much less. */
const MARGIN_MS = 5000
const RENEW_MS = 15_000
const LOOK_MS = 250

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const webLock = (locks, name, maxWaitSecs) =>
  new Promise((resolve, reject) => {
    const controller = new AbortController()
    let [isStolen, release, stop] = [false, undefined, undefined]
    const options = {
      __proto__: null,
      ...(maxWaitSecs > 0 ? { signal: controller.signal } : { ifAvailable: true }),
    }
    if (maxWaitSecs > 0) {
      stop = after(maxWaitSecs, () => {
        controller.abort()
        resolve(undefined)
      })
    }
    const granted = (lock) => {
      stop?.()
      if (lock === null) return resolve(undefined)
      const held = new Promise((end) => (release = end))
      resolve({ isHeld: () => !isStolen, release: () => release() })
      return held
    }
    locks.request(name, options, granted).catch((error) => {
      stop?.()
      // the promise that lasts as long as the lock is rejected when the lock is taken away
      isStolen = true
      reject(error)
    })
  })

const holderName = () => hex(crypto.getRandomValues(new Uint8Array(16)))

/** One transaction on our record; returns whether it wrote. */
const change = async (database, name, decide) => {
  let wrote = false
  await update(database, 'leases', { key: name, others: () => [] }, ([entry]) => {
    const write = decide(entry?.value)
    wrote = write !== undefined
    return wrote ? [write] : []
  })
  return wrote
}

const lease = async (database, name, maxWaitSecs) => {
  const holder = holderName()
  let [isAlive, taken] = [true, undefined]
  const take = async () => {
    const asked = { wall: Date.now(), steady: performance.now() }
    const now = asked.wall
    const isOurs = await change(database, name, (found) => {
      // one that ends later than any lease could was written by a clock that has been set back
      const isOver =
        typeof found?.until !== 'number' || found.until <= now || found.until > now + LIFE_MS
      if (!isOver && found.holder !== holder) return undefined
      return { put: [name, { holder, until: now + LIFE_MS }] }
    })
    if (isOurs) taken = asked
    return isOurs
  }
  const isHeld = () => {
    if (!isAlive || taken === undefined) return false
    const wall = Date.now() - taken.wall
    // if the clock was set back behind the start, it is over for the others; and a clock that never
    // goes back may stand still while the device sleeps: the one by which more time passed counts
    return wall >= 0 && Math.max(wall, performance.now() - taken.steady) < LIFE_MS - MARGIN_MS
  }
  const renew = async () => {
    for (;;) {
      await sleep(RENEW_MS)
      // once it is over, or somebody else's, it stays so
      if (!isHeld() || !(await take().catch(() => false))) {
        isAlive = false
        return
      }
    }
  }
  const release = () => {
    isAlive = false
    // one that cannot be given back ends by itself
    change(database, name, (found) =>
      found?.holder === holder ? { remove: name } : undefined
    ).catch(() => undefined)
  }
  const end = performance.now() + maxWaitSecs * 1000
  for (;;) {
    if (await take()) {
      renew()
      return { isHeld, release }
    }
    if (performance.now() >= end) return undefined
    await sleep(Math.min(LOOK_MS, maxWaitSecs * 1000))
  }
}

/** The waiting callers, by name: for sessions that nobody outside of this process has. */
const waiting = new Map()

const localLock = async (name, maxWaitSecs) => {
  const end = performance.now() + maxWaitSecs * 1000
  let stop
  for (;;) {
    const held = waiting.get(name)
    if (held === undefined) break
    const left = end - performance.now()
    if (left <= 0) return undefined
    const late = new Promise((resolve) => (stop = after(left / 1000, resolve)))
    await Promise.race([held, late])
    stop()
  }
  let free
  waiting.set(name, new Promise((resolve) => (free = resolve)))
  let isHeld = true
  const release = () => {
    if (!isHeld) return
    isHeld = false
    waiting.delete(name)
    free()
  }
  return { isHeld: () => isHeld, release }
}

/** The prompt lock of a slot; `undefined` if somebody else still has it after `maxWaitSecs`. */
export const lockPrompt = async ({ database, isMemory }, { issuer, profile, slot }, maxWaitSecs) => {
  const name = profile ? `${issuer}@${profile}` : issuer
  if (isMemory) return localLock(`${database} ${name}`, maxWaitSecs)
  const locks = globalThis.navigator?.locks
  try {
    return await (locks
      ? // what pages that were loaded before call it, too
        webLock(locks, `did-session:${database}:flight:${name}`, maxWaitSecs)
      : lease(`${database}-leases`, name, maxWaitSecs))
  } catch (error) {
    const message = `cannot reserve the wallet of ${slot}: ${inWords(error)}`
    throw failure(error.code ?? 'store_failed', message)
  }
}
