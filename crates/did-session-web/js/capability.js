// Capabilities as plain objects, and as the JSON that wasm reads: bytes as DAG-JSON has them.

import { base64 } from './bytes.js'
import { isWellFormed } from './account.js'
import { failure, reading } from './host.js'
import { ipldOf } from './ipld.js'
import * as wasm from './did_session_web.js'

// a capability is flat: what is nested deeper, or has no end, is not one
const MAX_DEPTH = 8
const MAX_VALUES = 16_384

const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))

/** What a value is, for people. */
export const kindOfValue = (value) => {
  if (value === null || value === undefined) return String(value)
  const type = typeof value
  if (type !== 'object' && type !== 'function') return `a ${type}`
  try {
    if (Array.isArray(value)) return 'an array'
    return `an object (${Object.prototype.toString.call(value).slice(8, -1)})`
  } catch {
    return 'an object that cannot be read'
  }
}

const unreadable = (value) =>
  failure('unreadable', `cacao is not a valid capability but ${kindOfValue(value)}`)

const plain = (value, whole, depth, left) => {
  left.values -= 1
  if (depth > MAX_DEPTH || left.values < 0) throw unreadable(whole)
  const type = typeof value
  if (value === null || type === 'string' || type === 'boolean' || type === 'number') return value
  // a copy: one with members of its own would have a say in how it is written
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (Array.isArray(value)) {
    const { length } = value
    if (!(length <= left.values)) throw unreadable(whole)
    return Array.from({ length }, (_, place) => plain(value[place], whole, depth + 1, left))
  }
  if (type !== 'object' || Object.prototype.toString.call(value) !== '[object Object]') {
    throw unreadable(whole)
  }
  const copy = Object.create(null)
  for (const name of Object.keys(value)) {
    const member = value[name]
    if (member !== undefined) copy[name] = plain(member, whole, depth + 1, left)
  }
  return copy
}

const isUnicode = (value) => {
  if (typeof value === 'string') return isWellFormed(value)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return true
  return Object.entries(value).every(([name, member]) => isWellFormed(name) && isUnicode(member))
}

const dagJson = (name, value) =>
  value instanceof Uint8Array ? { '/': { bytes: base64(value).replaceAll('=', '') } } : value

/**
 * What wasm reads a capability from: its JSON, and `tell`, which tells it value by value, to be taken
 * once. Throws for what cannot be one.
 */
export const readable = (value) => {
  if (typeof value !== 'object' || value === null) throw unreadable(value)
  const copy = reading('the capability', () => plain(value, value, 0, { values: MAX_VALUES }), 'unreadable')
  const text = JSON.stringify(copy, dagJson)
  // what is not Unicode stands in JSON as an escape
  if (/\\ud[89a-f]/.test(text) && !isUnicode(copy)) throw unreadable(value)
  const tell = () => {
    try {
      return ipldOf(copy)
    } catch {
      // the JSON says what it is
      return new wasm.IpldWriter()
    }
  }
  return { text, tell }
}

/** As `readable`, of a capability that a call is given; one that is none is an option that is not valid. */
const given = (value) => {
  try {
    return readable(value)
  } catch (error) {
    throw failure('invalid_option', error.message)
  }
}

/** The JSON of a capability that a call is given. */
export const givenText = (value) => given(value).text

/** What a wallet shows of a capability without a signature. */
export const signInText = (value) => {
  const { text, tell } = given(value)
  return wasm.signInText(text, tell())
}

/** The capability as an object, bytes as bytes. */
export const capabilityOf = (json) => {
  const cacao = JSON.parse(json)
  const { s } = cacao
  if (s?.s?.['/'] !== undefined) s.s = fromBase64(s.s['/'].bytes)
  if (s?.m?.aad !== undefined) s.m.aad = fromBase64(s.m.aad['/'].bytes)
  return cacao
}
