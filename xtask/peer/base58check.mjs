// Base58Check, for keys and signatures of Tezos.

import { sha256 } from '@noble/hashes/sha2'
import { base58btc } from 'multiformats/bases/base58'

export const TZ1 = [6, 161, 159]
export const EDPK = [13, 15, 37, 217]
export const EDSK = [13, 15, 58, 7]
export const EDSIG = [9, 245, 205, 134, 18]
export const SIG = [4, 130, 43]

const checksum = (bytes) => sha256(sha256(bytes)).subarray(0, 4)

/** base58btc without the letter of multibase. */
export const base58 = (bytes) => base58btc.baseEncode(bytes)
export const unbase58 = (text) => base58btc.baseDecode(text)

export function encode(prefix, payload) {
  const bytes = Buffer.concat([Buffer.from(prefix), payload])
  return base58(Buffer.concat([bytes, checksum(bytes)]))
}

/** The payload; prefix and checksum are not looked at. */
export const decode = (prefix, text) => Buffer.from(unbase58(text)).subarray(prefix.length, -4)
