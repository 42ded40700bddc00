// What an account is asked to sign, from the options that an auth method is given.

import { reading } from './host.js'
import { host, invalid, text, texts, textIf } from './options.js'

const WEEK = 7 * 24 * 60 * 60 * 1000
const STATEMENT = 'Give this application access to some of your data on Ceramic'

export const hex = (bytes) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** A member of the caller's object itself, as a text. */
const memberOf = (options) => (name) =>
  textIf(name, Object.hasOwn(options, name) ? options[name] : undefined)

const page = () => {
  const here = host()
  if (here === undefined) throw invalid('domain', 'must be given outside of web pages')
  return here
}

/** The members of every capability. */
export const base = (options, iss) =>
  reading('options', () => {
    const now = new Date()
    const member = memberOf(options)
    return {
      domain: member('domain') ?? page(),
      iat: member('issuedAt') ?? now.toISOString(),
      iss,
      aud: text('uri', member('uri')),
      version: '1',
      nonce: member('nonce') ?? hex(crypto.getRandomValues(new Uint8Array(10))),
      exp: member('expirationTime') ?? new Date(now.getTime() + WEEK).toISOString(),
      resources: texts('resources', options.resources),
    }
  })

/** The payload of an account whose wallet shows a text. */
export const payloadOf = (options, iss) =>
  reading('options', () => {
    const member = memberOf(options)
    const p = { ...base(options, iss), statement: member('statement') ?? STATEMENT }
    const requestId = member('requestId')
    return requestId === undefined ? p : { ...p, requestId }
  })
