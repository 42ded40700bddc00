// What a page with Ethereum accounts takes of the package, to be weighed beside `peer.entry.js`.

export { DIDSession, EthereumWebAuth, getAccountId } from '../dist/index.js'
