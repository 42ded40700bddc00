// Keys of proofs over WebCrypto: a `did:key` on Ed25519 or P-256, and its signatures.

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** Base58 (Bitcoin's alphabet); nothing for what is not. Keys have at most 35 bytes. */
const base58 = (text) => {
  if (text.length > 64) return undefined
  let value = 0n
  for (const letter of text) {
    const digit = ALPHABET.indexOf(letter)
    if (digit < 0) return undefined
    value = value * 58n + BigInt(digit)
  }
  const bytes = []
  for (; value > 0n; value >>= 8n) bytes.unshift(Number(value & 255n))
  // leading zeros are written as leading `1`s; no key begins with one
  return text.startsWith('1') ? undefined : Uint8Array.from(bytes)
}

const integer = (bytes) => bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)

const bigEndian = (value) => {
  const bytes = new Uint8Array(32)
  for (let at = 31; at >= 0; at -= 1, value >>= 8n) bytes[at] = Number(value & 255n)
  return bytes
}

const power = (base, exponent, modulus) => {
  let result = 1n
  for (; exponent > 0n; exponent >>= 1n, base = (base * base) % modulus) {
    if (exponent & 1n) result = (result * base) % modulus
  }
  return result
}

// P-256 (FIPS 186): y² = x³ - 3x + b
const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn

/** The point in the long form, the only one that every WebCrypto imports. */
const uncompressed = (point) => {
  const x = integer(point.subarray(1))
  if ((point[0] !== 2 && point[0] !== 3) || x >= P) return undefined
  const square = (((x * x * x - 3n * x + B) % P) + P) % P
  const root = power(square, (P + 1n) / 4n, P)
  if ((root * root) % P !== square) return undefined
  const y = (root & 1n) === BigInt(point[0] & 1) ? root : P - root
  return Uint8Array.of(4, ...bigEndian(x), ...bigEndian(y))
}

// Edwards25519 (RFC 8032): the y of points of order 1, 2, 4 and 8
const Q = 2n ** 255n - 19n
const EIGHTH = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n
const SMALL = [0n, 1n, Q - 1n, EIGHTH, Q - EIGHTH]

/**
 * Whether a point is in its only encoding, and not of small order (under such a key anything may be
 * a signature): implementations of WebCrypto differ on both.
 */
const isStrict = (encoded) => {
  const y = integer(encoded.slice().reverse()) & (2n ** 255n - 1n)
  return y < Q && !SMALL.includes(y)
}

const ED25519 = {
  names: ['EdDSA', 'Ed25519'],
  parameters: 'Ed25519',
  usage: 'Ed25519',
  raw: (bytes) => (isStrict(bytes) ? bytes : undefined),
  takes: (signature) => isStrict(signature.subarray(0, 32)),
}

const P256 = {
  names: ['ES256'],
  parameters: { name: 'ECDSA', namedCurve: 'P-256' },
  usage: { name: 'ECDSA', hash: 'SHA-256' },
  raw: uncompressed,
  takes: () => true,
}

/** The kind of a key and its bytes; nothing for keys that make no proofs. */
const read = (did) => {
  const bytes = /^did:key:z/.test(did) ? base58(did.slice('did:key:z'.length)) : undefined
  if (bytes === undefined) return undefined
  const [first, second] = bytes
  if (first === 0xed && second === 0x01 && bytes.length === 34) return [ED25519, bytes.subarray(2)]
  if (first === 0x80 && second === 0x24 && bytes.length === 35) return [P256, bytes.subarray(2)]
  return undefined
}

/** Whether a `did:key` is one of a key that makes proofs. */
export const isProofKey = (did) => {
  const found = read(did)
  return found !== undefined && found[0].raw(found[1]) !== undefined
}

const imported = async (did) => {
  const found = read(did)
  const raw = found?.[0].raw(found[1])
  if (raw === undefined) return undefined
  const [kind] = found
  const key = await crypto.subtle.importKey('raw', raw, kind.parameters, false, ['verify'])
  return { kind, key }
}

const MAX_KEYS = 10_000

/** Verifies signatures, and keeps the keys that it met last. */
export const createKeys = () => {
  const known = new Map()
  const keyOf = async (did) => {
    let found = known.get(did)
    if (found === undefined) {
      found = await imported(did)
      if (found === undefined) return undefined
      if (known.size >= MAX_KEYS) known.delete(known.keys().next().value)
    } else {
      known.delete(did)
    }
    known.set(did, found)
    return found
  }
  /** Whether this key made this signature, under this `alg`. */
  return async (did, alg, signed, signature) => {
    try {
      const found = await keyOf(did)
      if (found === undefined) return false
      const { kind, key } = found
      if (!kind.names.includes(alg) || !kind.takes(signature)) return false
      return await crypto.subtle.verify(kind.usage, key, signature, signed)
    } catch {
      // what cannot be imported signs nothing
      return false
    }
  }
}
