// An auth method for injected Stacks wallets (`StacksProvider`), with the names of the npm package
// `@didtools/pkh-stacks`.

import * as wasm from './did_session_web.js'
import { accountOf, need, networkOf, textOf } from './account.js'
import { signInText } from './capability.js'
import { all } from './load.js'
import { payloadOf } from './payload.js'
import { answerOf } from './wallet.js'

const NETWORKS = { mainnet: '1', testnet: '2147483648' }

const getAccountIdByNetwork = (network, address) => {
  return `stacks:${networkOf(NETWORKS, network, 'Stacks')}:${textOf('the address', address)}`
}

const base64url = (value) => {
  const bytes = new TextEncoder().encode(JSON.stringify(value))
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

// what wallets read their requests from (RFC 7519, section 6)
const unsecuredToken = (claims) => `${base64url({ typ: 'JWT', alg: 'none' })}.${base64url(claims)}.`

const getAuthMethod = async (provider, accountId) => {
  need(provider, 'signatureRequest')
  const { id } = accountOf('stacks', 'Stacks', accountId)
  return async (options) => {
    await all()
    const h = { t: 'caip122' }
    const p = payloadOf(options, `did:pkh:${id}`)
    const message = signInText({ h, p })
    const answer = await provider.signatureRequest(unsecuredToken({ message }))
    return { h, p, s: { t: 'stacks:secp256k1', s: answerOf(() => answer.signature) } }
  }
}

export const StacksWebAuth = { getAccountIdByNetwork, getAuthMethod }
