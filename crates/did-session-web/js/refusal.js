// What a server says when it refuses a request (docs/http.md, section 7).

import { readingLater } from './host.js'

// our challenge among those of other schemes: parameters have no space before their `=`
const CHALLENGE = /(?:^|,)\s*DIDSession\s+((?:[a-z_]+\s*=\s*"[^"]*"(?:\s*,\s*)?)*)/i

const parameter = (challenge, name) =>
  challenge.match(new RegExp(`(?:^|,)\\s*${name}\\s*=\\s*"([^"]*)"`, 'i'))?.[1]

const number = (text) => (text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined)

const text = (value) => (typeof value === 'string' ? value : undefined)

/** The problem document (RFC 9457), if the response has one; the response can still be read. */
const problemOf = async (response) => {
  const [type] = (response.headers.get('content-type') ?? '').split(';')
  if (type.trim().toLowerCase() !== 'application/problem+json' || response.bodyUsed) return {}
  try {
    const problem = await response.clone().json()
    return typeof problem === 'object' && problem !== null ? problem : {}
  } catch {
    return {}
  }
}

/** The refusal of a server; nothing if it is none, or says nothing of sessions. */
export const refusalOf = async (response) => readingLater('the response', () => read(response))

const read = async (response) => {
  if (response.status < 400) return undefined
  // a page of another origin sees the field only if it is exposed; the problem says the same
  const challenge = response.headers.get('www-authenticate')?.match(CHALLENGE)?.[1]
  const problem = await problemOf(response)
  const field = (name) => (challenge === undefined ? undefined : parameter(challenge, name))
  const nothing = challenge === undefined ? undefined : 'no_credentials'
  const code = field('error') ?? text(problem.code) ?? nothing
  if (code === undefined) return undefined
  const maxAge = Number.isSafeInteger(problem.max_age) ? problem.max_age : number(field('max_age'))
  const scope = text(problem.scope) ?? field('scope')
  const refusal = { code, status: response.status }
  const more = { reason: text(problem.reason), scope, maxAge, detail: text(problem.detail) }
  const retryAfter = number(response.headers.get('retry-after') ?? undefined)
  for (const [name, value] of Object.entries({ ...more, retryAfter })) {
    if (value !== undefined) refusal[name] = value
  }
  return refusal
}
