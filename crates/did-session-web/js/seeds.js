// Keys of a seed: what signs for them, and what decrypts.

import * as wasm from './did_session_web.js'
import { invalid } from './account.js'
import { base64, viewOf } from './bytes.js'
import { givenText } from './capability.js'
import { restore } from './internal.js'

/** The bytes of a seed; wasm is given nothing else. */
const bytesOf = (seed) => {
  if (ArrayBuffer.isView(seed) && seed.byteLength === 32) return viewOf(seed)
  throw invalid('a seed must be 32 bytes')
}

/** The key of a seed, which signs for itself; the module must be loaded. */
export const seedKey = (given) => {
  const seed = bytesOf(given)
  const key = wasm.SeedKey.fromSeed(seed)
  return {
    keyDid: key.keyDid,
    isExpired: false,
    seed: () => Uint8Array.from(seed),
    signBase64url: async (payload, header = '{}') => key.signBase64url(payload, header),
    signText: async (payload, header = '{}') => key.signText(payload, header),
  }
}

/** What signs for the session of a seed and a capability, which is judged. */
export const seedSession = (seed, capability) => restore(wasm.sessionText(bytesOf(seed), givenText(capability)))

/** The seed of a session whose key may leave; nothing for the others. */
export const seedOf = (session) => {
  if (session.seed !== undefined) return session.seed()
  let text
  try {
    text = session.serialize()
  } catch {
    return undefined
  }
  const json = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(atob(JSON.parse(json).sessionKeySeed), (c) => c.charCodeAt(0))
}

/** The X25519 secret of an Ed25519 seed: the first half of its hash (RFC 8032, section 5.1.5). */
const agreementSecret = async (seed) =>
  new Uint8Array(await crypto.subtle.digest('SHA-512', seed)).subarray(0, 32)

/** What a JWE for the key of a seed says, in base64; by the package that `dids` encrypts with. */
export const decrypt = async (seed, jwe) => {
  const { decryptJWE, x25519Decrypter } = await import('did-jwt')
  return base64(await decryptJWE(jwe, x25519Decrypter(await agreementSecret(seed))))
}
