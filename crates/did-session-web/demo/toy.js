// A throw-away Ethereum wallet with the face of an EIP-1193 provider. It is a toy: its key lies in
// `localStorage`, which is what sessions are there to avoid.

const KEY = 'did-session-demo-toy-key'

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
const bytesOf = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16))

const secret = () => {
  const stored = localStorage.getItem(KEY)
  if (/^[0-9a-f]{64}$/.test(stored ?? '')) return bytesOf(stored)
  const fresh = crypto.getRandomValues(new Uint8Array(32))
  localStorage.setItem(KEY, hex(fresh))
  return fresh
}

export const toyWallet = async () => {
  const { localWallet } = await import('../built/demo-wallet.js')
  const local = localWallet(secret())
  return {
    async request({ method, params }) {
      if (method === 'eth_chainId') return '0x1'
      if (method === 'eth_requestAccounts') return [local.checksum]
      if (method === 'personal_sign') return local.sign(params[0])
      throw Object.assign(new Error(`the toy has no method ${method}`), { code: 4200 })
    },
  }
}
