// Contract wallets, in Node, whose chain is asked through an EIP-1193 provider; and sessions that
// Node keeps in memory.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { beforeEach, test } from 'node:test'
import { DIDSession, EthereumWebAuth } from '../dist/index-node.js'
import { localWallet, signerOf } from './support/wallet.js'
import { codeOf, DOMAIN, RESOURCES } from './support/node.mjs'

const WORD = 64
const YES = `0x1626ba7e${'0'.repeat(WORD - 8)}`
const NO = `0xffffffff${'0'.repeat(WORD - 8)}`

/** A wallet that is a contract of one owner (ERC-1271), and the chain on which it is. */
const contractWallet = ({ chain = '0x1' } = {}) => {
  const owner = localWallet(new Uint8Array(randomBytes(32)))
  const address = `0x${randomBytes(20).toString('hex')}`
  const wallet = {
    account: `eip155:${Number(chain)}:${address}`,
    mood: 'up',
    calls: [],

    async request({ method, params }) {
      if (method === 'personal_sign') return owner.sign(params[0])
      wallet.calls.push(method)
      if (wallet.mood === 'down') throw Object.assign(new Error('the node is away'), { code: -32603 })
      if (wallet.mood === 'hung') return new Promise(() => {})
      if (method === 'eth_chainId') return chain
      if (method === 'eth_getCode') return params[0].toLowerCase() === address ? '0x6001' : '0x'
      if (method !== 'eth_call') throw Object.assign(new Error(`no method ${method}`), { code: -32601 })
      const [{ to, data }] = params
      // an account without code answers nothing
      if (to?.toLowerCase() !== address || wallet.mood === 'no code') return '0x'
      if (wallet.mood === 'reverts') throw Object.assign(new Error('execution reverted'), { code: 3, data: '0x' })
      assert.ok(data.startsWith('0x1626ba7e'), 'isValidSignature(bytes32,bytes)')
      const words = data.slice(10)
      const digest = words.slice(0, WORD)
      const length = Number(`0x${words.slice(2 * WORD, 3 * WORD)}`)
      const signature = words.slice(3 * WORD, 3 * WORD + 2 * length)
      const isOwners = signerOf(digest, signature) === owner.address
      return isOwners && wallet.mood !== 'changed its mind' ? YES : NO
    },
  }
  return wallet
}

const wishes = { resources: RESOURCES, domain: DOMAIN }

const methodOf = (wallet) => EthereumWebAuth.getAuthMethod(wallet, wallet.account)

beforeEach(() => DIDSession.configure({ store: 'memory' }))

test('sessions are kept in memory where Node is told so, and there is no location', async () => {
  const key = localWallet(new Uint8Array(randomBytes(32)))
  const account = `eip155:1:${key.address}`
  let prompts = 0
  const provider = { request: async ({ params }) => ((prompts += 1), key.sign(params[0])) }
  const method = await EthereumWebAuth.getAuthMethod(provider, account)
  const session = await DIDSession.get(account, method, wishes)
  const again = await DIDSession.get(account, method, wishes)
  assert.deepEqual([prompts, again.did.id], [1, session.did.id])
  assert.equal(await DIDSession.hasSessionFor(account, wishes), true)
  assert.deepEqual(await DIDSession.list(), [{ id: session.id }])
  assert.equal(await codeOf(() => DIDSession.get(account, method, { resources: RESOURCES })), 'invalid_option')
  assert.equal((await DIDSession.revoke(account)).split('.').length, 3)
  assert.deepEqual(await DIDSession.list(), [])
  const options = { resources: RESOURCES, domain: DOMAIN }
  assert.equal(await DIDSession.hasSessionFor(account, options), false)
})

test('a contract says yes: the session is used, and its word is kept beside it', async () => {
  const wallet = contractWallet()
  await DIDSession.configure({ store: 'memory', provider: wallet })
  const session = await DIDSession.get(wallet.account, await methodOf(wallet), wishes)
  assert.equal(session.id, `did:pkh:${wallet.account}`)
  // one question for each text that may have been signed
  assert.deepEqual([...new Set(wallet.calls)], ['eth_chainId', 'eth_call'])
  const asked = wallet.calls.length
  const again = await DIDSession.get(wallet.account, await methodOf(wallet), wishes)
  assert.equal(again.did.id, session.did.id)
  assert.equal(wallet.calls.length, asked, 'it is not asked again so soon')
  const { payload } = await session.did.verifyJWS(await session.did.createJWS({ a: 1 }))
  assert.deepEqual(payload, { a: 1 })
})

test('a contract says no, has no code or reverts: refused, and nothing is kept', async () => {
  for (const mood of ['changed its mind', 'no code', 'reverts']) {
    const wallet = contractWallet()
    wallet.mood = mood
    await DIDSession.configure({ store: 'memory', provider: wallet })
    const method = await methodOf(wallet)
    const code = await codeOf(() => DIDSession.get(wallet.account, method, wishes))
    assert.ok(!['accepted', 'chain_unavailable', 'unavailable'].includes(code), `${mood}: ${code}`)
    assert.ok(wallet.calls.includes('eth_call'), mood)
    assert.deepEqual(await DIDSession.list(), [], mood)
  }
})

test('an outage is no verdict: it says so, and the next call asks again', async () => {
  const wallet = contractWallet()
  await DIDSession.configure({ store: 'memory', provider: wallet })
  const method = await methodOf(wallet)
  wallet.mood = 'down'
  const down = await codeOf(() => DIDSession.get(wallet.account, method, wishes))
  wallet.mood = 'changed its mind'
  const refused = await codeOf(() => DIDSession.get(wallet.account, method, wishes))
  assert.notEqual(down, refused)
  wallet.mood = 'up'
  const session = await DIDSession.get(wallet.account, method, wishes)
  assert.equal(session.hasSession, true)
})

test('another chain, and no provider: no contract is trusted', async () => {
  const wallet = contractWallet()
  const method = await methodOf(wallet)
  assert.equal(await codeOf(() => DIDSession.get(wallet.account, method, wishes)), 'signature_mismatch')
  assert.deepEqual(wallet.calls, [])
  const elsewhere = contractWallet({ chain: '0xa' })
  await DIDSession.configure({ store: 'memory', provider: elsewhere })
  const code = await codeOf(() => DIDSession.get(wallet.account, method, wishes))
  assert.notEqual(code, 'accepted')
  assert.deepEqual(elsewhere.calls, ['eth_chainId'], 'nothing is asked of another chain')
  assert.equal(await codeOf(() => DIDSession.configure({ provider: {} })), 'invalid_option')
})
