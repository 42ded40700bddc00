// Accounts of other chains whose keys lie in the page, behind the interfaces of the wallets that
// pages find there.

import { ed25519 } from '@noble/curves/ed25519'
import { secp256k1 } from '@noble/curves/secp256k1'
import { blake2b } from '@noble/hashes/blake2b'
import { sha256 } from '@noble/hashes/sha256'
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils'
import { hashMessage } from '@stacks/encryption'
import { getAddressFromPublicKey, TransactionVersion } from '@stacks/transactions'
import { base58btc } from 'multiformats/bases/base58'

const base58 = (bytes) => base58btc.baseEncode(bytes)

const random = () => crypto.getRandomValues(new Uint8Array(32))

/** Counts how often it is asked, and refuses when `mode` is `decline`. */
const counted = (wallet, ask) => {
  Object.assign(wallet, { prompts: 0, mode: 'sign', shown: [] })
  return async (message) => {
    wallet.prompts += 1
    wallet.shown.push(message)
    if (wallet.mode === 'decline') throw new Error('User rejected the request.')
    return ask(message)
  }
}

/** As `window.phantom.solana`. */
export const solanaWallet = (seed = random()) => {
  const key = ed25519.getPublicKey(seed)
  const wallet = { address: base58(key) }
  const sign = counted(wallet, (text) => ({
    signature: ed25519.sign(new TextEncoder().encode(text), seed),
    publicKey: { toString: () => wallet.address },
  }))
  wallet.signMessage = (bytes, encoding) => {
    if (!(bytes instanceof Uint8Array) || encoding !== 'utf8') throw new Error('not a text')
    return sign(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  }
  return wallet
}

const base58check = (prefix, bytes) => {
  const whole = concatBytes(Uint8Array.from(prefix), bytes)
  return base58(concatBytes(whole, sha256(sha256(whole)).slice(0, 4)))
}

/** As a `DAppClient` of Beacon. `signatures` are `edsig` or `sig`. */
export const tezosWallet = (seed = random(), signatures = 'edsig') => {
  const key = ed25519.getPublicKey(seed)
  const account = {
    address: base58check([6, 161, 159], blake2b(key, { dkLen: 20 })),
    publicKey: base58check([13, 15, 37, 217], key),
    network: { type: 'mainnet' },
  }
  const wallet = { address: account.address, getActiveAccount: async () => ({ ...account }) }
  const prefix = signatures === 'sig' ? [4, 130, 43] : [9, 245, 205, 134, 18]
  const sign = counted(wallet, (payload) => ({
    signature: base58check(
      prefix,
      ed25519.sign(blake2b(hexToBytes(payload), { dkLen: 32 }), seed)
    ),
  }))
  wallet.requestSignPayload = async ({ signingType, payload }) => {
    if (signingType !== 'micheline') throw new Error('not a Micheline expression')
    return sign(payload)
  }
  return wallet
}

/** As `window.StacksProvider`. */
export const stacksWallet = (network = 'mainnet', secret = random()) => {
  const version = TransactionVersion[network === 'mainnet' ? 'Mainnet' : 'Testnet']
  const key = secp256k1.getPublicKey(secret, true)
  const wallet = { address: getAddressFromPublicKey(bytesToHex(key), version) }
  const sign = counted(wallet, (message) => {
    const signature = secp256k1.sign(hashMessage(message), secret)
    const v = bytesToHex(Uint8Array.of(signature.recovery))
    return { signature: `${signature.toCompactHex()}${v}`, publicKey: bytesToHex(key) }
  })
  wallet.signatureRequest = async (token) => {
    const [header, claims, signature] = token.split('.')
    const json = (part) => {
      const binary = atob(part.replaceAll('-', '+').replaceAll('_', '/'))
      return JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, (c) => c.charCodeAt(0))))
    }
    if (json(header).alg !== 'none' || signature !== '') throw new Error('not an unsecured token')
    return sign(json(claims).message)
  }
  return wallet
}
