// What a JWS is judged by: the options of `verifyJWS` with their types, for wasm, which judges.

import * as wasm from './did_session_web.js'
import { invalid, isWellFormed } from './account.js'
import { base32 } from './bytes.js'
import { failure, ownOf, reading } from './host.js'
import { givenText } from './capability.js'
import { textOf } from './json.js'
import { timeOf } from './options.js'
import { onlyKnown } from './texts.js'
import { resolveKey } from './resolve.js'

const CID_V1 = 1

const isFine = (value) => typeof value !== 'string' || isWellFormed(value)

const ofType = (type) => (options, name) => {
  const value = options[name]
  if (value === undefined || (typeof value === type && isFine(value))) return value
  throw invalid(`${name} must be a ${type === 'string' ? 'text' : type}`)
}
const text = ofType('string')
const number = ofType('number')
const boolean = ofType('boolean')

/** The time of a `Date`, of this page or of another. */
const millis = (options, name) => {
  const value = options[name]
  if (value === undefined) return undefined
  const time = typeof value === 'string' ? undefined : timeOf(value)
  if (time !== undefined) return time
  throw invalid(`${name} must be a Date`)
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

/** A CID, or one that went through JSON. Its text and its bytes are read by others, and must agree. */
const textOfLink = (link) => {
  const { '/': json } = { __proto__: null, ...link }
  if (typeof json === 'string') return json
  const [text, { bytes }] = [String(link), link]
  if (Array.isArray(link) || !(bytes instanceof Uint8Array)) throw invalid('link must be a CID')
  if (bytes[0] !== CID_V1 || text === `b${base32(bytes)}`) return text
  throw failure('link_mismatch', 'the text of the link and its bytes are two CIDs')
}

/** The link that stands beside a DagJWS, as a text. */
const linkOf = (jws) => {
  const { link } = { __proto__: null, ...(typeof jws === 'string' ? {} : jws) }
  if (link === undefined) return undefined
  // a DagJWS that went through JSON
  const text = typeof link === 'object' && link !== null ? textOfLink(link) : String(link)
  if (isWellFormed(text)) return text
  throw invalid('link must be well-formed Unicode')
}

const KNOWN = [
  'issuer', 'domain', 'capability', 'atTime', 'disableTimecheck', 'revocationPhaseOutSecs', 'verifiers',
]

/** The caller's own options, those of the npm package `dids` and `domain`. */
export const optionsOf = (given) => {
  if (reading('options', () => Array.isArray(given))) throw invalid('options must be an object')
  return onlyKnown(ownOf('options', given), KNOWN)
}

/** What is judged, and by what: `given` are the caller's own members. */
const read = (jws, given, wish) => {
  if (typeof jws !== 'string' && (typeof jws !== 'object' || jws === null)) {
    throw invalid('a JWS must be a text or an object')
  }
  if (given !== undefined && given !== null && typeof given !== 'object') {
    throw invalid('options must be an object')
  }
  const options = optionsOf(given)
  const tell = (name, value) => value !== undefined && wish[name](value)
  tell('issuer', text(options, 'issuer'))
  tell('domain', text(options, 'domain'))
  tell('capability', capability(options, 'capability'))
  tell('link', linkOf(jws))
  tell('at', millis(options, 'atTime'))
  if (boolean(options, 'disableTimecheck')) wish.ignoreExpiry()
  tell('phaseOut', number(options, 'revocationPhaseOutSecs'))
  tell('kinds', kinds(options, 'verifiers'))
  const whole = textOf(jws)
  if (isWellFormed(whole)) return whole
  throw invalid('a JWS must be well-formed Unicode')
}

export const verify = (jws, options) => {
  const wish = new wasm.Wish()
  let judged
  try {
    const whole = reading('a JWS or its options', () => read(jws, options, wish))
    judged = wasm.judgeJws(whole, wish)
  } finally {
    wish.free()
  }
  const { kid, did, issuer, payload: bytes, isJson } = judged
  judged.free()
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
