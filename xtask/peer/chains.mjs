// Wallets of the chains beside Ethereum, each with one local key, behind the provider that the
// peer's auth method expects. A wallet has: `chain` (CAIP-2), `account` (CAIP-10), `keyFile` (what
// our command line reads), `authMethod(domain)` (the peer's), `message(options)` (the text as an
// application would write it by hand) and `sign(message)`, the signature as a capability holds it.

import { Cacao, SiwStacksMessage, SiwTezosMessage, SiwsMessage } from '@didtools/cacao'
import { SolanaNodeAuth, getSolanaVerifier } from '@didtools/pkh-solana'
import { StacksWebAuth, getStacksVerifier } from '@didtools/pkh-stacks'
import { TezosWebAuth, getTezosVerifier } from '@didtools/pkh-tezos'
import { ed25519 } from '@noble/curves/ed25519'
import { secp256k1 } from '@noble/curves/secp256k1'
import { blake2b } from '@noble/hashes/blake2'
import { hashMessage } from '@stacks/encryption'
import { TransactionVersion, getAddressFromPrivateKey } from '@stacks/transactions'
import { AccountId } from 'caip'

import * as b58 from './base58check.mjs'
import { onPage } from './page.mjs'

const hex = (bytes) => Buffer.from(bytes).toString('hex')

const SOLANA = ['5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp', '4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z', 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1']
const TEZOS = ['NetXdQprcVkpaWU', 'NetXm8tYqnMWky1']
const STACKS = ['1', '2147483648']

class SolanaWallet {
  constructor(random, reference = random.pick(SOLANA)) {
    this.secret = random.bytes(32)
    this.key = ed25519.getPublicKey(this.secret)
    this.chain = `solana:${reference}`
    this.account = new AccountId({ address: b58.base58(this.key), chainId: this.chain })
  }

  /** What `solana-keygen` writes: seed and public key as a list of numbers. */
  get keyFile() {
    return JSON.stringify([...this.secret, ...this.key])
  }

  signBytes(bytes) {
    return ed25519.sign(bytes, this.secret)
  }

  sign(message) {
    return b58.base58(this.signBytes(message.signMessage()))
  }

  authMethod(domain) {
    const signMessage = async (bytes) => ({ signature: this.signBytes(bytes), publicKey: this.account.address })
    return SolanaNodeAuth.getAuthMethod({ signMessage }, this.account, domain)
  }
}

class TezosWallet {
  constructor(random, reference = random.pick(TEZOS)) {
    this.secret = random.bytes(32)
    this.key = ed25519.getPublicKey(this.secret)
    this.chain = `tezos:${reference}`
    const address = b58.encode(b58.TZ1, blake2b(this.key, { dkLen: 20 }))
    this.account = new AccountId({ address, chainId: this.chain })
  }

  get keyFile() {
    return b58.encode(b58.EDSK, this.secret)
  }

  get publicKey() {
    return b58.encode(b58.EDPK, this.key)
  }

  /** Of a packed Micheline string, as hex. */
  signBytes(payload) {
    return ed25519.sign(blake2b(Buffer.from(payload, 'hex'), { dkLen: 32 }), this.secret)
  }

  sign(message) {
    return b58.encode(b58.EDSIG, this.signBytes(message.signMessage())) + this.publicKey
  }

  authMethod(hostname) {
    const provider = {
      requestSignPayload: async ({ payload }) => ({ signature: b58.encode(b58.EDSIG, this.signBytes(payload)) }),
      getActiveAccount: async () => ({ publicKey: this.publicKey, address: this.account.address }),
    }
    return onPage({ hostname }, () => TezosWebAuth.getAuthMethod(provider, this.account))
  }
}

class StacksWallet {
  constructor(random, reference = STACKS[0]) {
    do {
      this.secret = random.bytes(32)
    } while (!secp256k1.utils.isValidPrivateKey(this.secret))
    const version = reference === STACKS[0] ? TransactionVersion.Mainnet : TransactionVersion.Testnet
    this.chain = `stacks:${reference}`
    const address = getAddressFromPrivateKey(`${hex(this.secret)}01`, version)
    this.account = new AccountId({ address, chainId: this.chain })
    this.suffix = random.pick(['', '01'])
  }

  get keyFile() {
    return hex(this.secret) + this.suffix
  }

  signText(text) {
    const signature = secp256k1.sign(hashMessage(text), this.secret, { lowS: true })
    return hex(Buffer.concat([signature.toCompactRawBytes(), Buffer.of(signature.recovery)]))
  }

  sign(message) {
    return this.signText(message.signMessage())
  }

  authMethod(hostname) {
    const signatureRequest = async (token) => {
      const { message } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'))
      return { signature: this.signText(message), publicKey: hex(secp256k1.getPublicKey(this.secret)) }
    }
    return onPage({ hostname }, () => StacksWebAuth.getAuthMethod({ signatureRequest }, this.account))
  }
}

/** name → wallet, the peer's message of the chain, its maker of capabilities, its verifier. */
export const CHAINS = {
  solana: { Wallet: SolanaWallet, Message: SiwsMessage, toCacao: Cacao.fromSiwsMessage, verifiers: getSolanaVerifier() },
  tezos: { Wallet: TezosWallet, Message: SiwTezosMessage, toCacao: Cacao.fromSiwTezosMessage, verifiers: getTezosVerifier() },
  stacks: { Wallet: StacksWallet, Message: SiwStacksMessage, toCacao: Cacao.fromSiwStacksMessage, verifiers: getStacksVerifier() },
}

export const TEST_NETWORK = { stacks: STACKS[1] }
