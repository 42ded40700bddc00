// An Ethereum account whose key lies in the page: `personal_sign` without anybody to ask.

import { secp256k1 } from '@noble/curves/secp256k1'
import { keccak_256 } from '@noble/hashes/sha3'
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils'

const bytesOfHex = (hex) => hexToBytes(hex.replace(/^0x/, ''))

export const textOfHex = (hex) => new TextDecoder().decode(bytesOfHex(hex))

const checksumOf = (address) => {
  const hash = bytesToHex(keccak_256(utf8ToBytes(address.slice(2))))
  const letters = [...address.slice(2)]
  return `0x${letters.map((l, i) => (parseInt(hash[i], 16) > 7 ? l.toUpperCase() : l)).join('')}`
}

/** Who signed a digest; both in hex. Nothing where nobody can have. */
export const signerOf = (digest, signature) => {
  try {
    const bytes = bytesOfHex(signature)
    const recovery = bytes[64] - 27
    const point = secp256k1.Signature.fromCompact(bytes.slice(0, 64))
      .addRecoveryBit(recovery)
      .recoverPublicKey(bytesOfHex(digest))
    return `0x${bytesToHex(keccak_256(point.toRawBytes(false).slice(1)).slice(-20))}`
  } catch {
    return undefined
  }
}

export const localWallet = (secret) => {
  const publicKey = secp256k1.getPublicKey(secret, false).slice(1)
  const address = `0x${bytesToHex(keccak_256(publicKey).slice(-20))}`
  return {
    address,
    checksum: checksumOf(address),
    sign(hex) {
      const message = bytesOfHex(hex)
      const prefix = utf8ToBytes(`\x19Ethereum Signed Message:\n${message.length}`)
      const signature = secp256k1.sign(keccak_256(concatBytes(prefix, message)), secret)
      const v = bytesToHex(Uint8Array.of(27 + signature.recovery))
      return `0x${signature.toCompactHex()}${v}`
    },
  }
}
