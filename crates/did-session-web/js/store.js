// Sessions in IndexedDB, in the layout of the npm package `did-session`: `{cacao, keypair}` for each
// account. What lies there is read by wasm, which says what counts.

import { capabilityOf, kindOfValue, readable } from './capability.js'
import { announce } from './changes.js'
import { databaseFailure, isUnstorable, keysIn, read, update } from './database.js'
import { describe } from './describe.js'
import { failure } from './host.js'
import { isEd25519, rawOf } from './keys.js'
import { all, withAll } from './load.js'
import * as wasm from './did_session_web.js'

const SESSIONS = 'sessions'

/** Of all keys, those that are other spellings of a slot's. */
const spellings = (key) => (keys) =>
  keys.filter((one) => typeof one === 'string' && wasm.isKeyOf(key, one))

const fingerprint = (entries) =>
  entries
    .map(({ key, value, error }) =>
      describe(key) + (error ? describe(`unreadable: ${error.name}`) : describe(value))
    )
    .join('')

const member = (record, name) => {
  const value = Object.hasOwn(record, name) ? record[name] : undefined
  if (value === undefined || value === null) throw failure('unreadable', `${name} is missing`)
  if (typeof value !== 'object') {
    throw failure('unreadable', `${name} is not a valid object but ${kindOfValue(value)}`)
  }
  return value
}

const MAX_EVIDENCE = 4096

const evidenceOf = (record) => {
  const { evidence } = { __proto__: null, ...record }
  if (evidence === undefined) return undefined
  if (typeof evidence !== 'string') {
    throw failure('unreadable', `evidence is not a valid string but ${kindOfValue(evidence)}`)
  }
  if (evidence.length > MAX_EVIDENCE) {
    const problem = `the evidence has ${evidence.length} bytes, more than ${MAX_EVIDENCE}`
    throw failure('unreadable', `evidence is not valid: ${problem}`)
  }
  return evidence
}

const candidateOf = ({ text, tell }, raw, algorithm) =>
  new wasm.Candidate(text, tell(), raw, isEd25519(algorithm))

/** A record as it lies there: `{candidate, pair, raw, evidence}`; throws where it cannot be read. */
const recordOf = async ({ value, error }, algorithm) => {
  if (error) {
    throw failure('unreadable', `the browser cannot read it: ${error.name}: ${error.message}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw failure('unreadable', `it is not an object but ${kindOfValue(value)}`)
  }
  const capability = readable(member(value, 'cacao'))
  const pair = member(value, 'keypair')
  const evidence = evidenceOf(value)
  const raw = await rawOf(pair, algorithm)
  if (isEd25519(algorithm)) await all()
  // what is spelled as other software does is read in the last part
  const candidate = await withAll(async () => candidateOf(capability, raw, algorithm))
  return { candidate, pair, raw, evidence }
}

/** What lies in a slot: the record that counts, or why there is none. */
const contentsOf = async (entries, slot, algorithm, database) => {
  let [best, first] = [undefined, undefined]
  for (const entry of entries) {
    try {
      const record = await recordOf(entry, algorithm)
      const rank = entries.length === 1 ? 0 : record.candidate.rank(slot.key)
      if (best === undefined || rank >= best.rank) {
        best?.candidate.free()
        best = { ...record, rank }
      } else {
        record.candidate.free()
      }
    } catch (error) {
      // that says nothing of the record
      if (error.code === 'not_loaded') throw error
      const where = `the record ${entry.key} of the database ${database} cannot be read`
      first ??= `${where}: ${error.message}`
    }
  }
  // who only looks does not compare
  let seen
  const contents = {
    __proto__: null,
    get seen() {
      return (seen ??= fingerprint(entries))
    },
  }
  if (best !== undefined) return Object.assign(contents, best, { tag: best.candidate.tag })
  return entries.length === 0
    ? contents
    : Object.assign(contents, { tag: contents.seen, why: first })
}

export class Store {
  #memory = new Map()

  constructor({ database, algorithm, unstorable, store }) {
    this.database =
      database ?? (isEd25519(algorithm) ? 'did-session-ed25519' : 'did-session')
    this.algorithm = algorithm
    this.profiles = `${this.database}-profiles`
    this.isMemory = store === 'memory'
    this.keepsInMemory = unstorable === 'memory'
  }

  get databases() {
    return [this.database, this.profiles]
  }

  /** For the profiles that are not the default one: other software reads the first database. */
  #databaseOf({ profile }) {
    return profile ? this.profiles : this.database
  }

  /** Whether there is an answer to this failure. */
  #isSpared(error) {
    return this.keepsInMemory && isUnstorable(error)
  }

  #failed(what, slot, error) {
    return databaseFailure(what, this.#databaseOf(slot), error)
  }

  async #entries(slot) {
    if (this.isMemory) return []
    const wanted = { key: slot.key, others: spellings(slot.key) }
    return withAll(() => read(this.#databaseOf(slot), SESSIONS, wanted))
  }

  async #found(slot) {
    try {
      return await this.#entries(slot)
    } catch (error) {
      if (this.#isSpared(error)) return []
      throw this.#failed('read', slot, error)
    }
  }

  /** Whether nothing lies in a slot, of which only the key and the profile are asked. */
  async isEmpty(slot) {
    return !this.#memory.has(slot.key) && (await this.#found(slot)).length === 0
  }

  /**
   * `{candidate, pair, evidence, tag, seen}`, or `{tag, seen, why}` for what cannot be read, or
   * `{seen}` for nothing.
   */
  async load(slot) {
    const kept = this.#memory.get(slot.key)
    if (kept !== undefined) {
      const { text, raw, pair, evidence } = kept
      const candidate = candidateOf(readable(capabilityOf(text)), raw, this.algorithm)
      return { __proto__: null, candidate, pair, raw, evidence, tag: candidate.tag, isKept: true }
    }
    return contentsOf(await this.#found(slot), slot, this.algorithm, this.#databaseOf(slot))
  }

  /**
   * Puts a value into the slot, or empties it, where the slot is as it was loaded (`loaded`), or
   * whatever it holds. `undefined` for a conflict, else whether something lay there.
   */
  async #change(slot, value, loaded) {
    const database = this.#databaseOf(slot)
    const wanted = { key: slot.key, others: spellings(slot.key) }
    for (let expected = loaded; ; ) {
      let found
      const write = (entries) => {
        found = entries
        if (expected !== undefined && fingerprint(entries) !== expected.seen) return []
        expected = 'done'
        const others = entries.filter(({ key }) => value === undefined || key !== slot.key)
        const writes = others.map(({ key }) => ({ remove: key }))
        return value === undefined ? writes : [...writes, { put: [slot.key, value] }]
      }
      await withAll(() => update(database, SESSIONS, wanted, write))
      if (expected === 'done') return found.length > 0
      // another content, or the same with something beside it that says nothing
      const now = await contentsOf(found, slot, this.algorithm, database)
      now.candidate?.free()
      if (now.tag === undefined || now.tag !== loaded.tag) return undefined
      expected = now
    }
  }

  /** What a change must find in the database: whatever, where the slot's record is in memory. */
  #inDatabase(slot, loaded) {
    const kept = this.#memory.get(slot.key)
    if (kept === undefined) return { loaded: loaded?.isKept ? { __proto__: null, seen: '', tag: '' } : loaded }
    return loaded === undefined || loaded.tag === kept.tag ? { loaded: undefined } : undefined
  }

  /** Whether it was saved; `false` when the slot is not as it was loaded. */
  async save(slot, { text, pair, raw, evidence }, loaded) {
    const expected = this.#inDatabase(slot, loaded)
    if (expected === undefined) return false
    const value = { cacao: capabilityOf(text), keypair: pair }
    if (evidence !== undefined) value.evidence = evidence
    try {
      if (this.isMemory) throw failure('storage_unavailable', 'sessions are kept in memory')
      if ((await this.#change(slot, value, expected.loaded)) === undefined) return false
      this.#memory.delete(slot.key)
    } catch (error) {
      if (!this.#isSpared(error)) throw this.#failed('write', slot, error)
      // somebody may have come while the browser was asked
      if (this.#inDatabase(slot, loaded) === undefined) return false
      const candidate = candidateOf(readable(capabilityOf(text)), raw, this.algorithm)
      this.#memory.set(slot.key, { text, raw, pair, evidence, tag: candidate.tag, slot })
      candidate.free()
    }
    announce(this.#databaseOf(slot), slot, 'saved')
    return true
  }

  /** Whether something was removed; `undefined` when the slot is not as it was loaded. */
  async remove(slot, loaded) {
    const expected = this.#inDatabase(slot, loaded)
    if (expected === undefined) return undefined
    const wasKept = this.#memory.delete(slot.key)
    let removed = wasKept
    try {
      if (!this.isMemory) {
        const found = await this.#change(slot, undefined, expected.loaded)
        if (found === undefined) return undefined
        removed = found || wasKept
      }
    } catch (error) {
      if (!this.#isSpared(error)) throw this.#failed('write', slot, error)
    }
    if (removed) announce(this.#databaseOf(slot), slot, 'removed')
    return removed
  }

  /** Everything that lies there: `{slots, foreign}`. */
  async list() {
    const slots = new Map([...this.#memory.values()].map(({ slot }) => [slot.key, slot]))
    const foreign = []
    for (const [database, isDefault] of [
      [this.database, true],
      [this.profiles, false],
    ]) {
      if (this.isMemory) break
      let keys
      try {
        keys = await keysIn(database, SESSIONS)
      } catch (error) {
        if (this.#isSpared(error)) continue
        throw this.#failed('read', { profile: isDefault ? undefined : '-' }, error)
      }
      const texts = keys.map((key) => (typeof key === 'string' ? key : ''))
      const found = JSON.parse(await withAll(async () => wasm.slotsAt(texts)))
      for (const [place, slot] of found.entries()) {
        if (slot !== null && (slot.profile === null) === isDefault) slots.set(slot.key, slot)
        else foreign.push(String(keys[place]))
      }
    }
    return { slots: [...slots.values()], foreign }
  }
}
