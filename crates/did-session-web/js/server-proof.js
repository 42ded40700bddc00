// Reads a proof (docs/http.md, section 2): a JWS in compact form with exactly these members.

import { base64url } from './bytes.js'

const MAX_PROOF = 1024

/** Base64url in its one spelling, or nothing. */
export const decode = (text) => {
  if (!/^[A-Za-z0-9_-]+$/.test(text) || text.length % 4 === 1) return undefined
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0))
  return base64url(bytes) === text ? bytes : undefined
}

/** An object with these members, none twice, without a `\`, and no white space around it. */
const object = (bytes, needed, optional = []) => {
  let text
  let value
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!text.startsWith('{') || !text.endsWith('}') || text.includes('\\')) return undefined
  const names = Object.keys(value)
  if (!needed.every((name) => names.includes(name))) return undefined
  if (!names.every((name) => needed.includes(name) || optional.includes(name))) return undefined
  // without escapes a text ends at the next quote: names are the texts before a colon
  const tokens = text.match(/"[^"]*"\s*:?/g) ?? []
  const members = tokens.filter((token) => token.endsWith(':')).length
  return members === names.length ? { value, text } : undefined
}

const texts = (value, ...names) => names.every((name) => typeof value[name] === 'string')

const isToken = (value, min, max) =>
  typeof value === 'string' &&
  value.length >= min &&
  value.length <= max &&
  /^[A-Za-z0-9_-]+$/.test(value)

// CIDv1, dag-cbor, sha2-256 of 32 bytes, in base32: the prefix ends within the eighth character, and
// of the last one two bits are left over
const CID = /^bafyrei[a-h][a-z2-7]{50}[aeimquy4]$/

/** The members of a proof; nothing if it is not one. */
export const readProof = (text) => {
  if (text.length > MAX_PROOF) return undefined
  const parts = text.split('.')
  if (parts.length !== 3) return undefined
  const [header, claims, signature] = parts.map(decode)
  if (header === undefined || claims === undefined || signature?.length !== 64) return undefined
  const stated = object(header, ['alg', 'cap', 'kid', 'typ'])?.value
  if (stated === undefined || !texts(stated, 'alg', 'cap', 'kid', 'typ')) return undefined
  const { alg, typ } = stated
  if (typ !== 'did-session-proof+jwt' || !['EdDSA', 'Ed25519', 'ES256'].includes(alg)) {
    return undefined
  }
  const kid = /^(did:key:([A-Za-z0-9]+))(?:#(.*))?$/s.exec(stated.kid)
  if (kid === null || (kid[3] !== undefined && kid[3] !== kid[2])) return undefined
  const cap = stated.cap.startsWith('ipfs://') ? stated.cap.slice(7) : stated.cap
  if (!CID.test(cap)) return undefined
  const claimed = object(claims, ['htd', 'iat', 'jti'], ['nonce'])
  if (claimed === undefined) return undefined
  const { htd, iat, jti, nonce } = claimed.value
  // digits alone: the number itself does not tell how it was spelled
  const isInteger = Number.isSafeInteger(iat) && /"iat"\s*:\s*\d+\s*[,}]/.test(claimed.text)
  if (!isInteger || !isToken(jti, 16, 64)) return undefined
  if ('nonce' in claimed.value && !isToken(nonce, 1, 64)) return undefined
  if (!isToken(htd, 43, 43) || decode(htd) === undefined) return undefined
  const signed = new TextEncoder().encode(`${parts[0]}.${parts[1]}`)
  return { alg, key: kid[1], capability: cap, htd, iat, jti, nonce, signed, signature }
}
