// What the npm package `did-session` documents and tests of itself, one test for each, with
// `did-session-web/dids` in its place and its own auth methods. Where a rule of ours stands against
// it, the name of the test says so, and the README's table has the reason.
//
// Its auth methods for Node sign for an application's name, `testapp`: the page has to say that
// this is its name, too. What it does with streams stands here as what streams sign, verified by
// `dids`; the packages themselves write in `clients.test.mjs`.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launchWithDids } from './support/dids-page.mjs'

let world
before(async () => (world = await launchWithDids()))
after(() => world.close())

/** A page with an account of Ethereum, one of Solana, and their auth methods of the peer. */
const inPage = (use) =>
  world.inPage(async (page) => {
    await page.evaluate(async () => {
      const { DIDSession } = ours
      await DIDSession.configure({ domains: ['testapp'] })
      const wallet = makeWallet()
      const account = new peer.AccountId(wallet.account)
      // the methods for Node speak to providers of before EIP-1193
      const provider = {
        send: ({ method, params }, callback) =>
          wallet.request({ method, params }).then((result) => callback(null, { result }), callback),
      }
      const ethereum = await peer.EthereumNodeAuth.getAuthMethod(provider, account, 'testapp')
      const local = peer.solanaWallet()
      const { SolanaNodeAuth, getAccountIdByNetwork } = peer.pkhSolana
      const named = getAccountIdByNetwork('mainnet', local.address)
      const solana = await SolanaNodeAuth.getAuthMethod(local, named, 'testapp')

      /** A stream's first commit and a change of it, as its packages sign them; verified by dids. */
      const stream = async (did, content, changed, model) => {
        const judge = new peer.DID({ resolver: peer.KeyResolver.getResolver() })
        const capability = did.capability
        const sign = async (commit) => {
          const { jws, cacaoBlock } = await did.createDagJWS(commit)
          const options = { issuer: did.parent, capability, verifiers }
          await judge.verifyJWS(jws, options)
          return { cid: jws.link, cacaoBlock }
        }
        const header = { controllers: [did.parent], ...(model && { model, sep: 'model' }) }
        const first = await sign({ data: content, header })
        const data = [{ op: 'replace', path: '', value: changed }]
        const second = await sign({ id: first.cid, prev: first.cid, data })
        return first.cacaoBlock.length > 0 && !first.cid.equals(second.cid)
      }
      Object.assign(globalThis, { DIDSession, wallet, account, ethereum, solana, stream })
    })
    await use(page)
  })

const wanted = [
  'ceramic://*?model=k2t6wyfsu4pfz0fnidk6tz3gak7tr8n5w34ah1c31w5vq98b62hir1pnn3j2ty',
  'ceramic://*?model=k2t6wyfsu4pgz0ftx664veuaf2qib95zj8je2x7pf89v6g5p7xa7n9eo45g64a',
]
const STREAM = 'ceramic://z6MkhZCWzHtPFmpNupVPuHA6svtpKKY9RUpgf9uohnhFMNvj'

// --- get

test('get asks once, keeps the session, and what is kept creates and updates streams', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      let asked = 0
      const method = (options) => {
        asked += 1
        return ethereum(options)
      }
      const granted = ['ceramic://*']
      const before = await DIDSession.hasSessionFor(account, granted)
      await DIDSession.get(account, method, { resources: granted })
      const between = await DIDSession.hasSessionFor(account, granted)
      const session = await DIDSession.get(account, method, { resources: granted })
      return [before, between, asked, await stream(session.did, { foo: 'bar' }, { foo: 'boo' })]
    })
    assert.deepEqual(seen, [false, true, 1, true])
  }))

test('remove forgets the session', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async (resources) => {
      await DIDSession.get(account, ethereum, { resources })
      const before = await DIDSession.hasSessionFor(account, resources)
      await DIDSession.remove(account)
      return [before, await DIDSession.hasSessionFor(account, resources)]
    }, wanted)
    assert.deepEqual(seen, [true, false])
  }))

test('isAuthorized knows the resources that were granted, letter by letter', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async (resources) => {
      const session = await DIDSession.get(account, ethereum, { resources })
      const { hasSession, isExpired } = session
      return [
        hasSession,
        isExpired,
        session.isAuthorized(),
        session.isAuthorized(resources),
        session.isAuthorized(['ceramic://*']),
      ]
    }, wanted)
    assert.deepEqual(seen, [true, false, true, true, false])
  }))

// rule: a session that has expired before it begins is not asked for (`expiresInSecs: -1`)
test('an expired session is replaced; one that has expired already is not made', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async (resources) => {
      const made = (more) => DIDSession.get(account, ethereum, { resources, ...more })
      const code = await made({ expiresInSecs: -1 }).catch((error) => error.code)
      const session = await made({ expiresInSecs: 60 })
      shiftClock(120_000)
      const expired = [session.isExpired, await DIDSession.hasSessionFor(account, resources)]
      const next = await made({})
      const valid = [next.isExpired, await DIDSession.hasSessionFor(account, resources)]
      return { code, expired, valid, prompts: wallet.prompts }
    }, wanted)
    assert.deepEqual(seen, {
      code: 'invalid_option',
      expired: [true, false],
      valid: [false, true],
      prompts: 2,
    })
  }))

test('get takes expiresInSecs, and makes it a week when it is left out', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async (resources) => {
      const day = 24 * 3600
      const short = await DIDSession.get(account, ethereum, { resources, expiresInSecs: day })
      const usual = await DIDSession.authorize(ethereum, { resources })
      return [short.expireInSecs, short.expiresInSecs, usual.expireInSecs / 7].map(
        (seconds) => seconds > day - 5 && seconds <= day
      )
    }, wanted)
    assert.deepEqual(seen, [true, true, true])
  }))

test('get wants resources', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const code = (options) => DIDSession.get(account, ethereum, options).catch((e) => e.code)
      return [await code({}), await code({ resources: [] }), await code(), wallet.prompts]
    })
    assert.deepEqual(seen, ['invalid_option', 'invalid_option', 'invalid_option', 0])
  }))

// --- authorize, of both chains that the peer tests

for (const chain of ['ethereum', 'solana']) {
  test(`authorize, ${chain}: the capability has the stream that was asked for`, () =>
    inPage(async (page) => {
      const seen = await page.evaluate(
        async ([chain, resource]) => {
          const session = await DIDSession.authorize(globalThis[chain], { resources: [resource] })
          return session.did.capability.p.resources
        },
        [chain, STREAM]
      )
      assert.deepEqual(seen, [STREAM])
    }))

  test(`authorize, ${chain}: its DID creates and updates streams`, () =>
    inPage(async (page) => {
      const seen = await page.evaluate(async (chain) => {
        const session = await DIDSession.authorize(globalThis[chain], { resources: ['ceramic://*'] })
        return stream(session.did, { foo: 'bar' }, { foo: 'boo' })
      }, chain)
      assert.equal(seen, true)
    }))

  test(`authorize, ${chain}: a session that was written down and restored does, too`, () =>
    inPage(async (page) => {
      const seen = await page.evaluate(async (chain) => {
        const session = await DIDSession.authorize(globalThis[chain], { resources: ['ceramic://*'] })
        const restored = await DIDSession.fromSession(session.serialize())
        const same = restored.did.id === session.did.id && restored.id === session.id
        return [same, await stream(restored.did, { foo: 'bar' }, { foo: 'boo' })]
      }, chain)
      assert.deepEqual(seen, [true, true])
    }))

  test(`authorize, ${chain}: its DID creates and updates instances of a model`, () =>
    inPage(async (page) => {
      const seen = await page.evaluate(
        async ([chain, resource]) => {
          const session = await DIDSession.authorize(globalThis[chain], { resources: [resource] })
          const model = new Uint8Array([0xce, 1, 2, 3])
          return stream(session.did, { myData: 0 }, { myData: 1 }, model)
        },
        [chain, wanted[0]]
      )
      assert.equal(seen, true)
    }))
}

test('authorize takes expiresInSecs', () =>
  inPage(async (page) => {
    const left = await page.evaluate(async (resources) => {
      const session = await DIDSession.authorize(ethereum, { resources, expiresInSecs: 3600 })
      return session.expireInSecs
    }, wanted)
    assert.ok(left > 3595 && left <= 3600)
  }))

test('authorize wants resources', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const code = (options) => DIDSession.authorize(ethereum, options).catch((e) => e.code)
      return [await code({}), await code({ resources: [] }), await code(), wallet.prompts]
    })
    assert.deepEqual(seen, ['invalid_option', 'invalid_option', 'invalid_option', 0])
  }))

// --- written down, and put together

test('a session that is put together is written down as the peer writes it', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async (resources) => {
      const keySeed = Uint8Array.from({ length: 32 }, (_, index) => index + 1)
      const didKey = await ours.createDIDKey(keySeed)
      const cacao = await ethereum({ uri: didKey.id, resources })
      const did = await ours.createDIDCacao(didKey, cacao)
      const text = new ours.DIDSession({ cacao, keySeed, did }).serialize()
      const { sessionKeySeed, cacao: inside } = JSON.parse(atob(text.replaceAll('-', '+').replaceAll('_', '/')))
      const theirs = await peer.DIDSession.fromSession(text)
      const again = await DIDSession.fromSession(theirs.serialize())
      return [
        sessionKeySeed === btoa(String.fromCharCode(...keySeed)),
        JSON.stringify(inside) === JSON.stringify(cacao),
        theirs.serialize() === text,
        again.serialize() === text,
      ]
    }, wanted)
    assert.deepEqual(seen, [true, true, true, true])
  }))

test('what is written down and restored is written down the same', () =>
  inPage(async (page) => {
    const same = await page.evaluate(async () => {
      const session = await DIDSession.authorize(ethereum, { resources: ['ceramic://*'] })
      const text = session.serialize()
      return (await DIDSession.fromSession(text)).serialize() === text
    })
    assert.equal(same, true)
  }))

/** A session that ends in so many seconds, put together as the peer's tests do. */
const ending = (page, seconds) =>
  page.evaluate(
    async ([resources, seconds]) => {
      const keySeed = crypto.getRandomValues(new Uint8Array(32))
      const didKey = await ours.createDIDKey(keySeed)
      const RealDate = Date
      // issued an hour ago
      shiftClock(-3600_000)
      const expirationTime = new RealDate(RealDate.now() + seconds * 1000).toISOString()
      const cacao = await ethereum({ uri: didKey.id, resources, expirationTime })
      globalThis.Date = RealDate
      const did = await ours.createDIDCacao(didKey, cacao)
      const session = new ours.DIDSession({ cacao, keySeed, did })
      return [session.isExpired, session.isAuthorized(), session.expireInSecs]
    },
    [wanted, seconds]
  )

test('an expired session says so, and is authorized for nothing', () =>
  inPage(async (page) => {
    const [isExpired, isAuthorized] = await ending(page, -300)
    assert.deepEqual([isExpired, isAuthorized], [true, false])
  }))

test('expireInSecs of a session that is valid', () =>
  inPage(async (page) => {
    const [isExpired, , left] = await ending(page, 300)
    assert.equal(isExpired, false)
    assert.ok(left > 295 && left <= 300)
  }))

test('expireInSecs of a session that has expired is 0', () =>
  inPage(async (page) => {
    const [, , left] = await ending(page, -300)
    assert.equal(left, 0)
  }))

// --- what its README says beside

test('the domain is that of the page, or the one that the page names', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async (resources) => {
      const method = await peerMethod(wallet)
      const usual = await DIDSession.get(account, method, { resources })
      const named = await DIDSession.authorize(ethereum, { resources, domain: 'testapp' })
      return [usual.cacao.p.domain === location.hostname, named.cacao.p.domain]
    }, wanted)
    assert.deepEqual(seen, [true, 'testapp'])
  }))

test("an account id comes from a user's DID, too", () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async (resources) => {
      const { id } = await DIDSession.get(account, ethereum, { resources })
      const again = ours.getAccountIdByDID(id)
      const method = await peer.EthereumWebAuth.getAuthMethod(wallet, again)
      const session = await DIDSession.get(again, method, { resources })
      return [session.id === id, await DIDSession.hasSessionFor(again, resources), wallet.prompts]
    }, wanted)
    assert.deepEqual(seen, [true, true, 1])
  }))

test('a session of get is not written down', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async (resources) => {
      const session = await DIDSession.get(account, ethereum, { resources })
      try {
        return session.serialize()
      } catch (error) {
        return [error.code, error.message]
      }
    }, wanted)
    assert.deepEqual(seen, ['secure_session', 'Secure sessions cannot be serialized'])
  }))

// rule: what was changed after it was signed is refused at once, not first by those it is shown to
test('a capability that was changed makes no session', () =>
  inPage(async (page) => {
    const codes = await page.evaluate(async (resources) => {
      const keySeed = crypto.getRandomValues(new Uint8Array(32))
      const didKey = await ours.createDIDKey(keySeed)
      const cacao = await ethereum({ uri: didKey.id, resources })
      const wrong = { ...cacao, p: { ...cacao.p, resources: ['ceramic://*'] } }
      const text = btoa(
        JSON.stringify({ sessionKeySeed: btoa(String.fromCharCode(...keySeed)), cacao: wrong })
      )
      const plain = text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
      const restored = await DIDSession.fromSession(plain).catch((error) => error.code)
      const made = await ours.createDIDCacao(didKey, wrong).catch((error) => error.code)
      return [restored, made]
    }, wanted)
    assert.deepEqual(codes, ['signature_mismatch', 'signature_mismatch'])
  }))
