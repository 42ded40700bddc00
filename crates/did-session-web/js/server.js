// The server's side of docs/http.md, without a framework: proofs over WebCrypto, capabilities by
// the package's wasm. The order of the checks is that of section 6 there.

import { invalid as wrong } from './account.js'
import { base32, base64url, sha256, utf8 } from './bytes.js'
import { ownOf, reading } from './host.js'
import { onlyKnown, texts } from './texts.js'
import { readCapability as byWasm } from './server-capability.js'
import { createKeys, isProofKey } from './server-keys.js'
import { createLoginChallenges, createNonces } from './server-mac.js'
import { MemoryCapabilities, MemoryChallenges, MemoryReplayWindow } from './server-memory.js'
import { decode, readProof } from './server-proof.js'
import { fieldsOf, refuse, Refused, responseOf } from './server-refusal.js'
import {
  contentFieldsOf,
  credentialsOf,
  expectedOf,
  has,
  only,
  originOf,
  partsOf,
  readContent,
} from './server-request.js'

export { MemoryCapabilities, MemoryChallenges, MemoryReplayWindow }
export { nodeRequest } from './server-request.js'

const MAX_AGE = 60
const MAX_AHEAD = 5
/** Seconds for which a capability is accepted after its end, as capabilities are judged. */
const SKEW = 300
/** Seconds that a capability may last, unless said otherwise: 90 days. */
const MAX_LIFETIME = 90 * 24 * 3600
const MAX_FIELD = 4096
const MAX_CAR = 65_536
const MAX_KNOWN = 10_000
const LIMITS = { maxBytes: 2 << 20, maxSeconds: 30 }

/** Numbers of a route or of a memory, in whole or in parts; nothing where none is given. */
const numberIf = (name, value) => {
  if (value === undefined || (typeof value === 'number' && value >= 0)) return value
  throw wrong(`${name} must be a number, not negative`)
}

const NUMBERS = ['maxAge', 'maxBytes', 'maxSeconds']
const FLAGS = ['needsNonce', 'takesStreams']

/** What a route takes and demands, its own members alone. */
const routeOf = (given) => {
  const route = onlyKnown(ownOf('the route', given), ['requires', ...FLAGS, ...NUMBERS])
  for (const name of FLAGS) {
    // a text that says yes would be a no
    const isFlag = route[name] === undefined || typeof route[name] === 'boolean'
    if (!isFlag) throw wrong(`${name} must be true or false`)
  }
  for (const name of NUMBERS) {
    // one that is left out has its usual value
    if (numberIf(name, route[name]) === undefined) delete route[name]
  }
  if (route.requires !== undefined) route.requires = texts('requires', route.requires)
  return route
}

/** An origin in the one spelling that browsers send. */
const checkOrigin = (text) => {
  let url
  try {
    url = new URL(text)
  } catch {
    throw wrong(`${text} is not a valid origin`)
  }
  if (!/^https?:$/.test(url.protocol) || url.origin !== text) throw wrong(`${text} is not a valid origin`)
  return text
}

/** The CID of a block of DAG-CBOR: version 1, sha2-256, in base32. */
const cidOf = async (block) => {
  const hash = await sha256(block)
  return `b${base32(Uint8Array.of(0x01, 0x71, 0x12, 0x20, ...hash))}`
}

/** A store that fails lets nobody in. */
const asking = async (what, ask) => {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof Refused) throw error
    refuse('unavailable', `the server cannot decide this at the moment (${what}); try again later`)
  }
}

class Verifier {
  #rules
  #verifySignature = createKeys()
  /** Capabilities that were judged once, by CID; those that were used last stay. */
  #known = new Map()

  constructor(rules) {
    this.#rules = rules
  }

  /** Judges a request; reads its content and compares it with what was signed. */
  async verify(request, given) {
    const route = routeOf(given)
    return this.#answer(request, async (parts, seen) => {
      const begun = await this.#begin(parts, route)
      seen.nonce = begun.nonce
      const capability = await this.#capabilityOf(parts, begun)
      if (capability.audience !== begun.proof.key) refuse('invalid_token', AUDIENCE, reason('audience_mismatch'))
      if (capability.expiresAt === undefined) refuse('invalid_token', NO_EXPIRY, reason('no_expiry'))
      await this.#checkProof(begun)
      await this.#judge(capability)
      await this.#use(begun)
      await this.#checkRevocation(capability)
      const content = await this.#content(parts, begun, { ...LIMITS, ...route })
      if (content !== undefined && content.length > 0) await this.#checkStill(capability)
      const caller = this.#callerOf(capability, begun.proof.key)
      for (const resource of route.requires ?? []) caller.require(resource)
      if (route.maxAge !== undefined) caller.requireLoginWithin(route.maxAge)
      return { caller, content, body: content === undefined ? parts.body : undefined }
    })
  }

  /** A challenge for a login by this session key. */
  challenge(key, domain = this.#rules.domains[0]) {
    if (typeof key !== 'string' || !isProofKey(key)) throw wrong('the key is not a did:key of a session')
    if (!this.#rules.domains.includes(domain)) throw wrong('the domain is not one of this server')
    return this.#rules.loginChallenges
      .issue(domain, key, this.#rules.now())
      .then(({ challenge, until }) => ({ challenge, domain, expires_at: Math.floor(until) }))
  }

  /** Logs in: the content is a capability that answers a challenge. */
  async logIn(request) {
    const { loginChallenges, challenges, now } = this.#rules
    const find = async ({ nonce, domain, audience }) => {
      const found = await loginChallenges.read(nonce, domain, audience, now())
      return found ?? refuse('invalid_token', CHALLENGE, reason('challenge_mismatch'))
    }
    return this.#register(request, find, async ({ identity }, found) => {
      const consumed = await asking('used challenges', () =>
        challenges.consume(found.id, identity, found.until, now())
      )
      if (consumed !== 'now' && consumed !== 'by_the_same') {
        refuse('invalid_token', CHALLENGE, reason('challenge_used'))
      }
    })
  }

  /** Registers a capability that a session has. */
  async register(request) {
    return this.#register(request, async () => {}, async () => {})
  }

  async #register(request, find, consume) {
    return this.#answer(request, async (parts, seen) => {
      const begun = await this.#begin(parts, {})
      seen.nonce = begun.nonce
      const { proof } = begun
      await this.#checkProof(begun)
      const limits = { ...LIMITS, maxBytes: MAX_CAR }
      const bytes = await this.#content(parts, begun, limits)
      const capability = await this.#read(bytes, true, 'the content is not a capability')
      if (capability.cid !== proof.capability) {
        refuse('invalid_request', 'the content is not the capability of cap')
      }
      this.#checkDomain(capability)
      if (capability.audience !== proof.key) refuse('invalid_token', AUDIENCE, reason('audience_mismatch'))
      if (capability.expiresAt === undefined) refuse('invalid_token', NO_EXPIRY, reason('no_expiry'))
      const found = await find(capability)
      // a key that nobody delegated to takes no room for its proofs, and burns no challenge
      await this.#judge(capability)
      await this.#use(begun)
      await consume(capability, found)
      await this.#checkRevocation(capability)
      const { capabilities } = this.#rules
      const until = capability.expiresAt + SKEW
      await asking('capabilities', () => capabilities.put(capability.cid, capability.block, until))
      const { issuer, identity, expiresAt } = capability
      const answer = { issuer, identity, expires_at: Math.floor(expiresAt) }
      const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
      const response = new Response(JSON.stringify(answer), { headers })
      return { caller: this.#callerOf(capability, proof.key), response }
    })
  }

  /** Runs the checks; what fails becomes a response. */
  async #answer(request, check) {
    const parts = reading('the request', () => partsOf(request))
    const isOfAPage = has(parts, 'origin')
    const seen = {}
    try {
      const found = await check(parts, seen)
      const headers = fieldsOf(isOfAPage, seen.nonce)
      if (found.response !== undefined) headers.forEach((value, name) => found.response.headers.set(name, value))
      return { accepted: true, headers, ...found }
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const nonce = error.code === 'use_nonce' ? await this.#nonceFor(parts) : undefined
      const response = responseOf(error, isOfAPage, nonce)
      const { reason } = error.more
      return { accepted: false, code: error.code, ...(reason && { reason }), response }
    }
  }

  async #nonceFor(parts) {
    const { origins, nonces, now } = this.#rules
    try {
      return await nonces.issue(originOf(parts, origins), now())
    } catch {
      return undefined
    }
  }

  /** Checks 1 to 9: sizes, syntax, time. */
  async #begin(parts, route) {
    if (has(parts, 'early-data')) refuse('too_early', EARLY)
    const text = credentialsOf(parts)
    const origin = originOf(parts, this.#rules.origins)
    const fields = contentFieldsOf(parts)
    const inline = only(parts, 'did-session-capability')
    const proof = readProof(text)
    if (proof === undefined) refuse('invalid_proof', 'the proof is not a valid one')
    const fresh = await this.#freshness(proof, route, origin)
    const isStreamed = route.takesStreams === true
    const expected = await expectedOf(parts, origin, fields, proof.htd, isStreamed)
    return { proof, fields, inline, expected, ...fresh }
  }

  async #freshness(proof, route, origin) {
    const { nonces, replayWindow, now } = this.#rules
    const [time, wanted] = [now(), NONCE]
    if (proof.nonce !== undefined) {
      const found = await nonces.read(proof.nonce, origin, time)
      if (found === undefined) refuse('use_nonce', wanted)
      return { until: found.until, nonce: found.isOld ? await nonces.issue(origin, time) : undefined }
    }
    const until = proof.iat + MAX_AGE
    // a memory that began with a restart does not know what was used before it
    const { since } = replayWindow.memory ?? { since: -Infinity }
    const isTooEarly = time < since + MAX_AGE + MAX_AHEAD
    if (route.needsNonce === true || isTooEarly || until < time || proof.iat > time + MAX_AHEAD) {
      refuse('use_nonce', wanted)
    }
    return { until: until + 1 }
  }

  /** Checks 10 and 11. */
  async #capabilityOf(parts, { proof, inline }) {
    const known = this.#known.get(proof.capability)
    if (known !== undefined) return known
    if (inline === undefined) {
      const { capabilities } = this.#rules
      const block = await asking('capabilities', () => capabilities.get(proof.capability))
      const missing = 'the capability is not known: register it, or send it along'
      if (block === undefined || block === null) refuse('capability_required', missing)
      // what it is comes before what it says, as in Rust
      const cid = await asking('capabilities', () => cidOf(block))
      if (cid !== proof.capability) refuse('capability_required', missing)
      return this.#read(block, false, missing, 'invalid_token')
    }
    if (inline.length > MAX_FIELD) {
      const long = 'DID-Session-Capability is longer than 4,096 characters'
      refuse('invalid_request', long)
    }
    const bytes = decode(inline)
    const problem = 'DID-Session-Capability is not a capability'
    if (bytes === undefined) refuse('invalid_request', problem)
    const capability = await this.#read(bytes, true, problem)
    if (capability.cid !== proof.capability) {
      refuse('invalid_request', 'DID-Session-Capability is not the one of cap')
    }
    return capability
  }

  async #read(bytes, isCar, problem, code = 'invalid_request') {
    try {
      return await this.#rules.readCapability(bytes, { isCar })
    } catch (error) {
      if (error?.code === 'not_loaded') refuse('unavailable', LATER)
      return refuse(code, problem, code === 'invalid_token' ? reason(error?.code ?? 'malformed') : undefined)
    }
  }

  /** Checks 13 and 14. */
  async #checkProof({ proof, expected }) {
    if (expected === undefined) refuse('invalid_proof', 'the proof is for another request')
    const { key, alg, signed, signature } = proof
    if (!(await this.#verifySignature(key, alg, signed, signature))) {
      refuse('invalid_proof', 'the signature is not that of the key')
    }
  }

  #checkDomain(capability) {
    if (!this.#rules.domains.includes(capability.domain)) {
      refuse('invalid_token', 'the capability is for another domain', reason('domain_mismatch'))
    }
  }

  /** Check 15, and 17 as far as whoever judges capabilities asks chains. */
  async #judge(capability) {
    this.#checkDomain(capability)
    const { domain, cid, issuedAt, expiresAt } = capability
    if (!(expiresAt - issuedAt <= this.#rules.maxLifetime)) {
      refuse('invalid_token', 'the capability lasts too long', reason('lifetime_too_long'))
    }
    try {
      await capability.verify({ domain, time: this.#rules.now() })
    } catch (error) {
      const { code } = error ?? {}
      if (typeof code !== 'string' || code === 'unavailable') {
        refuse('unavailable', LATER)
      }
      refuse('invalid_token', `the capability is not accepted: ${code}`, reason(code))
    }
    this.#known.delete(cid)
    if (this.#known.size >= MAX_KNOWN) this.#known.delete(this.#known.keys().next().value)
    this.#known.set(cid, capability)
  }

  /** Check 16. */
  async #use({ proof, until }) {
    const { replayWindow, now } = this.#rules
    // a did:key has no white space, so that the two cannot run into each other
    const hash = await sha256(utf8(`${proof.key} ${proof.jti}`))
    const id = base64url(hash.subarray(0, 16))
    const remembered = await asking('used proofs', () => replayWindow.remember(id, until, now()))
    if (remembered === 'first') return
    if (remembered === 'too_old') refuse('use_nonce', 'a clock was set back')
    refuse('replayed', 'the proof was used before')
  }

  /** Check 18. */
  async #checkRevocation(capability) {
    const isRevoked = await asking('revocations', () => this.#rules.isRevoked(publicOf(capability)))
    if (isRevoked !== false) refuse('invalid_token', 'the capability was revoked', reason('revoked'))
  }

  /** Check 19; a stream is handed on as it comes. */
  async #content(parts, { expected, fields }, limits) {
    if (expected === 'stream') return undefined
    return readContent(parts.body, expected, fields.digest, limits)
  }

  /** Check 20: a client that sends slowly must not stay logged in by that. */
  async #checkStill(capability) {
    if (capability.expiresAt + SKEW < this.#rules.now()) {
      refuse('invalid_token', 'the capability has expired', reason('expired'))
    }
    await this.#checkRevocation(capability)
  }

  #callerOf(capability, key) {
    const { covers, now } = this.#rules
    const judgedAt = now()
    const caller = { ...publicOf(capability), key, judgedAt }
    return Object.freeze({
      ...caller,
      require(resource) {
        if (caller.resources.some((granted) => covers(granted, resource))) return
        refuse('insufficient_scope', 'the capability does not grant what this requires', { scope: resource })
      },
      requireLoginWithin(seconds) {
        if (caller.issuedAt + seconds >= judgedAt) return
        const detail = `the issuer must have signed within the last ${seconds} seconds`
        refuse('insufficient_user_authentication', detail, { max_age: seconds })
      },
    })
  }
}

const LATER = 'the server cannot decide this at the moment; try again later'
const EARLY = 'the request came as TLS early data: send it again after the handshake'
const NONCE = 'the proof needs a nonce: prove the request again with that of DID-Session-Nonce'
const AUDIENCE = 'the capability is for another key'
const NO_EXPIRY = 'the capability has no end'
const CHALLENGE = 'the capability answers no challenge of this server, or one that was used'

const reason = (reason) => ({ reason })

const publicOf = ({ cid, issuer, identity, domain, resources, issuedAt, expiresAt }) => ({
  capability: cid,
  issuer,
  identity,
  domain,
  resources: [...resources],
  issuedAt,
  expiresAt,
})

const textsOf = (value, name) => {
  const problem = 'must be a list of texts, not empty'
  const found = texts(name, value, problem)
  if (found.length > 0 && !found.includes('')) return found
  throw wrong(`${name} ${problem}`)
}

/** The response to a refusal that a handler met by `caller.require`, or nothing. */
export const responseTo = (error) => {
  try {
    return error instanceof Refused ? responseOf(error, false) : undefined
  } catch {
    // what cannot be looked at is none of ours
    return undefined
  }
}

const HOOKS = ['now', 'isRevoked', 'readCapability', 'covers']
const KNOWN = [
  'origins', 'domains', 'secret', 'replayWindow', 'challenges', 'capabilities', 'maxLifetime', 'nonces',
  ...HOOKS,
]

const functionIf = (name, value) => {
  if (value !== undefined && typeof value !== 'function') throw wrong(`${name} must be a function`)
}

/** Comparisons with what is not a number say no, and would let every proof be fresh. */
const clockOf = (now) => () => {
  const time = now()
  if (Number.isFinite(time)) return time
  throw wrong('now must return seconds since 1970')
}

/** A verifier of requests. */
export const createVerifier = (options) =>
  reading('the options', () => verifierOf(onlyKnown(ownOf('the options', options), KNOWN)))

const verifierOf = (options) => {
  for (const name of HOOKS) functionIf(name, options[name])
  const origins = textsOf(options.origins, 'origins').map(checkOrigin)
  const domains = textsOf(options.domains, 'domains')
  const secret = options.secret ?? crypto.getRandomValues(new Uint8Array(32))
  if (!(secret instanceof Uint8Array) || secret.length !== 32) throw wrong('secret must be 32 bytes')
  const now = clockOf(options.now ?? (() => Date.now() / 1000))
  const replayWindow = options.replayWindow ?? new MemoryReplayWindow({ since: now() })
  return new Verifier({
    origins,
    domains,
    now,
    replayWindow,
    challenges: options.challenges ?? new MemoryChallenges(),
    capabilities: options.capabilities ?? new MemoryCapabilities(),
    isRevoked: options.isRevoked ?? (() => false),
    readCapability: options.readCapability ?? byWasm,
    maxLifetime: numberIf('maxLifetime', options.maxLifetime) ?? MAX_LIFETIME,
    covers: options.covers ?? ((granted, wanted) => granted === wanted),
    nonces: options.nonces ?? createNonces(secret, replayWindow.memory),
    loginChallenges: createLoginChallenges(secret),
  })
}
