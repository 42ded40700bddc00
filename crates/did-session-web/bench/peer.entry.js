// What a page needs of the npm packages for the same work as ours, to be weighed.

export { DIDSession } from 'did-session'
export { EthereumWebAuth } from '@didtools/pkh-ethereum'
export { AccountId } from 'caip'
