// What was revoked in this browser: one text in a database of its own, which wasm reads and writes.

import { databaseFailure, isUnstorable, readIfThere, update } from './database.js'
import { failure } from './host.js'

const REVOCATIONS = 'revocations'
const LEDGER = 'ledger'
const WANTED = { key: LEDGER, others: () => [] }

export class Revocations {
  #memory = []

  constructor({ database, isMemory, keepsInMemory }) {
    this.database = `${database}-revocations`
    this.isMemory = isMemory
    this.keepsInMemory = keepsInMemory
  }

  #isSpared(error) {
    return this.keepsInMemory && isUnstorable(error)
  }

  #failed(what, error) {
    return databaseFailure(what, this.database, error)
  }

  #textOf(entry) {
    if (entry === undefined) return undefined
    if (typeof entry.value === 'string') return entry.value
    throw failure('store_failed', 'the ledger is not a text')
  }

  /** The texts of what is known. */
  async ledgers() {
    if (this.isMemory) return [...this.#memory]
    try {
      const [entry] = await readIfThere(this.database, REVOCATIONS, WANTED)
      const text = this.#textOf(entry)
      return text === undefined ? [...this.#memory] : [...this.#memory, text]
    } catch (error) {
      if (this.#isSpared(error)) return [...this.#memory]
      throw this.#failed('read', error)
    }
  }

  /** Changes the ledger by `edit`, from a text or nothing to a text, or to nothing for no change. */
  async record(edit) {
    const inMemory = () => {
      const text = edit(this.#memory[0])
      if (text !== undefined) this.#memory[0] = text
    }
    if (this.isMemory) return inMemory()
    try {
      return await update(this.database, REVOCATIONS, WANTED, ([entry]) => {
        const text = edit(this.#textOf(entry))
        return text === undefined ? [] : [{ put: [LEDGER, text] }]
      })
    } catch (error) {
      if (this.#isSpared(error)) return inMemory()
      throw this.#failed('write', error)
    }
  }
}
