// A wallet outside of the page, injected as extensions do it: `window.ethereum` (EIP-1193).

import { randomBytes } from 'node:crypto'
import { localWallet } from './wallet.js'

export const injected = () => {
  const local = localWallet(new Uint8Array(randomBytes(32)))
  const wallet = {
    address: local.address,
    declines: false,
    /** How often it was asked to sign. */
    prompts: 0,

    request({ method, params }) {
      if (method === 'eth_chainId') return { result: '0x1' }
      if (method === 'eth_requestAccounts') return { result: [local.checksum] }
      if (method !== 'personal_sign') return { code: 4200, message: `no method ${method}` }
      wallet.prompts += 1
      if (wallet.declines) return { code: 4001, message: 'User rejected the request.' }
      return { result: local.sign(params[0]) }
    },

    async inject(context) {
      await context.exposeFunction('walletRequest', wallet.request)
      await context.addInitScript(() => {
        globalThis.ethereum = {
          async request(request) {
            const { result, code, message } = await globalThis.walletRequest(request)
            if (code !== undefined) throw Object.assign(new Error(message), { code })
            return result
          },
        }
      })
    },
  }
  return wallet
}
