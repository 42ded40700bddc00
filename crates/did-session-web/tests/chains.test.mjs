// Wallets of other chains: our auth methods and those of the `@didtools` packages, over the
// interfaces that injected wallets have, with local keys behind them.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch } from './support/browser.mjs'

let world
before(async () => (world = await launch()))
after(() => world.close())

const inPage = (use) => world.inPage(use)

/**
 * `peer` is what the peer's own verifier makes of it: nothing where it accepts; where it does not,
 * the name of the test says which rule of ours is the wider one.
 */
const CHAINS = [
  {
    name: 'Solana',
    kind: 'solana:ed25519',
    make: `({
      wallet: peer.solanaWallet(),
      ours: ours.SolanaWebAuth,
      theirs: peer.pkhSolana.SolanaWebAuth,
      id: (address) => ours.SolanaWebAuth.getAccountIdByNetwork('mainnet', address),
      theirId: (address) => peer.pkhSolana.getAccountIdByNetwork('mainnet', address),
    })`,
    shows: /^127\.0\.0\.1 wants you to sign in with your Solana account:\n[1-9A-HJ-NP-Za-km-z]{32,44}\n/,
  },
  {
    name: 'Solana, devnet',
    kind: 'solana:ed25519',
    make: `({
      wallet: peer.solanaWallet(),
      ours: ours.SolanaWebAuth,
      theirs: peer.pkhSolana.SolanaWebAuth,
      id: (address) => ours.SolanaWebAuth.getAccountIdByNetwork('devnet', address),
      theirId: (address) => peer.pkhSolana.getAccountIdByNetwork('devnet', address),
    })`,
    shows: /Chain ID: EtWTRABZaYq6iMfeYKouRu166VU2xqa1\n/,
  },
  {
    name: 'Tezos',
    kind: 'tezos:ed25519',
    make: `({
      wallet: peer.tezosWallet(),
      ours: ours.TezosWebAuth,
      theirs: peer.pkhTezos.TezosWebAuth,
      id: (address) => ours.TezosWebAuth.getAccountIdByNetwork('mainnet', address),
      theirId: (address) => peer.pkhTezos.getAccountIdByNetwork('mainnet', address),
    })`,
    // 0x05 0x01, a length of four bytes, the text
    shows: /^0501[0-9a-f]{8}3132372e302e302e31/,
  },
  {
    name: 'Tezos, a wallet that writes generic signatures (we read both forms)',
    kind: 'tezos:ed25519',
    make: `({
      wallet: peer.tezosWallet(undefined, 'sig'),
      ours: ours.TezosWebAuth,
      theirs: peer.pkhTezos.TezosWebAuth,
      id: (address) => ours.TezosWebAuth.getAccountIdByNetwork('mainnet', address),
      theirId: (address) => peer.pkhTezos.getAccountIdByNetwork('mainnet', address),
    })`,
    shows: /^0501/,
    peer: /./,
  },
  {
    name: 'Stacks',
    kind: 'stacks:secp256k1',
    make: `({
      wallet: peer.stacksWallet(),
      ours: ours.StacksWebAuth,
      theirs: peer.pkhStacks.StacksWebAuth,
      id: (address) => ours.StacksWebAuth.getAccountIdByNetwork('mainnet', address),
      theirId: (address) => peer.pkhStacks.getAccountIdByNetwork('mainnet', address),
    })`,
    shows: /^127\.0\.0\.1 wants you to sign in with your Stacks account:\nSP/,
  },
  {
    name: 'Stacks, testnet (we know the addresses of both networks)',
    kind: 'stacks:secp256k1',
    make: `({
      wallet: peer.stacksWallet('testnet'),
      ours: ours.StacksWebAuth,
      theirs: peer.pkhStacks.StacksWebAuth,
      id: (address) => ours.StacksWebAuth.getAccountIdByNetwork('testnet', address),
      theirId: (address) => peer.pkhStacks.getAccountIdByNetwork('testnet', address),
    })`,
    shows: /\nST[^]*\nChain ID: 2147483648\n/,
    peer: /address does not belong to publicKey/,
  },
]

const inPageOf = (chain, use) =>
  inPage(async (page) => {
    await page.evaluate((make) => {
      const chain = (0, eval)(make)
      chain.source = make
      chain.account = chain.id(chain.wallet.address)
      chain.theirAccount = chain.theirId(chain.wallet.address)
      // one call of our get with either method
      chain.tryGet = async (methods, account = chain.account, options = {}) => {
        const method = await methods.getAuthMethod(chain.wallet, chain.theirAccount)
        return tryGet(chain.wallet, options, account, method)
      }
      globalThis.chain = chain
    }, chain.make)
    await use(page)
  })

const assertVerifies = (chain, { verifies }) =>
  chain.peer === undefined ? assert.equal(verifies, true) : assert.match(verifies, chain.peer)

for (const chain of CHAINS) {
  test(`${chain.name}: our method makes a session, which is found again`, () =>
    inPageOf(chain, async (page) => {
      const seen = await page.evaluate(async () => {
        const first = await chain.tryGet(chain.ours)
        const second = await chain.tryGet(chain.ours)
        const has = await ours.DIDSession.hasSessionFor(chain.theirAccount, resources)
        const [{ cacao }] = await using('readonly', (store) => store.getAll())
        const same = chain.account === String(chain.theirAccount)
        return { first, second, has, cacao, same, shown: chain.wallet.shown, keys: await keys() }
      })
      assert.equal(seen.first.error, undefined, JSON.stringify(seen.first.error))
      assert.deepEqual([seen.first.prompts, seen.second.prompts], [1, 0])
      assert.deepEqual([seen.has, seen.same, seen.second.key], [true, true, seen.first.key])
      assertVerifies(chain, seen.first)
      const { h, p, s } = seen.cacao
      assert.deepEqual([h.t, s.t, p.iss], ['caip122', chain.kind, `did:pkh:${seen.keys[0]}`])
      assert.match(seen.shown[0], chain.shows)
    }))

  test(`${chain.name}: the method of the @didtools package is accepted as it is`, () =>
    inPageOf(chain, async (page) => {
      const seen = await page.evaluate(async () => {
        const first = await chain.tryGet(chain.theirs, chain.theirAccount)
        const second = await chain.tryGet(chain.ours)
        const method = await chain.theirs.getAuthMethod(chain.wallet, chain.theirAccount)
        const made = await ours.DIDSession.authorize(method, { resources })
        const restored = await ours.DIDSession.fromSession(made.serialize())
        return { first, second, ids: [first.id, made.id, restored.id], is: chain.account }
      })
      assert.equal(seen.first.error, undefined, JSON.stringify(seen.first.error))
      assert.deepEqual([seen.first.prompts, seen.second.prompts], [1, 0])
      assertVerifies(chain, seen.first)
      assert.deepEqual(seen.ids, Array(3).fill(`did:pkh:${seen.is}`))
    }))

  test(`${chain.name}: sessions are taken over both ways`, () =>
    inPageOf(chain, async (page) => {
      const seen = await page.evaluate(async () => {
        const { wallet, theirAccount, theirs } = chain
        const theirGet = async () => {
          const method = await theirs.getAuthMethod(wallet, theirAccount)
          const before = wallet.prompts
          const session = await peer.DIDSession.get(theirAccount, method, { resources })
          return [wallet.prompts - before, session.did.id]
        }
        const made = await theirGet()
        const { prompts, key } = await chain.tryGet(chain.ours)
        await ours.DIDSession.remove(chain.account)
        const mine = await chain.tryGet(chain.ours)
        return { made, found: [prompts, key], mine: mine.key, foundByPeer: await theirGet() }
      })
      assert.equal(seen.made[0], 1)
      assert.deepEqual(seen.found, [0, seen.made[1]])
      assert.deepEqual(seen.foundByPeer, [0, seen.mine])
    }))

  test(`${chain.name}: a no is a no, and another account's signature is refused`, () =>
    inPageOf(chain, async (page) => {
      const seen = await page.evaluate(async () => {
        const { wallet } = chain
        wallet.mode = 'decline'
        const outcomes = []
        for (const methods of [chain.ours, chain.theirs]) {
          const { prompts, error } = await chain.tryGet(methods)
          outcomes.push([prompts, error.code])
        }
        wallet.mode = 'sign'
        const other = globalThis.eval(chain.source).wallet
        const account = chain.id(other.address)
        const wrong = []
        for (const methods of [chain.ours, chain.theirs]) {
          const method = await methods.getAuthMethod(wallet, chain.theirId(other.address))
          const { error } = await tryGet(wallet, {}, account, method)
          wrong.push(error?.code)
        }
        return { outcomes, wrong, stored: await keys() }
      })
      assert.deepEqual(seen.outcomes, [
        [1, 'declined'],
        [1, 'declined'],
      ])
      for (const code of seen.wrong) assert.match(code, /^(signature_mismatch|malformed_signature)$/)
      assert.deepEqual(seen.stored, [])
    }))
}

test('accounts and providers that do not fit are refused before the wallet opens', () =>
  inPage(async (page) => {
    const codes = await page.evaluate(async () => {
      const { SolanaWebAuth, TezosWebAuth, StacksWebAuth, WebauthnAuth } = ours
      const address = peer.solanaWallet().address
      const wallet = {
        solana: peer.solanaWallet(),
        tezos: peer.tezosWallet(),
        stacks: peer.stacksWallet(),
      }
      const calls = {
        'solana, no account': () => SolanaWebAuth.getAuthMethod(wallet.solana, 'nobody'),
        'solana, another chain': () => SolanaWebAuth.getAuthMethod(wallet.solana, 'tezos:a:b'),
        'solana, no provider': () => SolanaWebAuth.getAuthMethod(undefined, `solana:a:${address}`),
        'solana, another provider': () => SolanaWebAuth.getAuthMethod({}, `solana:a:${address}`),
        'solana, no network': async () => SolanaWebAuth.getAccountIdByNetwork('net', address),
        'tezos, another chain': () => TezosWebAuth.getAuthMethod(wallet.tezos, 'solana:a:b'),
        'tezos, another provider': () => TezosWebAuth.getAuthMethod(wallet.solana, 'tezos:a:b'),
        'tezos, no network': async () => TezosWebAuth.getAccountIdByNetwork('toString', 'tz1'),
        'stacks, another chain': () => StacksWebAuth.getAuthMethod(wallet.stacks, 'solana:a:b'),
        'stacks, another provider': () => StacksWebAuth.getAuthMethod(wallet.tezos, 'stacks:1:b'),
        'stacks, no network': async () => StacksWebAuth.getAccountIdByNetwork('', 'SP'),
        'passkey, no wish': () => WebauthnAuth.getAuthMethod({}),
        'passkey, nothing': () => WebauthnAuth.getAuthMethod(),
      }
      const codes = {}
      for (const [name, call] of Object.entries(calls)) {
        codes[name] = await call().then(() => 'accepted', (error) => error.code ?? String(error))
      }
      return codes
    })
    assert.equal(Object.keys(codes).length, 13)
    for (const [name, code] of Object.entries(codes)) assert.equal(code, 'invalid_option', name)
  }))

test('account ids by what a connection or a wallet says', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const connection = {
        getGenesisHash: async () => '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d',
      }
      const tezos = peer.tezosWallet()
      const pairs = [
        [
          await ours.SolanaWebAuth.getAccountId(connection, 'A'),
          await peer.pkhSolana.getAccountId(connection, 'A'),
        ],
        [
          await ours.TezosWebAuth.getAccountId(tezos, tezos.address),
          await peer.pkhTezos.getAccountId(tezos, tezos.address),
        ],
      ]
      return pairs.map((pair) => pair.map(String))
    })
    for (const [mine, theirs] of seen) assert.equal(mine, theirs)
  }))

test('statements: what wallets of a chain would show differently is refused, the rest is signed', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const outcomes = {}
      for (const [name, wallet, methods] of [
        ['solana', peer.solanaWallet(), ours.SolanaWebAuth],
        ['tezos', peer.tezosWallet(), ours.TezosWebAuth],
        ['stacks', peer.stacksWallet(), ours.StacksWebAuth],
      ]) {
        const account = methods.getAccountIdByNetwork('mainnet', wallet.address)
        const method = await methods.getAuthMethod(wallet, account)
        const options = { statement: 'Wpuść mnie', requestId: 'request-7', nonce: 'challenge0123' }
        const { prompts, verifies, error } = await tryGet(wallet, options, account, method)
        outcomes[name] = [prompts, verifies ?? error.code]
      }
      return outcomes
    })
    assert.deepEqual(seen, {
      solana: [1, true],
      tezos: [0, 'invalid_option'],
      stacks: [1, true],
    })
  }))
