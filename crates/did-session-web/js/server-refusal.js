// Refusals as responses (docs/http.md, section 7).

const TITLES = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  408: 'Request Timeout',
  413: 'Content Too Large',
  425: 'Too Early',
  503: 'Service Unavailable',
}

const STATUS = {
  no_credentials: 401,
  use_nonce: 401,
  capability_required: 401,
  invalid_proof: 401,
  replayed: 401,
  invalid_token: 401,
  insufficient_user_authentication: 401,
  insufficient_scope: 403,
  invalid_request: 400,
  too_early: 425,
  content_too_large: 413,
  content_timeout: 408,
  unavailable: 503,
}

/** These refusals are not about the credentials. */
const UNCHALLENGED = ['too_early', 'content_too_large', 'content_timeout', 'unavailable']

const EXPOSED = 'WWW-Authenticate, DID-Session-Nonce, Retry-After'

/** Thrown where a check fails; nobody outside sees it. */
export class Refused extends Error {
  constructor(code, detail, more = {}) {
    super(detail)
    Object.assign(this, { code, more })
  }
}

export const refuse = (code, detail, more) => {
  throw new Refused(code, detail, more)
}

const challengeOf = ({ code, more }) => {
  if (code === 'no_credentials') return 'DIDSession algs="EdDSA ES256"'
  let challenge = `DIDSession error="${code}"`
  if (more.max_age !== undefined) challenge += `, max_age="${more.max_age}"`
  // what cannot be written as a scope (RFC 6749, section 3.3) stands in the problem alone
  if (/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(more.scope ?? '"')) {
    challenge += `, scope="${more.scope}"`
  }
  return challenge
}

/** Fields that every response has to a request of a page, or with a nonce. */
export const fieldsOf = (isOfAPage, nonce) => {
  const headers = new Headers()
  if (nonce !== undefined) {
    headers.set('did-session-nonce', nonce)
    headers.set('cache-control', 'no-store')
  }
  if (isOfAPage) headers.set('access-control-expose-headers', EXPOSED)
  return headers
}

/** The problem document (RFC 9457), and what stands beside it. */
export const responseOf = (refused, isOfAPage, nonce) => {
  const status = STATUS[refused.code]
  const { code, message: detail, more } = refused
  const headers = fieldsOf(isOfAPage, nonce)
  headers.set('content-type', 'application/problem+json')
  headers.set('cache-control', 'no-store')
  if (!UNCHALLENGED.includes(code)) headers.set('www-authenticate', challengeOf(refused))
  if (code === 'unavailable') headers.set('retry-after', '1')
  const problem = { title: TITLES[status], status, code, detail, ...more }
  return new Response(JSON.stringify(problem), { status, headers })
}
