// The package in Node, with wallets whose key lies in the test: no browser, no database.

import { randomBytes, webcrypto } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Cacao, SiweMessage } from '@didtools/cacao'
import { init } from '../../dist/index.js'
import { localWallet } from './wallet.js'

// Node 18 has it under this name only
globalThis.crypto ??= webcrypto

export const DOMAIN = 'app.example'
export const RESOURCES = ['ceramic://*?model=a', 'ceramic://*?model=b']

/** Node does not fetch files. */
export const load = async () =>
  init(await readFile(new URL('../../dist/did_session_web_bg.wasm', import.meta.url)))

const hexOf = (text) => `0x${Buffer.from(text).toString('hex')}`

/** An EIP-1193 provider over a key of its own. */
export const wallet = (seed = new Uint8Array(randomBytes(32))) => {
  const local = localWallet(seed)
  return {
    account: `eip155:1:${local.address}`,
    did: `did:pkh:eip155:1:${local.address}`,
    prompts: 0,

    async request({ method, params }) {
      if (method === 'eth_chainId') return '0x1'
      if (method === 'eth_requestAccounts') return [local.checksum]
      if (method !== 'personal_sign') throw new Error(`no method ${method}`)
      this.prompts += 1
      return local.sign(params[0])
    },

    /** A capability for a key, as the peer's packages write and sign it. */
    capability(aud, wishes = {}) {
      const message = new SiweMessage({
        domain: DOMAIN,
        address: local.checksum,
        statement: 'I accept the terms: https://app.example/terms',
        uri: aud,
        version: '1',
        nonce: '32891757',
        issuedAt: new Date().toISOString(),
        chainId: '1',
        resources: RESOURCES,
        ...wishes,
      })
      message.signature = local.sign(hexOf(message.toMessage()))
      return Cacao.fromSiweMessage(message)
    },
  }
}

/** The code of what a call refuses, or that it does not. */
export const codeOf = async (call) => {
  try {
    await (typeof call === 'function' ? call() : call)
  } catch (error) {
    return error.code ?? String(error)
  }
  return 'accepted'
}
