// What the tests do over and over in a page.

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

export const helpers = (ours, peer) => {
  const resources = ['ceramic://*?model=a', 'ceramic://*?model=b']

  /**
   * A wallet in the page. `mode` is `sign`, `decline`, `other` (signs with another account) or
   * `hold` (until `release()`); `prompts` counts, `texts` keeps what was shown.
   */
  const makeWallet = (seed = crypto.getRandomValues(new Uint8Array(32)), chain = 1) => {
    const local = peer.localWallet(Uint8Array.from(seed))
    const other = peer.localWallet(crypto.getRandomValues(new Uint8Array(32)))
    const wallet = {
      seed: [...seed],
      address: local.checksum,
      account: `eip155:${chain}:${local.address}`,
      checksumAccount: `eip155:${chain}:${local.checksum}`,
      mode: 'sign',
      prompts: 0,
      texts: [],
      release: () => {},
      async request({ method, params }) {
        if (method === 'eth_chainId') return `0x${chain.toString(16)}`
        if (method === 'eth_requestAccounts' || method === 'eth_accounts') return [local.checksum]
        if (method !== 'personal_sign') throw new Error(`no method ${method}`)
        wallet.prompts += 1
        wallet.texts.push(peer.textOfHex(params[0]))
        if (wallet.mode === 'decline') {
          throw Object.assign(new Error('User rejected the request.'), { code: 4001 })
        }
        if (wallet.mode === 'hold') await new Promise((resolve) => (wallet.release = resolve))
        return (wallet.mode === 'other' ? other : local).sign(params[0])
      },
    }
    return wallet
  }

  const ourMethod = (wallet) => ours.EthereumWebAuth.getAuthMethod(wallet, wallet.account)
  const peerMethod = (wallet) =>
    peer.EthereumWebAuth.getAuthMethod(wallet, new peer.AccountId(wallet.account))

  /** `{prompts, session | error}` of one call of our `get`. */
  const tryGet = async (wallet, options = {}, account = wallet.account, method) => {
    const before = wallet.prompts
    const outcome = {}
    try {
      const ask = method ?? (await ourMethod(wallet))
      const session = await ours.DIDSession.get(account, ask, { resources, ...options })
      Object.assign(outcome, await facts(session))
    } catch (error) {
      outcome.error = { name: error.name, code: error.code, message: error.message }
    }
    return { prompts: wallet.prompts - before, ...outcome }
  }

  /** The same with the npm package `did-session`, whose account ids are objects or texts. */
  const tryPeer = async (wallet, options = {}, account = new peer.AccountId(wallet.account)) => {
    const before = wallet.prompts
    const method = await peer.EthereumWebAuth.getAuthMethod(wallet, new peer.AccountId(account))
    const session = await peer.DIDSession.get(account, method, { resources, ...options })
    const known = await facts(session)
    return { prompts: wallet.prompts - before, ...known }
  }

  /** What a session is, and whether it does what it should, by the peer's own judgement. */
  const facts = async (session) => {
    const { did, cacao } = session
    const jws = await did.createJWS({ hello: 'world' })
    const resolver = peer.KeyResolver.getResolver()
    const judge = new peer.DID({ resolver })
    let verifies = true
    try {
      await judge.verifyJWS(jws, { issuer: session.id, capability: cacao })
    } catch (error) {
      verifies = String(error)
    }
    return {
      key: did.id,
      id: session.id,
      audience: cacao.p.aud,
      exp: cacao.p.exp,
      authorizations: session.authorizations,
      verifies,
    }
  }

  const settled = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })

  /** One request on the object store, as any script of the page can make it. */
  const using = async (mode, use, name = 'did-session') => {
    const request = indexedDB.open(name, 1)
    request.onupgradeneeded = () => request.result.createObjectStore('sessions')
    const db = await settled(request)
    try {
      return await settled(use(db.transaction('sessions', mode).objectStore('sessions')))
    } finally {
      db.close()
    }
  }

  const keys = () => using('readonly', (store) => store.getAllKeys())

  const dropDatabase = (name = 'did-session') =>
    new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase(name)
      request.onsuccess = () => resolve('deleted')
      request.onblocked = () => resolve('blocked')
      request.onerror = () => reject(request.error)
    })

  /** Sets `Date.now()` apart from the device's clock. */
  const shiftClock = (ms) => {
    const RealDate = (globalThis.RealDate ??= Date)
    globalThis.Date = class extends RealDate {
      constructor(...args) {
        super(...(args.length === 0 ? [RealDate.now() + ms] : args))
      }

      static now() {
        return RealDate.now() + ms
      }
    }
  }

  return {
    resources,
    sleep,
    makeWallet,
    ourMethod,
    peerMethod,
    tryGet,
    tryPeer,
    facts,
    using,
    keys,
    dropDatabase,
    shiftClock,
  }
}
