// The options of every call, read in one place: only members of the object's own, of the right
// type; what is not known is refused by name.

import { isWellFormed } from './account.js'
import { failure, reading } from './host.js'
import { invalid, onlyKnown, text, texts } from './texts.js'
import * as wasm from './did_session_web.js'

/** A text that is given, or nothing. */
const textIf = (name, value) => (value === undefined || value === null ? undefined : text(name, value))

const seconds = (name, value) => {
  if (typeof value !== 'number' || !(value >= 0) || value === Infinity) {
    throw invalid(name, 'must be a number of seconds, not negative')
  }
  return value
}

const flag = (name, value) => {
  if (value === undefined || value === null) return false
  if (typeof value !== 'boolean') throw invalid(name, 'must be true or false')
  return value
}

const func = (name, value) => {
  if (typeof value !== 'function') throw invalid(name, 'must be a function')
  return value
}

/** The members of the caller's object, in an object without a prototype. */
const own = (name, given, known) => {
  if (given === undefined || given === null) return Object.create(null)
  return reading(name, () => {
    if (typeof given !== 'object' || Array.isArray(given)) throw invalid(name, 'must be an object')
    return onlyKnown({ __proto__: null, ...given }, known)
  })
}

const SESSION = [
  'resources', 'domain', 'statement', 'requestId', 'nonce', 'expiresInSecs', 'expirationTime',
  'exact', 'strict', 'recap', 'maxWaitSecs', 'profile', 'signal', 'walletTimeoutSecs',
]

/** What the type of the package `did-session` has, and every session sets by itself. */
const IGNORED = ['version', 'address']

const RENEWAL = [...SESSION, 'renewBeforeSecs']

/** An EIP-1193 provider. */
const provider = (value) => {
  if (value === undefined || value === null) return undefined
  if (reading('the option provider', () => typeof value.request) === 'function') return value
  throw invalid('provider', 'must implement request')
}

const signal = (value) => {
  if (value === undefined || value === null) return undefined
  const isSignal = reading('the option signal', () => {
    const { addEventListener, removeEventListener, aborted } = value
    const listens = typeof addEventListener === 'function' && typeof removeEventListener === 'function'
    return listens && typeof aborted === 'boolean'
  })
  if (isSignal) return value
  throw invalid('signal', 'must be an AbortSignal')
}

/** The JSON of an object; otherwise an error that names the option. */
const json = (name, value) => {
  const bad = () => invalid(name, 'must be an object with att and prf')
  if (typeof value !== 'object' || value === null) throw bad()
  let written
  try {
    written = JSON.stringify(value)
  } catch {
    throw bad()
  }
  if (typeof written !== 'string' || !isWellFormed(written)) throw bad()
  return written
}

/** The time of a `Date`, of this page or of another, or of a text; nothing for what is neither. */
export const timeOf = (value) => {
  try {
    return typeof value === 'string' ? Date.parse(value) : Date.prototype.getTime.call(value)
  } catch {
    return undefined
  }
}

/** For how many seconds it may last, or until when; neither for the usual time. */
const lifetime = ({ expiresInSecs, expirationTime }) => {
  // 0 stands for the usual time, as in the npm package did-session
  if (expiresInSecs !== undefined && expiresInSecs !== null && expiresInSecs !== 0) {
    return { lifetime: seconds('expiresInSecs', expiresInSecs) }
  }
  if (expirationTime === undefined || expirationTime === null) return undefined
  const end = timeOf(expirationTime)
  if (end > Date.now()) return { end }
  throw invalid('expirationTime', 'must be a date in the future')
}

/** `location.hostname`, if there is a location with a host. */
export const host = () => {
  const name = globalThis.location?.hostname
  return typeof name === 'string' && name !== '' ? name : undefined
}

/**
 * The options of `get`, `authorize`, `hasSessionFor`, … as they are given: an object, or the list
 * of resources.
 */
export const read = (given, { isRenewal = false } = {}) => {
  const known = isRenewal ? RENEWAL : SESSION
  const isList = reading('options', () => Array.isArray(given))
  const members = isList
    ? Object.assign(Object.create(null), { resources: given })
    : own('options', given, [...known, ...IGNORED])
  const options = Object.create(null)
  options.given = members
  options.resources =
    members.resources === undefined || members.resources === null
      ? []
      : texts('resources', members.resources)
  options.domain = textIf('domain', members.domain)
  options.statement = textIf('statement', members.statement)
  options.requestId = textIf('requestId', members.requestId)
  options.nonce = textIf('nonce', members.nonce)
  Object.assign(options, lifetime(members))
  options.exact = flag('exact', members.exact)
  options.strict = flag('strict', members.strict)
  options.recap =
    members.recap === undefined || members.recap === null ? undefined : json('recap', members.recap)
  options.maxWait =
    members.maxWaitSecs === undefined || members.maxWaitSecs === null
      ? undefined
      : seconds('maxWaitSecs', members.maxWaitSecs)
  options.profile = textIf('profile', members.profile)
  options.signal = signal(members.signal)
  options.walletTimeout =
    members.walletTimeoutSecs === undefined || members.walletTimeoutSecs === null
      ? undefined
      : seconds('walletTimeoutSecs', members.walletTimeoutSecs)
  if (isRenewal) {
    const before = members.renewBeforeSecs
    options.renewBefore =
      before === undefined || before === null ? 24 * 60 * 60 : seconds('renewBeforeSecs', before)
  }
  return options
}

/** The request of options that were read; `domains` are those that the page accepts. */
export const requestOf = (options, domains, resources = options.resources) => {
  const here = host()
  const domain = options.domain ?? here
  if (domain === undefined) throw invalid('domain', 'must be given outside of web pages')
  const request = new wasm.Request(domain, resources)
  // methods for wallets always write the page's own host
  for (const accepted of here === undefined ? domains : [here, ...domains]) {
    request.acceptedDomain(accepted)
  }
  if (options.statement !== undefined) request.statement(options.statement)
  if (options.requestId !== undefined) request.requestId(options.requestId)
  if (options.nonce !== undefined) request.nonce(options.nonce)
  if (options.lifetime !== undefined) request.lifetime(options.lifetime)
  if (options.end !== undefined) request.end(options.end)
  if (options.exact) request.exact()
  if (options.strict) request.strict()
  if (options.recap !== undefined) request.recap(options.recap)
  if (options.maxWait !== undefined) request.maxWait(options.maxWait)
  return request
}

/** What wasm can say of a request at a glance: that it is admitted. */
export const isPlain = ({ given, resources, domain = host() }, domains) => {
  const plain = ['resources', 'domain', 'profile']
  if (!Object.keys(given).every((name) => plain.includes(name))) return false
  // whatever a stored session grants
  if (resources.length === 0) return true
  const names = [domain, ...domains, host() ?? domain]
  return (
    domain !== undefined &&
    names.every((name) => wasm.isPlainDomain(name)) &&
    resources.every((resource, place) => wasm.isPlainResource(place, resource))
  )
}

/** What two callers must have in common to share a prompt. */
export const sameAs = (options) => {
  const { given, signal, walletTimeout, ...asked } = options
  return JSON.stringify(asked)
}

/** The profile that a call names. */
export const profileOf = (given) => textIf('profile', own('options', given, ['profile']).profile)

const CONFIGURATION = [
  'database', 'algorithm', 'unstorable', 'passkeys', 'domains', 'provider', 'store',
]
const PASSKEYS = ['rpId', 'origins', 'topOrigins', 'crossOrigin', 'userVerification']

const oneOf = (name, value, wanted, usual) => {
  if (value === undefined || value === null) return usual
  if (wanted.includes(value)) return value
  const named = wanted.map((one) => `"${one}"`)
  const last = named.pop()
  throw invalid(name, `must be ${named.join(', ')} or ${last}`)
}

/** `configure`: another database, other keys, another policy, more domains. */
export const readConfiguration = (given) => {
  const members = own('configuration', given, CONFIGURATION)
  const algorithm = oneOf('algorithm', members.algorithm, ['P-256', 'Ed25519'], 'P-256')
  const database = textIf('database', members.database)
  const configuration = {
    database,
    algorithm,
    unstorable: oneOf('unstorable', members.unstorable, ['refuse', 'memory'], 'refuse'),
    store: oneOf('store', members.store, ['indexeddb', 'memory'], 'indexeddb'),
    provider: provider(members.provider),
    domains:
      members.domains === undefined || members.domains === null
        ? []
        : texts('domains', members.domains),
    passkeys: own('passkeys', members.passkeys, PASSKEYS),
  }
  if (configuration.store === 'memory') configuration.unstorable = 'memory'
  if (algorithm !== 'P-256' && database === 'did-session') {
    throw failure(
      'no_session_key',
      `the session key cannot be made or kept here: the database did-session holds P-256 keys, not ${algorithm}`
    )
  }
  return configuration
}

/** The rules of judgement, as the calls that make them. */
export const rulesOf = ({ passkeys, provider }) => {
  // contracts are trusted if their chain can be asked
  const calls = provider === undefined ? [] : [['contracts']]
  const list = (name) => {
    const value = passkeys[name]
    if (value === undefined) return []
    const problem = 'must be a list of texts, not empty'
    const found = texts(`passkeys.${name}`, value, problem)
    if (found.length === 0) throw invalid(`passkeys.${name}`, problem)
    return found
  }
  if (passkeys.rpId !== undefined) calls.push(['rpId', text('passkeys.rpId', passkeys.rpId)])
  for (const origin of list('origins')) calls.push(['origin', origin])
  for (const origin of list('topOrigins')) calls.push(['topOrigin', origin])
  if (flag('passkeys.crossOrigin', passkeys.crossOrigin)) calls.push(['crossOrigin'])
  const levels = ['required', 'preferred', 'discouraged']
  const level = oneOf('passkeys.userVerification', passkeys.userVerification, levels, 'preferred')
  if (level === 'required') calls.push(['userVerification'])
  return calls
}

export { func as functionOf, invalid, oneOf, own, seconds, text, textIf, texts }
