// Runs applications against a stand-in node, each with a session of ours: prints what they did.

import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { DIDSession, EthereumWebAuth, init } from 'did-session-web/dids'
import { localWallet } from '../support/wallet.js'
import { standIn, told } from './stand-in.mjs'

const wasm = import.meta.resolve('did-session-web/did_session_web_bg.wasm')
await init(await readFile(fileURLToPath(wasm)))

const wallet = () => {
  const local = localWallet(new Uint8Array(randomBytes(32)))
  return {
    account: `eip155:1:${local.address}`,
    did: `did:pkh:eip155:1:${local.address}`,
    request: async ({ params }) => local.sign(params[0]),
    // as wallets of ethers have it
    getAddress: async () => local.checksum,
    signMessage: async (text) => local.sign(`0x${Buffer.from(text).toString('hex')}`),
  }
}

const session = async (account) => {
  const method = await EthereumWebAuth.getAuthMethod(account, account.account)
  const options = { domain: 'app.example', resources: ['ceramic://*'] }
  return DIDSession.authorize(method, options)
}

/** One application with a session of its own, and what its node saw. */
const seen = async (run) => {
  const node = await standIn()
  const account = wallet()
  try {
    const given = await session(account)
    const done = await run(given, node.url, account)
    return { did: account.did, key: given.did.id, ...done, seen: node.writes.map(told) }
  } finally {
    node.close()
  }
}

const [, , ...names] = process.argv
const outcomes = {}
for (const name of names) {
  const [file, exported = 'run'] = name.split('#')
  const { [exported]: run } = await import(file)
  outcomes[name] = await seen(run).catch((error) => ({ error: error.stack ?? String(error) }))
}
console.log(JSON.stringify(outcomes))
process.exit(0)
