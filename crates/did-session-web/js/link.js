// The link of a DagJWS: a CID with the members of the class `CID` of the npm package
// `multiformats`, whose `CID.asCID` accepts it.

import { base32 } from './bytes.js'
import { reading } from './host.js'

// CIDv1, dag-cbor, sha2-256: four bytes of prefix, then the digest
const PREFIX = 4

const same = (one, other) =>
  one.length === other.length && one.every((byte, index) => byte === other[index])

export class Link {
  constructor(bytes) {
    const digest = bytes.subarray(PREFIX)
    const multihash = { code: 0x12, size: digest.length, digest, bytes: bytes.subarray(2) }
    Object.assign(this, { version: 1, code: 0x71, multihash, bytes })
    // the mark of a CID, which must not show in JSON
    Object.defineProperty(this, '/', { value: bytes })
    Object.freeze(this)
  }

  get asCID() {
    return this
  }

  get byteOffset() {
    return this.bytes.byteOffset
  }

  get byteLength() {
    return this.bytes.byteLength
  }

  link() {
    return this
  }

  toV0() {
    throw new Error('Cannot convert a non dag-pb CID to CIDv0')
  }

  toV1() {
    return this
  }

  equals(other) {
    try {
      const { version, code, multihash } = other ?? {}
      return (
        version === this.version &&
        code === this.code &&
        multihash?.bytes instanceof Uint8Array &&
        same(multihash.bytes, this.multihash.bytes)
      )
    } catch {
      // what cannot be read is not equal
      return false
    }
  }

  /** In lower case base32, or by an encoder of `multiformats`. */
  toString(base) {
    return base === undefined
      ? `b${base32(this.bytes)}`
      : reading('the encoder', () => `${base.encode(this.bytes)}`)
  }

  toJSON() {
    return { '/': this.toString() }
  }

  get [Symbol.toStringTag]() {
    return 'CID'
  }
}
