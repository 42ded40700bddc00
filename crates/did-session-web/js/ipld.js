// JavaScript values as IPLD has them, by the rules of JavaScript's own DAG-CBOR encoder, told to
// wasm one after the other.

import { viewOf } from './bytes.js'
import { isWellFormed } from './account.js'
import { failure, reading } from './host.js'
import * as wasm from './did_session_web.js'

const unsupported = (what) => failure('invalid_payload', `DAG-CBOR does not know ${what}`)

/** The bytes of a CID of the `multiformats` package, of any of its versions, or of one of ours. */
const cidOf = (value) => {
  if (!Object.hasOwn(value, 'bytes')) return undefined
  const { bytes } = value
  const isMarked = value['/'] === bytes || value.asCID === value
  return isMarked && bytes instanceof Uint8Array ? bytes : undefined
}

const wellFormed = (text) => {
  if (!isWellFormed(text)) throw unsupported('a lone surrogate')
  return text
}

/** What CBOR writes of an integer beside its sign. */
const magnitude = (value) => (value < 0n ? -1n - value : value)

/** The most values that a payload may have: an iterator of the caller may never end. */
const MAX_VALUES = 262_144
const MAX_DEPTH = 1024

const write = (writer, value, left, depth = 0) => {
  left.values -= 1
  if (left.values < 0) throw unsupported(`more than ${MAX_VALUES} values`)
  if (depth > MAX_DEPTH) throw unsupported(`values in more than ${MAX_DEPTH} others`)
  if (value === null) return writer.null()
  switch (typeof value) {
    case 'boolean':
      return writer.bool(value)
    case 'string':
      return writer.text(wellFormed(value))
    case 'number':
      return Number.isSafeInteger(value) ? writer.integer(value) : writer.float(value)
    case 'bigint':
      if (BigInt.asUintN(64, magnitude(value)) !== magnitude(value)) {
        throw unsupported('a big integer beyond 64 bits')
      }
      return writer.big(value < 0n, magnitude(value))
    case 'object':
      return writeObject(writer, value, left, depth + 1)
    default:
      throw unsupported(`a value of the type ${typeof value}`)
  }
}

const writeObject = (writer, value, left, depth) => {
  const cid = cidOf(value)
  if (cid !== undefined) return writer.link(cid)
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return writer.bytes(viewOf(value))
  if (Array.isArray(value)) {
    writer.list()
    for (let place = 0; place < value.length; place += 1) write(writer, value[place], left, depth)
    return writer.close()
  }
  // an instance of a class without a tag of its own will do; not a Date, a Set, a Promise
  const isPlain = Object.prototype.toString.call(value) === '[object Object]'
  if (!isPlain && !(value instanceof Map)) throw unsupported('an object of a class')
  const entries = value instanceof Map ? Map.prototype.entries.call(value) : Object.entries(value)
  writer.map()
  for (const [name, member] of entries) {
    if (typeof name !== 'string') throw unsupported('a map whose keys are not all texts')
    writer.name(wellFormed(name))
    write(writer, member, left, depth)
  }
  return writer.close()
}

/** The value, for `prepareDag`. */
export const ipldOf = (value) => {
  const writer = new wasm.IpldWriter()
  try {
    reading('the payload', () => write(writer, value, { values: MAX_VALUES }), 'invalid_payload')
  } catch (error) {
    writer.free()
    throw error
  }
  return writer
}
