// An auth method for any EIP-1193 provider, with the names of the npm package
// `@didtools/pkh-ethereum`.

import * as wasm from './did_session_web.js'
import { accountText, invalid, need, textOf } from './account.js'
import { signInText } from './capability.js'
import { part, withAll } from './load.js'
import { hex, payloadOf } from './payload.js'

/** The most digits of a chain's reference (CAIP-2). */
const MAX_REFERENCE = 32

/** The account id (CAIP-10) of an address on the provider's current chain. */
export const getAccountId = async (provider, address) => {
  const lower = textOf('the address', address).toLowerCase()
  const answer = await need(provider, 'request').request({ method: 'eth_chainId', params: [] })
  if (typeof answer !== 'string' || !/^0x[0-9a-fA-F]{1,64}$/.test(answer)) {
    throw invalid("the provider's chain id must be a hex quantity")
  }
  // without loss: ids are wider than doubles
  const chainId = BigInt(answer).toString()
  if (chainId.length > MAX_REFERENCE) throw invalid("the provider's chain id is too large for an account id")
  return `eip155:${chainId}:${lower}`
}

const getAuthMethod = async (provider, accountId) => {
  need(provider, 'request')
  const account = accountText(accountId)
  const match = /^eip155:(\d+):(0x[0-9a-fA-F]{40})$/.exec(account)
  if (match === null) throw invalid(`${account} is not a valid account id of Ethereum`)
  const address = match[2].toLowerCase()
  return async (options) => {
    await part('machine')
    const h = { t: 'eip4361' }
    const p = payloadOf(options, `did:pkh:eip155:${match[1]}:${address}`)
    const text = await withAll(async () => signInText({ h, p }))
    const s = await provider.request({
      method: 'personal_sign',
      params: [`0x${hex(new TextEncoder().encode(text))}`, address],
    })
    return { h, p, s: { t: 'eip191', s } }
  }
}

export const EthereumWebAuth = { getAuthMethod }
