// A stable description of any stored value: how a transaction sees whether a slot is still as it
// was, and what an unreadable record's tag is made of.

import { viewOf } from './bytes.js'
import { hex } from './payload.js'

const MAX_DEPTH = 16
const MAX_NODES = 65_536

const classOf = (value) => Object.prototype.toString.call(value).slice(8, -1)

const bytesOf = (value) => hex(viewOf(value))

export const algorithmOf = ({ algorithm }) =>
  algorithm.namedCurve === undefined ? algorithm.name : `${algorithm.name} ${algorithm.namedCurve}`

/** A text that is the same for equal values, and another for others. */
export const describe = (value) => {
  let nodes = 0
  const tagged = (tag, text) => `${tag}${text.length}:${text}`
  const of = (value, depth) => {
    nodes += 1
    if (depth > MAX_DEPTH || nodes > MAX_NODES) return '~'
    if (typeof value === 'string') return tagged('s', value)
    if (typeof value === 'number') return tagged('n', Object.is(value, -0) ? '-0' : String(value))
    if (typeof value === 'boolean') return tagged('b', String(value))
    if (typeof value === 'bigint') return tagged('i', value.toString(16))
    if (value === null || typeof value !== 'object') return tagged('-', String(value))
    if (typeof CryptoKey === 'function' && value instanceof CryptoKey) {
      const usages = [...value.usages].join()
      return tagged('k', `${value.type} ${value.extractable} ${algorithmOf(value)} ${usages}`)
    }
    if (value instanceof Date) return tagged('d', String(value.getTime()))
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      return tagged('v', `${classOf(value)} ${bytesOf(value)}`)
    }
    if (Array.isArray(value)) {
      const items = []
      for (const item of value) {
        if (nodes > MAX_NODES) break
        items.push(of(item, depth + 1))
      }
      return tagged('[', `${value.length} ${items.join('')}`)
    }
    const content =
      value instanceof Map || value instanceof Set
        ? of([...value], depth + 1)
        : Object.keys(value)
            .sort()
            .map((name) => tagged('m', name) + of(value[name], depth + 1))
            .join('')
    return tagged('{', `${classOf(value)} ${content}`)
  }
  return of(value, 0)
}
