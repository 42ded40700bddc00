export { localWallet } from '../tests/support/wallet.js'
