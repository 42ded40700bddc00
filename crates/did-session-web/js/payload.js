// What an account is asked to sign, from the options that an auth method is given.

const WEEK = 7 * 24 * 60 * 60 * 1000
const STATEMENT = 'Give this application access to some of your data on Ceramic'

export const hex = (bytes) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** The members of every capability. */
export const base = (options, iss) => {
  const now = new Date()
  return {
    domain: options.domain ?? globalThis.location.hostname,
    iat: options.issuedAt ?? now.toISOString(),
    iss,
    aud: options.uri,
    version: '1',
    nonce: options.nonce ?? hex(crypto.getRandomValues(new Uint8Array(10))),
    exp: options.expirationTime ?? new Date(now.getTime() + WEEK).toISOString(),
    resources: [...options.resources],
  }
}

/** The payload of an account whose wallet shows a text. */
export const payloadOf = (options, iss) => {
  const p = { ...base(options, iss), statement: options.statement ?? STATEMENT }
  if (options.requestId !== undefined) p.requestId = options.requestId
  return p
}
