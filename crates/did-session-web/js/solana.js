// An auth method for injected Solana wallets (Phantom and those like it), with the names of the
// npm package `@didtools/pkh-solana`.

import * as wasm from './did_session_web.js'
import { accountOf, need, networkOf, textOf } from './account.js'
import { viewOf } from './bytes.js'
import { capabilityOf, signInText } from './capability.js'
import { answerOf } from './wallet.js'
import { failure } from './host.js'
import { all } from './load.js'
import { payloadOf } from './payload.js'

// the first 32 characters of the genesis hash (CAIP-30)
const NETWORKS = {
  mainnet: '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
  testnet: '4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z',
  devnet: 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
}

const getAccountIdByNetwork = (network, address) => {
  return `solana:${networkOf(NETWORKS, network, 'Solana')}:${textOf('the address', address)}`
}

const getAccountId = async (connection, address) => {
  const text = textOf('the address', address)
  const hash = textOf('the genesis hash', await need(connection, 'getGenesisHash').getGenesisHash())
  return `solana:${hash.slice(0, 32)}:${text}`
}

const getAuthMethod = async (provider, accountId) => {
  need(provider, 'signMessage')
  const { id } = accountOf('solana', 'Solana', accountId)
  return async (options) => {
    await all()
    const unsigned = { h: { t: 'caip122' }, p: payloadOf(options, `did:pkh:${id}`) }
    const text = new TextEncoder().encode(signInText(unsigned))
    const answer = await provider.signMessage(text, 'utf8')
    // some wallets answer the signature itself
    const signature = answerOf(() => {
      const given = answer?.signature ?? answer
      if (ArrayBuffer.isView(given)) return viewOf(given)
      throw failure('wallet_failed', 'the wallet did not return a signature')
    })
    return capabilityOf(wasm.signedBySolana(JSON.stringify(unsigned), signature))
  }
}

export const SolanaWebAuth = { getAccountId, getAccountIdByNetwork, getAuthMethod }
