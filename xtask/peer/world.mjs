// Time and randomness of the peer, under our control: a run with the same seed and the same `now`
// makes the same inputs.

import nodeCrypto from 'node:crypto'

if (!globalThis.crypto) globalThis.crypto = nodeCrypto.webcrypto

const RealDate = Date
const realRandomBytes = nodeCrypto.randomBytes

/** A stream of random values that depends on nothing but its label. */
export class Random {
  #label
  #block = Buffer.alloc(0)
  #count = 0

  constructor(label) {
    this.#label = label
  }

  bytes(length) {
    const parts = []
    for (let missing = length; missing > 0; ) {
      if (this.#block.length === 0) {
        const text = `${this.#label}/${this.#count++}`
        this.#block = nodeCrypto.createHash('sha256').update(text).digest()
      }
      const taken = this.#block.subarray(0, missing)
      this.#block = this.#block.subarray(taken.length)
      missing -= taken.length
      parts.push(taken)
    }
    return Buffer.concat(parts)
  }

  /** A whole number from `low` up to and without `high`. */
  int(low, high) {
    return low + Math.floor((this.bytes(6).readUIntBE(0, 6) / 2 ** 48) * (high - low))
  }

  chance(probability) {
    return this.int(0, 1_000_000) < probability * 1_000_000
  }

  pick(list) {
    return list[this.int(0, list.length)]
  }

  /** Text of `length` characters out of `alphabet`. */
  text(length, alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789') {
    return Array.from({ length }, () => this.pick(alphabet)).join('')
  }

  /** A list of `length` values. */
  list(length, make) {
    return Array.from({ length }, (_, index) => make(index))
  }
}

/**
 * Runs `work` while the clock stands at `now` (milliseconds) and the system's randomness comes
 * from `random`. One at a time: the driver does one thing after the other.
 */
export async function within({ now, random }, work) {
  class StandingDate extends RealDate {
    constructor(...args) {
      super(...(args.length === 0 ? [now] : args))
    }

    static now() {
      return now
    }
  }
  globalThis.Date = StandingDate
  nodeCrypto.randomBytes = (length) => random.bytes(length)
  try {
    return await work()
  } finally {
    globalThis.Date = RealDate
    nodeCrypto.randomBytes = realRandomBytes
  }
}
