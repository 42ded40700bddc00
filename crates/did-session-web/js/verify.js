// What a JWS is judged by: the options of `verifyJWS` with their types, for wasm, which judges.

import * as wasm from './did_session_web.js'
import { invalid } from './account.js'
import { givenText } from './capability.js'
import { textOf } from './json.js'
import { resolveKey } from './resolve.js'

const ofType = (type) => (options, name) => {
  const value = options[name]
  if (value === undefined || typeof value === type) return value
  throw invalid(`${name} must be a ${type === 'string' ? 'text' : type}`)
}
const text = ofType('string')
const number = ofType('number')
const boolean = ofType('boolean')

/** The time of a `Date`, of this page or of another. */
const millis = (options, name) => {
  const value = options[name]
  if (value === undefined) return undefined
  try {
    return Date.prototype.getTime.call(value)
  } catch {
    throw invalid(`${name} must be a Date`)
  }
}

/** The kinds of signatures that the caller has verifiers for; how they verify is not asked. */
const kinds = (options, name) => {
  const value = options[name]
  if (value === undefined) return undefined
  if (typeof value === 'object' && value !== null) return JSON.stringify(Object.keys(value))
  throw invalid(`${name} must be an object of verifiers by the kind of signature`)
}

const capability = (options, name) => {
  const value = options[name]
  if (value === undefined) return undefined
  if (typeof value === 'object' && value !== null) return givenText(value)
  throw invalid(`${name} must be a capability`)
}

/** The link that stands beside a DagJWS, as a text. */
const linkOf = (jws) => {
  const link = typeof jws === 'string' ? undefined : jws.link
  if (link === undefined) return undefined
  // a DagJWS that went through JSON
  return typeof link?.['/'] === 'string' ? link['/'] : String(link)
}

export const verify = (jws, options = {}) => {
  if (typeof jws !== 'string' && (typeof jws !== 'object' || jws === null)) {
    throw invalid('a JWS must be a text or an object')
  }
  const wish = new wasm.Wish()
  const tell = (name, value) => value !== undefined && wish[name](value)
  tell('issuer', text(options, 'issuer'))
  tell('domain', text(options, 'domain'))
  tell('capability', capability(options, 'capability'))
  tell('link', linkOf(jws))
  tell('at', millis(options, 'atTime'))
  if (boolean(options, 'disableTimecheck')) wish.ignoreExpiry()
  tell('phaseOut', number(options, 'revocationPhaseOutSecs'))
  tell('kinds', kinds(options, 'verifiers'))
  const judged = wasm.judgeJws(textOf(jws), wish)
  const { kid, did, issuer, payload: bytes, isJson } = judged
  judged.free()
  wish.free()
  const verified = { kid, did, issuer, bytes }
  // the CID of a DagJWS is not JSON, for example; nor is what two readers read differently
  if (isJson) verified.payload = JSON.parse(new TextDecoder().decode(bytes))
  // made for those who look at it
  Object.defineProperty(verified, 'didResolutionResult', {
    enumerable: true,
    get: () => resolveKey(did),
  })
  return verified
}
