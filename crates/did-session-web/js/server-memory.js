// What a server of one process keeps in memory: bounded, and nothing is forgotten early.

import { invalid } from './account.js'
import { ownOf } from './host.js'

/** Options that are numbers. */
const numbers = (given) => {
  const { capacity, since } = ownOf('the options', given)
  for (const value of [capacity, since]) {
    if (value !== undefined && !Number.isFinite(value)) throw invalid('capacity and since must be numbers')
  }
  return { capacity, since }
}

const full = (what) => Object.assign(new Error(`the memory of ${what} is full`), { code: 'full' })

/** Values until a time, by name; what has ended is forgotten, and when that was is remembered. */
class Until {
  #values = new Map()
  #ends = new Map()
  #forgotten = 0

  get size() {
    return this.#values.size
  }

  get(name) {
    return this.#values.get(name)
  }

  set(name, value, until) {
    const second = Math.floor(until)
    this.#values.set(name, value)
    const names = this.#ends.get(second)
    if (names === undefined) this.#ends.set(second, [name])
    else names.push(name)
  }

  /** Whether what ends then could have been forgotten already. */
  forgot(until) {
    return Math.floor(until) < this.#forgotten
  }

  forget(now) {
    const second = Math.floor(now)
    if (second <= this.#forgotten) return
    this.#forgotten = second
    for (const [end, names] of this.#ends) {
      if (end >= second) continue
      for (const name of names) this.#values.delete(name)
      this.#ends.delete(end)
    }
  }
}

/** Which proofs were used. */
export class MemoryReplayWindow {
  #used = new Until()
  #capacity

  constructor(options) {
    const { capacity = 500_000, since = Date.now() / 1000 } = numbers(options)
    this.#capacity = capacity
    /** Since when it remembers, and a value that no other window has. */
    this.memory = { since, id: crypto.getRandomValues(new Uint8Array(16)) }
  }

  get size() {
    return this.#used.size
  }

  remember(proof, until, now) {
    const used = this.#used
    used.forget(now)
    if (used.forgot(until)) return 'too_old'
    if (used.get(proof) !== undefined) return 'again'
    if (used.size >= this.#capacity) throw full('used proofs')
    used.set(proof, true, until)
    return 'first'
  }
}

/** Which login challenges were used, and by whom. */
export class MemoryChallenges {
  #used = new Until()
  #capacity

  constructor(options) {
    this.#capacity = numbers(options).capacity ?? 100_000
  }

  get size() {
    return this.#used.size
  }

  consume(challenge, identity, until, now) {
    const used = this.#used
    used.forget(now)
    const by = used.get(challenge)
    if (by !== undefined) return by === identity ? 'by_the_same' : 'by_another'
    // a clock was set back: nobody knows who had it
    if (used.forgot(until)) return 'by_another'
    if (used.size >= this.#capacity) throw full('used challenges')
    used.set(challenge, identity, until)
    return 'now'
  }
}

/** Registered capabilities: a cache, whose oldest go when it is full, since clients come again. */
export class MemoryCapabilities {
  #blocks = new Map()
  #capacity

  constructor(options) {
    this.#capacity = numbers(options).capacity ?? 10_000
  }

  get size() {
    return this.#blocks.size
  }

  get(cid) {
    const block = this.#blocks.get(cid)
    if (block !== undefined) {
      this.#blocks.delete(cid)
      this.#blocks.set(cid, block)
    }
    return block
  }

  put(cid, block) {
    this.#blocks.delete(cid)
    if (this.#blocks.size >= this.#capacity) this.#blocks.delete(this.#blocks.keys().next().value)
    this.#blocks.set(cid, block)
  }
}
