// JSON for signing: what `JSON.stringify` writes of an object whose members are sorted.

import { failure, reading } from './host.js'

const sorted = (value) => {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  const names = Object.keys(value).sort()
  return Object.fromEntries(names.map((name) => [name, sorted(value[name])]))
}

export const stableJSON = (value) => {
  const json = reading('the payload', () => JSON.stringify(value), 'invalid_payload')
  if (json === undefined) throw failure('invalid_payload', 'the payload has no JSON')
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
