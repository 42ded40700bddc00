// An auth method for Tezos wallets behind a Beacon client (`DAppClient` and those like it), with
// the names of the npm package `@didtools/pkh-tezos`.

import * as wasm from './did_session_web.js'
import { accountOf, need, networkOf, textOf } from './account.js'
import { failure } from './host.js'
import { all } from './load.js'
import { hex, payloadOf } from './payload.js'
import { answerOf } from './wallet.js'

const NETWORKS = { mainnet: 'NetXdQprcVkpaWU', devnet: 'NetXm8tYqnMWky1' }

const getAccountIdByNetwork = (network, address) => {
  return `tezos:${networkOf(NETWORKS, network, 'Tezos')}:${textOf('the address', address)}`
}

const activeAccount = async (provider) => {
  const account = await need(provider, 'getActiveAccount').getActiveAccount()
  if (account) return account
  throw failure('wallet_failed', 'the wallet has no active account')
}

const getAccountId = async (provider, address) => {
  const active = await activeAccount(provider)
  return getAccountIdByNetwork(answerOf(() => active.network.type), address)
}

const getAuthMethod = async (provider, accountId) => {
  need(provider, 'requestSignPayload')
  need(provider, 'getActiveAccount')
  const { id } = accountOf('tezos', 'Tezos', accountId)
  return async (options) => {
    await all()
    const h = { t: 'caip122' }
    const p = payloadOf(options, `did:pkh:${id}`)
    const payload = hex(wasm.tezosPayload(JSON.stringify({ h, p })))
    // the address alone does not tell the key
    const active = await activeAccount(provider)
    const answer = await provider.requestSignPayload({ signingType: 'micheline', payload })
    const s = answerOf(() => `${answer.signature}${active.publicKey}`)
    return { h, p, s: { t: 'tezos:ed25519', s } }
  }
}

export const TezosWebAuth = { getAccountId, getAccountIdByNetwork, getAuthMethod }
