// The npm packages that the tests hold ours against, as one module for the page.

export { DIDSession } from 'did-session'
export { EthereumWebAuth, getAccountId } from '@didtools/pkh-ethereum'
export { AccountId } from 'caip'
export { DID } from 'dids'
export { default as KeyResolver } from 'key-did-resolver'
export { CID } from 'multiformats/cid'
export { localWallet, textOfHex } from './wallet.js'
