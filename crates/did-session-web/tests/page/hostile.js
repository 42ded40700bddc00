// Values that no caller should give, and all can; and calls with them, in Node and in pages.

/** Random numbers of a seed (mulberry32): a run that failed can be had again. */
export const randomOf = (seed) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const TRAPS = [
  'get', 'has', 'ownKeys', 'getOwnPropertyDescriptor', 'getPrototypeOf', 'set', 'defineProperty',
  'isExtensible',
]

/** Thrown by what is hostile: no error, with the code of another matter, which must not get through. */
const bomb = () => ({ code: 'declined', message: 'it is all fine' })

const explode = () => {
  throw bomb()
}

/** Handled: only promises that the package makes are looked for. */
const rejected = () => {
  const promise = Promise.reject(bomb())
  promise.catch(() => undefined)
  return promise
}

const revoked = (target) => {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

const deep = (depth, wrap) => {
  let value = {}
  for (let level = 0; level < depth; level += 1) value = wrap(value)
  return value
}

const circle = (value, put) => {
  put(value)
  return value
}

/** Something that is another thing at each reading. */
const fickle = (values) => {
  let turn = 0
  return () => values[turn++ % values.length]
}

/** Does not end by itself within the patience of a test, and does in a test that has none. */
const endless = (value) => {
  let left = 100_000
  return {
    [Symbol.iterator]: () => ({
      next: () => (left-- > 0 ? { done: false, value } : explode()),
    }),
  }
}

const detached = () => {
  const buffer = new ArrayBuffer(32)
  structuredClone(buffer, { transfer: [buffer] })
  return buffer
}

const shared = () => new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer

const endlessProxy = () =>
  new Proxy({}, {
    get: (_, name) => (typeof name === 'symbol' ? undefined : endlessProxy()),
    ownKeys: () => ['a', 'b'],
    getOwnPropertyDescriptor: () => ({ value: endlessProxy(), enumerable: true, configurable: true }),
  })

const listProxy = (get) => new Proxy([], { get: (target, name) => get(name) ?? Reflect.get(target, name) })

class Wrong {
  #own = 1
  resources = ['ceramic://*']
  get domain() {
    return this.#own
  }
}

/** By name, how each is made anew. `realm` is another global object, where there is one. */
export const hostiles = (realm) => {
  const made = {
    undefined: () => undefined,
    null: () => null,
    true: () => true,
    zero: () => 0,
    'minus one': () => -1,
    'no number': () => NaN,
    infinity: () => Infinity,
    'a wide number': () => 2 ** 60,
    'a bigint': () => 10n ** 40n,
    'a symbol': () => Symbol('declined'),
    'an empty text': () => '',
    'a text': () => 'text',
    'a high surrogate': () => 'a\ud800',
    'a low surrogate': () => '\udfffa',
    'a zero character': () => '\0',
    'a line break': () => 'a\nb',
    'a long text': () => 'x'.repeat(1_000_000),
    'a function': () => () => 'text',
    'a function that throws': () => explode,
    'a function that rejects': () => rejected,
    'a function that answers a thenable': () => () => ({ then: (done) => (done('one'), done('two')) }),
    'a class': () => Wrong,
    'an empty object': () => ({}),
    'no prototype': () => Object.create(null),
    'an empty list': () => [],
    'a list with holes': () => [, 'ceramic://*', , ],
    'a wide list': () => new Array(4_000_000_000),
    'a list of everything': () => [1, null, Symbol('x'), {}, explode],
    'a list of surrogates': () => ['\ud800'],
    'a circle': () => circle({}, (it) => (it.it = it)),
    'a circle of lists': () => circle([], (it) => it.push(it)),
    'a deep object': () => deep(30_000, (it) => ({ it })),
    'a deep list': () => deep(30_000, (it) => [it]),
    'a wide object': () => Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`n${n}`, n])),
    'an own __proto__': () => JSON.parse('{"__proto__":{"resources":["ceramic://*"]}}'),
    'an instance of a class': () => new Wrong(),
    'a Map': () => new Map([['resources', ['a']]]),
    'a Set': () => new Set(['a']),
    'a Date': () => new Date(0),
    'a Date that is none': () => new Date(NaN),
    'an error': () => Object.assign(new Error('declined'), { code: 'declined' }),
    'a boxed text': () => Object('ceramic://*'),
    'a boxed symbol': () => Object(Symbol('x')),
    'a regular expression': () => /x/g,
    bytes: () => new Uint8Array(32),
    'a detached buffer': detached,
    'bytes of a detached buffer': () => {
      const bytes = new Uint8Array(32)
      structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
      return bytes
    },
    'a shared buffer': shared,
    'bytes of a shared buffer': () => new Uint8Array(shared()),
    'wide numbers': () => new BigInt64Array(4),
    'a getter that throws': () => Object.defineProperty({}, 'resources', { get: explode, enumerable: true }),
    'getters that throw everywhere': () => new Proxy({}, { get: explode }),
    'a list whose length throws': () => listProxy((name) => (name === 'length' ? explode() : undefined)),
    'a list whose items throw': () => listProxy((name) => (name === 'length' ? 2 : explode())),
    'a list without end': () => listProxy((name) => (name === 'length' ? 2 ** 53 - 1 : 'ceramic://*')),
    'a list of nonsense length': () => listProxy((name) => (name === 'length' ? 'many' : 'ceramic://*')),
    'a list that changes': () => {
      const next = fickle(['ceramic://*', 5, '\ud800'])
      return listProxy((name) => (name === 'length' ? 1 : next()))
    },
    'an object without end': endlessProxy,
    'names that are nonsense': () => new Proxy({}, { ownKeys: () => [1, {}] }),
    'descriptors that are nonsense': () =>
      new Proxy({}, { ownKeys: () => ['a'], getOwnPropertyDescriptor: () => 'nothing' }),
    'a revoked proxy': () => revoked({}),
    'a revoked list': () => revoked([]),
    'a revoked function': () => revoked(() => 'text'),
    'a valueOf that throws': () => ({ valueOf: explode }),
    'a toString that throws': () => ({ toString: explode }),
    'a toJSON that throws': () => ({ toJSON: explode }),
    'a toPrimitive that throws': () => ({ [Symbol.toPrimitive]: explode }),
    'a toPrimitive of a symbol': () => ({ [Symbol.toPrimitive]: () => Symbol('x') }),
    'a toString that changes': () => {
      const next = fickle(['eip155:1:0x0000000000000000000000000000000000000000', '\ud800'])
      return { toString: next, toJSON: next, valueOf: next }
    },
    'a toString of no text': () => ({ toString: () => ({}), valueOf: () => ({}) }),
    'a tag that throws': () => Object.defineProperty({}, Symbol.toStringTag, { get: explode }),
    'a thenable that never settles': () => ({ then: () => undefined }),
    'a thenable that settles twice': () => ({ then: (done) => (done('one'), done('two')) }),
    'a thenable that throws': () => ({ then: explode }),
    'a then that throws': () => Object.defineProperty({}, 'then', { get: explode }),
    'a rejected promise': rejected,
    'an iterator that throws': () => ({ [Symbol.iterator]: explode }),
    'an iterator of nonsense': () => ({ [Symbol.iterator]: () => 5 }),
    'an iterator that throws late': () => ({ [Symbol.iterator]: () => ({ next: explode }) }),
    'an iterator without end': () => endless(['name', 'value']),
  }
  for (const trap of TRAPS) {
    made[`a trap ${trap} that throws`] = () => new Proxy({ resources: ['ceramic://*'] }, { [trap]: explode })
    made[`a list's trap ${trap} that throws`] = () => new Proxy(['ceramic://*'], { [trap]: explode })
  }
  if (realm !== undefined) {
    Object.assign(made, {
      'an object of another realm': () => realm.eval('({ resources: 5 })'),
      'a list of another realm': () => realm.eval('["\\ud800"]'),
      'a function of another realm': () => realm.eval('(() => { throw new Error("declined") })'),
      'bytes of another realm': () => realm.eval('new Uint8Array(32)'),
      'a Date of another realm': () => realm.eval('new Date(NaN)'),
      'an error of another realm': () => realm.eval('new TypeError("x")'),
      'a global object': () => realm,
      'a document': () => realm.document,
    })
  }
  return made
}

const PATIENCE_MS = 8000

/** What the browser says of passkeys in these tests: it is passed on. */
export const NO_PASSKEY = 'there is no passkey in this test'

/** What became of a call: nothing is wrong with it, or what is. */
const outcomeOf = async (call, passes) => {
  let timer
  const late = new Promise((resolve) => (timer = setTimeout(resolve, PATIENCE_MS, 'late')))
  const done = (async () => {
    // what a call answers may be hostile itself (the caller's own value): only that it ends counts
    const answer = call()
    if (answer instanceof Promise) await answer
  })().then(
    () => undefined,
    (error) => {
      if (passes) return undefined
      if (error instanceof DOMException && error.message === NO_PASSKEY) return undefined
      if (!(error instanceof Error)) return `rejects with ${Object.prototype.toString.call(error)}`
      if (error instanceof WebAssembly.RuntimeError) return `a trap: ${error.message}`
      if (typeof error.code !== 'string') return `without a code: ${error.name}: ${error.message}`
      // the bomb's own, which nobody but a wallet may tell
      if (error.message === 'it is all fine') return 'passes on what was thrown'
      return undefined
    }
  )
  const outcome = await Promise.race([done, late])
  clearTimeout(timer)
  return outcome === 'late' ? 'does not settle' : outcome
}

/** With one argument, or one member of one, in place of what is right. */
const variants = (entry) => {
  const places = []
  entry.args.forEach((make, index) => {
    places.push({ where: `${index}`, put: (args, value) => (args[index] = value) })
    for (const name of entry.members?.[index] ?? []) {
      const put = (args, value) => {
        const path = name.split('.')
        const last = path.pop()
        const holder = path.reduce((it, step) => it[step], args[index])
        holder[last] = value
      }
      places.push({ where: `${index}.${name}`, put })
    }
  })
  return places
}

/**
 * Calls every entry with hostile values in every place, a share of all by the seed, in its order; answers how
 * many calls that were, and what was wrong. An entry is `{name, args, members, call, except, passes}`;
 * `except` says what is not called, `passes` where a wallet stands, whose own errors are passed on.
 */
export const attack = async (entries, values, random, share = 1) => {
  const wrong = []
  const runs = []
  for (const entry of entries) {
    for (const place of variants(entry)) {
      for (const [kind, make] of Object.entries(values)) {
        if (entry.except?.(place.where, kind)) continue
        const order = random()
        if (order < share) runs.push({ entry, place, kind, make, order })
      }
    }
  }
  runs.sort((one, other) => one.order - other.order)
  const slow = new Map()
  for (const { entry, place, kind, make } of runs) {
    const args = entry.args.map((honest) => honest())
    place.put(args, make())
    const begun = performance.now()
    const title = `${entry.name}(${place.where}: ${kind})`
    const outcome = await outcomeOf(() => entry.call(...args), entry.passes?.includes(place.where))
    const took = performance.now() - begun
    if (took > 100) slow.set(title, took)
    if (outcome !== undefined) wrong.push(`${title} ${outcome.slice(0, 200)}`)
    if (wrong.length > 400) break
  }
  return { calls: runs.length, wrong, slow: [...slow].sort((a, b) => b[1] - a[1]).slice(0, 8) }
}
