// The npm packages that the tests hold ours against, as one module for the page.

export { DIDSession } from 'did-session'
export { WebauthnAuth } from '@didtools/key-webauthn'
export { EthereumWebAuth, getAccountId, getEIP191Verifier } from '@didtools/pkh-ethereum'
export * as pkhSolana from '@didtools/pkh-solana'
export * as pkhStacks from '@didtools/pkh-stacks'
export * as pkhTezos from '@didtools/pkh-tezos'
export { AccountId } from 'caip'
export { DID } from 'dids'
export { default as KeyResolver } from 'key-did-resolver'
export { CID } from 'multiformats/cid'
export { solanaWallet, stacksWallet, tezosWallet } from './chains.js'
export { localWallet, textOfHex } from './wallet.js'
