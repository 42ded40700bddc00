// Requests that prove their session (docs/http.md), by the platform's own `fetch`.

import { invalid } from './account.js'
import { base64url, contentDigest, htdOf, STREAM } from './bytes.js'
import { reading } from './host.js'
import { own } from './options.js'
import { refusalOf } from './refusal.js'

const REGISTRATION = '/session/capability'

/** The most characters of a capability in a field; longer ones are registered. */
const MAX_FIELD = 4096

/** Fields that say what the proof says, and are set here. */
const OURS = ['authorization', 'content-digest', 'did-session-capability']

const IDEMPOTENT = ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']

/** The newest nonce of each origin: it is of the origin's time, not of a session. */
const nonces = new Map()

/** How often a capability was registered with an origin, and the registration under way. */
const registrations = new Map()

/** The origins to which a capability is sent along. */
const along = new Set()

const of = (session, origin) => `${origin} ${session.cacaoCid}`

const targetOf = (request, init) => {
  const [url] = request.url.split('#')
  const { protocol, origin } = new URL(url)
  if (protocol !== 'https:' && protocol !== 'http:') throw invalid('the URL must begin with http: or https:')
  if (request.mode === 'no-cors') throw invalid('a request with the mode no-cors cannot have a proof: leave out mode')
  for (const name of OURS) {
    if (request.headers.has(name)) throw invalid(`the field ${name} is set by the session`)
  }
  if (init?.redirect === 'follow') throw invalid('a proof is for one URL, and no redirect is followed: leave out redirect')
  if (init?.credentials !== undefined && init.credentials !== 'omit') {
    throw invalid('a request with a proof has no cookies: leave out credentials')
  }
  return { url, origin }
}

/** What the request carries: bytes, a stream of the caller's, or nothing. */
const contentOf = async (request, init) => {
  const isStream = () => typeof ReadableStream === 'function' && init?.body instanceof ReadableStream
  if (reading('the request', isStream)) {
    if (!('duplex' in Request.prototype)) {
      const message = 'this platform cannot send streams: pass the whole content'
      throw Object.assign(new TypeError(message), { code: 'no_streams' })
    }
    return { stream: request.body, digest: STREAM }
  }
  const bytes = new Uint8Array(await request.arrayBuffer())
  return bytes.length === 0 ? {} : { bytes, digest: await contentDigest(bytes) }
}

const send = async (url, init) => {
  try {
    return await fetch(url, init)
  } catch (error) {
    // what a network, CORS or a redirect does is a TypeError without a code
    if (error instanceof TypeError && error.code === undefined) error.code = 'not_answered'
    throw error
  }
}

/** Keeps what the response says about nonces; returns the refusal, if it is one. */
const learn = async (origin, response) => {
  const nonce = response.headers.get('did-session-nonce')
  const isNew = nonce !== null && /^[\w-]{1,64}$/.test(nonce)
  if (isNew) nonces.set(origin, nonce)
  if (response.status !== 401) return undefined
  const refusal = await refusalOf(response)
  // without a new one in its place, a refused nonce would be sent and refused for ever
  if (refusal?.code === 'use_nonce' && !isNew) nonces.delete(origin)
  return refusal
}

/** One request with a new proof. */
const prove = async (session, target, method, given, content) => {
  const headers = new Headers(given)
  const contentType = headers.get('content-type') ?? undefined
  const htd = await htdOf(method, target.url, content.digest, contentType)
  headers.set('authorization', `DIDSession ${await session.prove(htd, nonces.get(target.origin))}`)
  if (content.bytes !== undefined) headers.set('content-digest', content.digest)
  if (along.has(of(session, target.origin))) {
    headers.set('did-session-capability', base64url(await session.car()))
  }
  return headers
}

/** What every request here has. */
const ALWAYS = { credentials: 'omit', redirect: 'error' }

/** Registers the capability; returns the refusal, if there is one, or `false` without a route. */
const post = async (session, origin, path) => {
  const target = { url: `${origin}${path}`, origin }
  const bytes = await session.car()
  const content = { bytes, digest: await contentDigest(bytes) }
  const given = { 'content-type': 'application/vnd.ipld.car' }
  for (let isAgain = false; ; isAgain = true) {
    const headers = await prove(session, target, 'POST', given, content)
    const init = { __proto__: null, ...ALWAYS, method: 'POST', headers, body: bytes }
    const response = await send(target.url, init)
    const refusal = await learn(origin, response)
    if (refusal?.code === 'use_nonce' && !isAgain) continue
    if (response.ok) return undefined
    // a layer before all routes asks for the capability before it says that there is no such route
    const isMissing = [404, 405].includes(response.status) || refusal?.code === 'capability_required'
    return isMissing ? false : response
  }
}

/**
 * Makes the capability known to the origin, once for all who ask at the same time. `since` is how
 * often that was done when the caller's request was made.
 */
const introduce = async (session, origin, path, since) => {
  const { length } = await session.car()
  const name = of(session, origin)
  if (along.has(name)) return undefined
  const entry = registrations.get(name) ?? { times: 0 }
  registrations.set(name, entry)
  if (entry.times > since) return undefined
  const mayStandInAField = Math.ceil((length * 4) / 3) <= MAX_FIELD
  if (path === false && mayStandInAField) {
    along.add(name)
    return undefined
  }
  entry.pending ??= post(session, origin, path === false ? REGISTRATION : path).finally(() => {
    entry.pending = undefined
  })
  const refused = await entry.pending
  if (refused === undefined) {
    entry.times = Math.max(entry.times, since + 1)
    return undefined
  }
  if (refused === false) {
    if (mayStandInAField) {
      along.add(name)
      return undefined
    }
    const message = `${origin} has no route ${path} to register the capability with`
    throw Object.assign(new Error(message), { code: 'not_registered', name: 'DIDSessionError' })
  }
  return refused.clone()
}

const timesOf = (session, origin) => registrations.get(of(session, origin))?.times ?? 0

/** Stops waiting when the caller is aborted; the work that is shared goes on. */
const until = (signal, promise) =>
  new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop)
    promise.then(resolve, reject).finally(() => signal?.removeEventListener('abort', stop))
  })

/** What of a request goes on to the one that is sent. */
const settings = (request, priority, content) => {
  const { method, mode, cache, integrity, keepalive, referrer, referrerPolicy, signal } = request
  const kept = { __proto__: null, method, mode, cache, integrity, keepalive, referrerPolicy, signal, ...ALWAYS }
  if (referrer !== 'about:client') kept.referrer = referrer
  if (priority !== undefined) kept.priority = priority
  if (content.bytes !== undefined) kept.body = content.bytes
  if (content.stream !== undefined) Object.assign(kept, { body: content.stream, duplex: 'half' })
  return kept
}

/** A plain object without its prototype, which anybody may have changed; another one has its own reasons. */
const ownIfPlain = (init) =>
  typeof init === 'object' && init !== null && Object.getPrototypeOf(init) === Object.prototype
    ? { __proto__: null, ...init }
    : init

/** `fetch`, with a proof of the session. */
export const provenFetch = async (session, input, init, options) => {
  const { registration = REGISTRATION } = own('options', options, ['registration'])
  const isPath = typeof registration === 'string' && /^\/[^?#]*$/.test(registration)
  if (registration !== false && !isPath) throw invalid('registration must be a path, or false')
  // what the platform refuses is an invalid option; a `Request` does not keep `priority`
  const [request, wishes, target, priority] = reading('the request', () => {
    const wishes = ownIfPlain(init)
    const made = new Request(input, wishes)
    return [made, wishes, targetOf(made, wishes), wishes?.priority]
  })
  const { signal, method } = request
  const content = await contentOf(request, wishes)
  const kept = settings(request, priority, content)
  const introduced = (since) =>
    until(signal, introduce(session, target.origin, registration, since))
  // a stream can be sent only once: whatever can be asked for is asked before
  const isStream = content.stream !== undefined
  if (isStream && timesOf(session, target.origin) === 0) {
    const refused = await introduced(0)
    if (refused !== undefined) return refused
  }
  const done = new Set()
  for (;;) {
    const since = timesOf(session, target.origin)
    const headers = await prove(session, target, method, request.headers, content)
    signal?.throwIfAborted()
    const response = await send(target.url, { __proto__: null, ...kept, headers })
    const code = (await learn(target.origin, response))?.code
    const isRetried =
      code === 'use_nonce' ||
      code === 'capability_required' ||
      (code === 'replayed' && IDEMPOTENT.includes(method))
    if (isStream || !isRetried || done.has(code)) return response
    done.add(code)
    if (code === 'capability_required') {
      const refused = await introduced(since)
      if (refused !== undefined) return refused
    }
  }
}
