// Who signs in: the wallet of the browser, or a demo wallet for those who have none.

import { base58, base64url, forget, fromBase64, hex, keep, kept, utf8 } from './bytes.js'

/** The Ethereum wallet that an extension put into the page (EIP-1193). */
export const injectedWallet = () => {
  const provider = globalThis.ethereum
  if (provider === undefined) return undefined
  let address
  return {
    isDemo: false,
    async account() {
      ;[address] = await provider.request({ method: 'eth_requestAccounts' })
      const chain = await provider.request({ method: 'eth_chainId' })
      return `eip155:${Number(chain)}:${address}`
    },
    sign: (text) =>
      provider.request({ method: 'personal_sign', params: [`0x${hex(utf8(text))}`, address] }),
  }
}

const DEMO = 'demo-wallet'
const SOLANA = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'
/** An Ed25519 private key in PKCS #8 (RFC 8410) is these bytes and 32 more. */
const PKCS8 = fromBase64('MC4CAQAwBQYDK2VwBCIEIA==')

const demoKey = async (seed) => {
  const pkcs8 = Uint8Array.of(...PKCS8, ...seed)
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign'])
  const { x } = await crypto.subtle.exportKey('jwk', key)
  return { key, address: base58(fromBase64(x)) }
}

/**
 * A Solana account whose key this page makes. It is a demonstration: its key lies in this browser
 * for every script of the page to read, which is what sessions are there to avoid.
 */
export const demoWallet = async () => {
  let seed = await kept(DEMO)
  if (seed === undefined) {
    seed = crypto.getRandomValues(new Uint8Array(32))
    await keep(DEMO, seed)
  }
  const { key, address } = await demoKey(seed)
  return {
    isDemo: true,
    account: async () => `${SOLANA}:${address}`,
    sign: async (text) =>
      base58(new Uint8Array(await crypto.subtle.sign('Ed25519', key, utf8(text)))),
  }
}

/** A link that brings the demo wallet, its key included, into another browser. */
export const demoLink = async () => {
  const seed = await kept(DEMO)
  return seed && `${location.origin}/#demo-wallet=${base64url(seed)}`
}

/** Takes the demo wallet of a link; true if there was one. */
export const takeDemoLink = async () => {
  const text = location.hash.match(/^#demo-wallet=([\w-]{43})$/)?.[1]
  if (text === undefined) return false
  history.replaceState(null, '', location.pathname)
  await keep(DEMO, fromBase64(text))
  return true
}

export const forgetDemoWallet = () => forget(DEMO)
