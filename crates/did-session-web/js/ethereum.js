// An auth method for any EIP-1193 provider, with the names of the npm package
// `@didtools/pkh-ethereum`.

import * as wasm from './did_session_web.js'
import { init } from './load.js'

const WEEK = 7 * 24 * 60 * 60 * 1000
const STATEMENT = 'Give this application access to some of your data on Ceramic'

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** The account id (CAIP-10) of an address on the provider's current chain. */
export const getAccountId = async (provider, address) => {
  const chainId = Number.parseInt(await provider.request({ method: 'eth_chainId', params: [] }), 16)
  return `eip155:${chainId}:${address.toLowerCase()}`
}

const getAuthMethod = async (provider, accountId) => {
  const account = String(accountId)
  const match = /^eip155:(\d+):(0x[0-9a-fA-F]{40})$/.exec(account)
  if (match === null) {
    throw Object.assign(new TypeError(`${account} is no account id of Ethereum`), {
      code: 'invalid_option',
    })
  }
  const address = match[2].toLowerCase()
  return async (options) => {
    await init()
    const now = new Date()
    const p = {
      domain: options.domain ?? globalThis.location.hostname,
      iat: options.issuedAt ?? now.toISOString(),
      iss: `did:pkh:eip155:${match[1]}:${address}`,
      aud: options.uri,
      version: '1',
      nonce: options.nonce ?? hex(crypto.getRandomValues(new Uint8Array(10))),
      exp: options.expirationTime ?? new Date(now.getTime() + WEEK).toISOString(),
      statement: options.statement ?? STATEMENT,
      resources: [...options.resources],
    }
    if (options.requestId !== undefined) p.requestId = options.requestId
    const h = { t: 'eip4361' }
    const text = wasm.signInText({ h, p })
    const s = await provider.request({
      method: 'personal_sign',
      params: [`0x${hex(new TextEncoder().encode(text))}`, address],
    })
    return { h, p, s: { t: 'eip191', s } }
  }
}

export const EthereumWebAuth = { getAuthMethod }
