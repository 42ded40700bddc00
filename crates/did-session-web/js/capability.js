// Capabilities as plain objects, and as the JSON that wasm reads: bytes as DAG-JSON has them.

import { base64 } from './bytes.js'
import { failure } from './host.js'

// a capability is flat: deeper than this is none, or one in itself
const MAX_DEPTH = 8

const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))

/** What a value is, for people. */
export const kindOfValue = (value) => {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  const type = typeof value
  if (type !== 'object' && type !== 'function') return `a ${type}`
  return `an object (${Object.prototype.toString.call(value).slice(8, -1)})`
}

const unreadable = (value) =>
  failure('unreadable', `cacao is not a valid capability but ${kindOfValue(value)}`)

const plain = (value, whole, depth) => {
  if (depth > MAX_DEPTH) throw unreadable(whole)
  const type = typeof value
  if (value === null || type === 'string' || type === 'boolean' || type === 'number') return value
  if (value instanceof Uint8Array) return { '/': { bytes: base64(value).replaceAll('=', '') } }
  if (Array.isArray(value)) return value.map((item) => plain(item, whole, depth + 1))
  if (type !== 'object' || Object.prototype.toString.call(value) !== '[object Object]') {
    throw unreadable(whole)
  }
  const copy = Object.create(null)
  for (const name of Object.keys(value)) {
    if (value[name] !== undefined) copy[name] = plain(value[name], whole, depth + 1)
  }
  return copy
}

/** The JSON of a capability; throws for what cannot be one. */
export const capabilityText = (value) => {
  if (typeof value !== 'object' || value === null) throw unreadable(value)
  return JSON.stringify(plain(value, value, 0))
}

/** The JSON of a capability that a call is given; one that is none is an option that is not valid. */
export const givenText = (value) => {
  try {
    return capabilityText(value)
  } catch (error) {
    throw failure('invalid_option', error.message)
  }
}

/** The capability as an object, bytes as bytes. */
export const capabilityOf = (json) => {
  const cacao = JSON.parse(json)
  const { s } = cacao
  if (s?.s?.['/'] !== undefined) s.s = fromBase64(s.s['/'].bytes)
  if (s?.m?.aad !== undefined) s.m.aad = fromBase64(s.m.aad['/'].bytes)
  return cacao
}
