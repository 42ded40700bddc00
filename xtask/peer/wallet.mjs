// A wallet with one local key that answers like an injected Ethereum provider.

import { keccak_256 } from '@noble/hashes/sha3'
import { secp256k1 } from '@noble/curves/secp256k1'
import { AccountId } from 'caip'

const hex = (bytes) => Buffer.from(bytes).toString('hex')

/** The digest that `personal_sign` signs: the length is counted in bytes. */
function personalDigest(message) {
  const prefix = Buffer.from(`\x19Ethereum Signed Message:\n${message.length}`)
  return keccak_256(Buffer.concat([prefix, message]))
}

export class Wallet {
  #secret

  constructor(random) {
    do {
      this.#secret = random.bytes(32)
    } while (!secp256k1.utils.isValidPrivateKey(this.#secret))
    const point = secp256k1.getPublicKey(this.#secret, false)
    this.address = `0x${hex(keccak_256(point.subarray(1)).subarray(-20))}`
  }

  get secretHex() {
    return hex(this.#secret)
  }

  /** The CAIP-10 account on an EVM chain. */
  account(chain) {
    return new AccountId({ address: this.address, chainId: `eip155:${chain}` })
  }

  /** 65 bytes, r then s then v (27 or 28), over a text. */
  sign(text) {
    const digest = personalDigest(Buffer.from(text, 'utf8'))
    const signature = secp256k1.sign(digest, this.#secret, { lowS: true })
    const bytes = Buffer.concat([signature.toCompactRawBytes(), Buffer.of(27 + signature.recovery)])
    return `0x${hex(bytes)}`
  }

  /** What the peer's auth methods take for a wallet. */
  provider(chain) {
    return {
      request: async ({ method, params }) => {
        switch (method) {
          case 'eth_chainId':
            return `0x${chain.toString(16)}`
          case 'eth_accounts':
          case 'eth_requestAccounts':
            return [this.address]
          case 'personal_sign':
            return this.sign(Buffer.from(params[0].slice(2), 'hex').toString('utf8'))
          default:
            throw new Error(`this wallet does not know ${method}`)
        }
      },
    }
  }
}

/** An address in the mixed case of EIP-55. */
export function eip55(address) {
  const digits = address.slice(2).toLowerCase()
  const hash = hex(keccak_256(Buffer.from(digits)))
  const cased = [...digits].map((c, at) => (parseInt(hash[at], 16) >= 8 ? c.toUpperCase() : c))
  return `0x${cased.join('')}`
}
