// An auth method for Tezos wallets behind a Beacon client (`DAppClient` and those like it), with
// the names of the npm package `@didtools/pkh-tezos`.

import * as wasm from './did_session_web.js'
import { accountOf, invalid, need } from './account.js'
import { all } from './load.js'
import { hex, payloadOf } from './payload.js'

const NETWORKS = { mainnet: 'NetXdQprcVkpaWU', devnet: 'NetXm8tYqnMWky1' }

const getAccountIdByNetwork = (network, address) => {
  if (!Object.hasOwn(NETWORKS, network)) throw invalid(`${network} is not a valid network of Tezos`)
  return `tezos:${NETWORKS[network]}:${address}`
}

const activeAccount = async (provider) => {
  const account = await need(provider, 'getActiveAccount').getActiveAccount()
  if (!account) throw new Error('the wallet has no active account')
  return account
}

const getAccountId = async (provider, address) => {
  const { network } = await activeAccount(provider)
  return getAccountIdByNetwork(network.type, address)
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
    const { publicKey } = await activeAccount(provider)
    const { signature } = await provider.requestSignPayload({ signingType: 'micheline', payload })
    return { h, p, s: { t: 'tezos:ed25519', s: `${signature}${publicKey}` } }
  }
}

export const TezosWebAuth = { getAccountId, getAccountIdByNetwork, getAuthMethod }
