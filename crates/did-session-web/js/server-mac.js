// What a server recognises as its own without keeping it: nonces and login challenges, by
// HMAC-SHA-256 (docs/http.md, sections 4 and 8). The Rust crates make the same of the same secret.

import { base32, base64url, utf8 } from './bytes.js'
import { decode } from './server-proof.js'

const SLOT = 30
const SLOTS = 3
const CHALLENGE_LIFE = 600
/** How far ahead the clock of another process may be. */
const AHEAD = 60

const number = (value, length) => {
  const bytes = new Uint8Array(length)
  for (let at = length - 1, rest = value; at >= 0; at -= 1, rest = Math.floor(rest / 256)) {
    bytes[at] = rest % 256
  }
  return bytes
}

const joined = (parts) => {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

const isEqual = (one, other) => {
  let difference = one.length ^ other.length
  one.forEach((byte, at) => (difference |= byte ^ other[at]))
  return difference === 0
}

/** MACs of parts, none of which can run into the next one. */
const macs = (secret) => {
  let imported
  return async (label, parts) => {
    const algorithm = { name: 'HMAC', hash: 'SHA-256' }
    imported ??= crypto.subtle.importKey('raw', secret, algorithm, false, ['sign'])
    const framed = parts.flatMap((part) => [number(part.length, 8), part])
    const mac = await crypto.subtle.sign('HMAC', await imported, joined([utf8(label), ...framed]))
    return new Uint8Array(mac, 0, 16)
  }
}

export const createNonces = (secret, memory) => {
  const mac = macs(secret)
  const of = (origin, slot) =>
    mac('nonce', [utf8(origin), memory?.id ?? new Uint8Array(), number(slot, 8)])
  const slotOf = (now) => Math.floor(now / SLOT)
  return {
    async issue(origin, now) {
      return base64url(await of(origin, slotOf(now)))
    },

    /** Until when a nonce is accepted, and whether it is time for a new one. */
    async read(nonce, origin, now) {
      const bytes = decode(nonce)
      if (bytes?.length !== 16) return undefined
      let found
      for (let ago = 0; ago < SLOTS; ago += 1) {
        const slot = slotOf(now) - ago
        if (isEqual(await of(origin, slot), bytes)) found = { until: (slot + SLOTS) * SLOT, isOld: ago > 0 }
      }
      return found
    },
  }
}

const BASE32 = /^[a-z2-7]{56}$/
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** 56 characters are 35 bytes, and no bit is left over. */
const unbase32 = (text) => {
  const bytes = new Uint8Array(35)
  let [at, bits, buffer] = [0, 0, 0]
  for (const letter of text) {
    buffer = ((buffer & 0xff) << 5) | ALPHABET.indexOf(letter)
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes[at++] = (buffer >> bits) & 0xff
  }
  return bytes
}

export const createLoginChallenges = (secret) => {
  const mac = macs(secret)
  const of = (domain, key, body) => mac('challenge', [utf8(domain), utf8(key), body])
  return {
    async issue(domain, key, now) {
      const random = crypto.getRandomValues(new Uint8Array(14))
      const body = joined([number(Math.floor(now), 5), random])
      const challenge = base32(joined([body, await of(domain, key, body)]))
      return { challenge, until: now + CHALLENGE_LIFE }
    },

    /** By what a challenge is remembered once it is used, and until when it is accepted. */
    async read(challenge, domain, key, now) {
      if (!BASE32.test(challenge)) return undefined
      const bytes = unbase32(challenge)
      const [body, tag] = [bytes.subarray(0, 19), bytes.subarray(19)]
      if (!isEqual(await of(domain, key, body), tag)) return undefined
      const issued = body.subarray(0, 5).reduce((time, byte) => time * 256 + byte, 0)
      const until = issued + CHALLENGE_LIFE
      if (now < issued - AHEAD || now >= until) return undefined
      return { id: base64url(tag), until }
    },
  }
}
