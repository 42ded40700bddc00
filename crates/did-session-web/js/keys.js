// Session keys that WebCrypto holds and does not give away.

import { kindOfValue } from './capability.js'
import { algorithmOf } from './describe.js'
import { failure, inWords } from './host.js'

const FOR_KEY = {
  'P-256': { name: 'ECDSA', namedCurve: 'P-256' },
  Ed25519: { name: 'Ed25519' },
}
const FOR_SIGNATURE = {
  'P-256': { name: 'ECDSA', hash: 'SHA-256' },
  Ed25519: { name: 'Ed25519' },
}
const IN_WORDS = { 'P-256': 'ECDSA P-256', Ed25519: 'Ed25519' }

export const isEd25519 = (algorithm) => algorithm === 'Ed25519'

const unusable = (message) => failure('unreadable', message)

const noKey = (reason) =>
  failure('no_session_key', `the session key cannot be made or kept here: ${reason}`)

const NO_CRYPTO = 'there is no WebCrypto here; it needs a secure context (https)'

const subtle = () => globalThis.crypto?.subtle

/** The public half, raw. */
const exported = async (pair) => new Uint8Array(await subtle().exportKey('raw', pair.publicKey))

/** A new key: `{pair, raw}`. */
export const generate = async (algorithm) => {
  if (!subtle()) throw noKey(NO_CRYPTO)
  try {
    const pair = await subtle().generateKey(FOR_KEY[algorithm], false, ['sign'])
    return { pair, raw: await exported(pair) }
  } catch (error) {
    throw noKey(inWords(error))
  }
}

const half = (value, member, kind, algorithm) => {
  if (value === undefined || value === null) throw unusable(`${member} is missing`)
  if (!(value instanceof CryptoKey)) {
    throw unusable(`${member} is not a valid CryptoKey but ${kindOfValue(value)}`)
  }
  if (value.type !== kind) {
    throw unusable(`${member} is not a valid ${kind} key but a ${value.type} key`)
  }
  if (algorithmOf(value) !== IN_WORDS[algorithm]) {
    throw unusable(
      `${member} is a key for ${algorithmOf(value)}, not for ${IN_WORDS[algorithm]}`
    )
  }
  return value
}

// the halves cannot be compared: to show that they belong together, the private one signs, and the
// public one verifies. A pair that belongs together is not checked again while the page lives.
const MESSAGE = new TextEncoder().encode('{ is this a key pair? }')
const MAX_WHOLE = 16
const whole = new Set()

const check = async (pair, raw, algorithm) => {
  const name = `${algorithm} ${raw.join()}`
  if (whole.has(name)) return
  const rules = FOR_SIGNATURE[algorithm]
  const [signature, judge] = await Promise.all([
    subtle().sign(rules, pair.privateKey, MESSAGE),
    // the stored public key may not verify: the npm package gives it no usages
    subtle().importKey('raw', raw, FOR_KEY[algorithm], false, ['verify']),
  ])
  if (!(await subtle().verify(rules, judge, signature, MESSAGE))) {
    throw unusable('keypair.privateKey is not the one of keypair.publicKey')
  }
  if (whole.size >= MAX_WHOLE) whole.delete(whole.values().next().value)
  whole.add(name)
}

/** The public half, raw, of a stored pair; throws if it is not what it must be. */
export const rawOf = async (pair, algorithm) => {
  const privateKey = half(pair.privateKey, 'keypair.privateKey', 'private', algorithm)
  const publicKey = half(pair.publicKey, 'keypair.publicKey', 'public', algorithm)
  if (privateKey.extractable) throw unusable('keypair.privateKey is extractable')
  if (!publicKey.extractable) throw unusable('keypair.publicKey is not extractable')
  const usages = [...privateKey.usages]
  if (!usages.includes('sign')) {
    throw unusable(`keypair.privateKey has the usages ${JSON.stringify(usages)}, not "sign"`)
  }
  try {
    const raw = await exported(pair)
    await check(pair, raw, algorithm)
    return raw
  } catch (error) {
    if (error.code === 'unreadable') throw error
    throw unusable(`the browser cannot read it: ${inWords(error)}`)
  }
}

/** The signature of 64 bytes. */
export const signWith = async (pair, algorithm, message) => {
  try {
    const rules = FOR_SIGNATURE[algorithm]
    return new Uint8Array(await subtle().sign(rules, pair.privateKey, message))
  } catch (error) {
    throw failure('signing_failed', `the session key did not sign: ${inWords(error)}`)
  }
}
