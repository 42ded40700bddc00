// A request as the checks read it: from the platform's `Request`, or part by part.

import { base64, htdOf, sha256, STREAM } from './bytes.js'
import { invalid, textOf } from './account.js'
import { reading } from './host.js'
import { refuse, Refused } from './server-refusal.js'

const MAX_TARGET = 8192

const OVERRIDES = ['x-http-method-override', 'x-http-method', 'x-method-override']

/** The parts of a request of Node's `http` and `http2`, for `verify`. */
export const nodeRequest = (request) => reading('the request', () => partsOfNode(request))

const partsOfNode = (request) => {
  const { rawHeaders, method, url: target } = request
  const headers = []
  if (!(rawHeaders.length <= 2 * MAX_FIELDS)) throw invalid('there are too many header fields')
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (!rawHeaders[at].startsWith(':')) headers.push([rawHeaders[at], rawHeaders[at + 1]])
  }
  return { method, target, authority: request.headers[':authority'], headers, body: request }
}

/** More than servers accept, so that reading ends. */
const MAX_FIELDS = 10_000

const fieldsIn = (headers) => {
  const fields = []
  for (const [name, value] of headers) {
    if (fields.length >= MAX_FIELDS) refuse('invalid_request', 'there are too many header fields')
    // one byte a character, as they come
    if (typeof value !== 'string') throw invalid('the value of a header field must be a text')
    fields.push([textOf('the name of a header field', name).toLowerCase(), value])
  }
  return fields
}

/** A target in absolute form, which servers must read (RFC 9112, section 3.2.2): host and rest. */
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)(.*)$/is

/** A fragment is no part of a target: nobody looks at it. */
const withoutFragment = (text) => text.split('#', 1)[0]

const targetOf = (text, authority) => {
  const whole = withoutFragment(text)
  const [, host, rest] = whole.match(ABSOLUTE) ?? []
  return host === undefined ? { target: whole, authority } : { target: rest || '/', authority: authority ?? host }
}

export const partsOf = (given) => {
  if (Object.hasOwn(given, 'target')) {
    const { method, target, authority, headers, body } = given
    return {
      method: textOf('the method', method),
      ...targetOf(
        textOf('the target', target),
        authority === undefined ? undefined : textOf('the authority', authority)
      ),
      headers: fieldsIn(headers),
      body,
      isJoined: false,
    }
  }
  const url = withoutFragment(given.url)
  const { origin, host } = new URL(url)
  const { method, headers, body } = given
  const target = url.slice(origin.length)
  return { method, target, authority: host, headers: fieldsIn(headers), body, isJoined: true }
}

export const has = (parts, name) => parts.headers.some(([other]) => other === name)

/** The only value of a field. */
export const only = (parts, name) => {
  const values = parts.headers.filter(([other]) => other === name).map(([, value]) => value)
  if (values.length > 1) refuse('invalid_request', 'a header field is given twice')
  const [value] = values
  if (value !== undefined && !/^[\t\x20-\x7e]*$/.test(value)) {
    refuse('invalid_request', 'a header field is not plain text')
  }
  // white space around a value is not of it (RFC 9110, section 5.5)
  return value?.replace(/^[\t ]+|[\t ]+$/g, '')
}

/** The text of the proof, once there is one. */
export const credentialsOf = (parts) => {
  const value = only(parts, 'authorization')
  if (value === undefined) refuse('no_credentials', 'the request has no proof of a session')
  const space = value.indexOf(' ')
  const [scheme, proof] = space < 0 ? [value, ''] : [value.slice(0, space), value.slice(space + 1)]
  if (scheme.toLowerCase() !== 'didsession') {
    refuse('no_credentials', 'the request has no proof of a session')
  }
  // a `Request` joins two fields of a name into one, and no proof has a comma
  if (parts.isJoined && proof.includes(',')) refuse('invalid_request', 'a header field is given twice')
  return proof
}

/** The origin of the server that the request is for. */
export const originOf = (parts, origins) => {
  if (OVERRIDES.some((name) => has(parts, name))) {
    refuse('invalid_request', 'the method is overridden by a header field')
  }
  if (!/^[/?]/.test(parts.target)) refuse('invalid_request', 'the target has no path')
  if (parts.target.length > MAX_TARGET) {
    refuse('invalid_request', 'the target is longer than 8,192 bytes')
  }
  const host = only(parts, 'host')
  if (host !== undefined && parts.authority !== undefined && host !== parts.authority) {
    refuse('invalid_request', 'the target and the field Host name different hosts')
  }
  const authority = parts.authority ?? host
  const found = origins.find((origin) => origin.slice(origin.indexOf('://') + 3) === authority)
  if (found === undefined) refuse('invalid_request', "the host is not one of this server's")
  return found
}

const DIGEST = /^sha-256=:([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=):$/

/** What the fields say about the content. */
export const contentFieldsOf = (parts) => {
  const digest = only(parts, 'content-digest')
  if (digest !== undefined && !DIGEST.test(digest)) {
    refuse('invalid_request', 'Content-Digest is not one SHA-256')
  }
  return { digest, contentType: only(parts, 'content-type') }
}

/** What was signed about the content: `sha256`, `nothing` or `stream`; nothing where it is another request. */
export const expectedOf = async (parts, origin, fields, htd, takesStreams) => {
  const { digest, contentType } = fields
  // an empty path is sent as one slash (RFC 9110, section 4.2.3)
  const uri = `${origin}${parts.target.startsWith('/') ? '' : '/'}${parts.target}`
  const covers = async (content) => (await htdOf(parts.method, uri, content, contentType)) === htd
  if (digest !== undefined) return (await covers(digest)) ? 'sha256' : undefined
  if (await covers(undefined)) return 'nothing'
  return takesStreams && (await covers(STREAM)) ? 'stream' : undefined
}

async function* chunksOf(body) {
  if (body === null || body === undefined) return
  if (body instanceof Uint8Array) {
    yield body
    return
  }
  if (typeof body.getReader !== 'function') {
    yield* body
    return
  }
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    // a reader that stops early wants no more of it
    reader.cancel().catch(() => {})
  }
}

const TIMEOUT = 'the content did not arrive in time'
const MISMATCH = 'the content is not what was signed'

const collect = async (body, expected, maxBytes, isLate) => {
  const chunks = []
  let length = 0
  for await (const chunk of chunksOf(body)) {
    if (isLate()) refuse('content_timeout', TIMEOUT)
    length += chunk.length
    if (length > maxBytes) refuse('content_too_large', 'the content is longer than this route accepts')
    if (length > 0 && expected === 'nothing') refuse('invalid_proof', MISMATCH)
    chunks.push(chunk)
  }
  const content = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    content.set(chunk, at)
    at += chunk.length
  }
  return content
}

/** The whole content, which is what was signed. */
export const readContent = async (body, expected, digest, { maxBytes, maxSeconds }) => {
  let timer
  let late = false
  // no timer fires while a body yields without ever waiting
  const end = performance.now() + maxSeconds * 1000
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => {
      late = true
      reject(new Error('late'))
    }, maxSeconds * 1000)
  })
  let content
  try {
    content = await Promise.race([collect(body, expected, maxBytes, () => late || performance.now() > end), timeout])
  } catch (error) {
    if (late) refuse('content_timeout', TIMEOUT)
    if (error instanceof Refused) throw error
    refuse('invalid_request', 'the content ended too early')
  } finally {
    clearTimeout(timer)
  }
  if (expected === 'sha256' && digest !== `sha-256=:${base64(await sha256(content))}:`) {
    refuse('invalid_proof', MISMATCH)
  }
  return content
}
