// JSON for signing: what `JSON.stringify` writes of an object whose members are sorted.

import { isWellFormed } from './account.js'
import { failure, reading } from './host.js'

/** `null` stands for neither, and an escape for half of a character is not one. */
const checked = (what) => (name, value) => {
  const has = (problem) => failure('invalid_payload', `${what} has ${problem}`)
  const plain =
    value instanceof Number || value instanceof String ? value.valueOf() : value
  if (typeof plain === 'number' && !Number.isFinite(plain)) throw has(`the number ${plain}`)
  if (typeof plain === 'string' && !isWellFormed(plain)) throw has('a lone surrogate')
  const isLeftOut = plain === undefined || typeof plain === 'function' || typeof plain === 'symbol'
  if (!isLeftOut && !isWellFormed(name)) throw has('a lone surrogate in a name')
  return value
}

/** What `JSON.stringify` writes, if that is what was given; else `invalid_payload`. */
export const exactJSON = (what, value) =>
  reading(what, () => JSON.stringify(value, checked(what)), 'invalid_payload')

const sorted = (value) => {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  const names = Object.keys(value).sort()
  return Object.fromEntries(names.map((name) => [name, sorted(value[name])]))
}

export const stableJSON = (value) => {
  const json = exactJSON('the payload', value)
  if (json === undefined) throw failure('invalid_payload', 'the payload cannot be written as JSON')
  return reading('the payload', () => JSON.stringify(sorted(JSON.parse(json))), 'invalid_payload')
}

/** A compact JWS in the general form. */
export const general = (compact) => {
  const [protectedHeader, payload, signature] = compact.split('.')
  return { payload, signatures: [{ protected: protectedHeader, signature }] }
}

/** A compact or general JWS as the text that wasm reads. */
export const textOf = (jws) => {
  if (typeof jws === 'string') return jws
  const { payload, signatures } = { __proto__: null, ...jws }
  return JSON.stringify({ payload, signatures })
}
