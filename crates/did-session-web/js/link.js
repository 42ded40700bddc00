// The link of a DagJWS: a CID as `CID.asCID` of the npm package `multiformats` accepts it.

import { base32 } from './bytes.js'

// CIDv1, dag-cbor, sha2-256: four bytes of prefix, then the digest
const PREFIX = 4

export class Link {
  constructor(bytes) {
    const digest = bytes.subarray(PREFIX)
    const multihash = { code: 0x12, size: digest.length, digest, bytes: bytes.subarray(2) }
    Object.assign(this, { version: 1, code: 0x71, multihash, bytes })
    // the mark of a CID, which must not show in JSON
    Object.defineProperty(this, '/', { value: bytes })
    Object.freeze(this)
  }

  get byteOffset() {
    return this.bytes.byteOffset
  }

  get byteLength() {
    return this.bytes.byteLength
  }

  equals(other) {
    return other?.bytes !== undefined && String(new Link(other.bytes)) === String(this)
  }

  toString() {
    return `b${base32(this.bytes)}`
  }

  toJSON() {
    return { '/': this.toString() }
  }

  get [Symbol.toStringTag]() {
    return 'CID'
  }
}
