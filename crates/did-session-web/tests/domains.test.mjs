// For which site a session was signed, in answer to what, and in which profile it is kept.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch } from './support/browser.mjs'

let world
before(async () => (world = await launch()))
after(() => world.close())

const inPage = (use) => world.inPage(use)

test('a session of the npm package for another domain is not used: one prompt', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const ask = await ourMethod(wallet)
      const foreign = (options) => ask({ ...options, domain: 'app.example' })
      const account = new peer.AccountId(wallet.account)
      const stored = await peer.DIDSession.get(account, foreign, { resources })
      const has = await ours.DIDSession.hasSessionFor(wallet.account, resources)
      const any = await ours.DIDSession.hasSessionFor(wallet.account)
      const why = await ours.DIDSession.whyNoSession(wallet.account, resources)
      wallet.mode = 'decline'
      const declined = await tryGet(wallet)
      const kept = (await using('readonly', (store) => store.get(wallet.account))).cacao.p.domain
      wallet.mode = 'sign'
      const first = await tryGet(wallet)
      const again = await tryGet(wallet)
      const { domain } = (await using('readonly', (store) => store.get(wallet.account))).cacao.p
      return { of: stored.cacao.p.domain, has, any, why, declined, kept, first, again, domain }
    })
    assert.deepEqual([seen.of, seen.has, seen.any], ['app.example', false, false])
    assert.equal(seen.why.code, 'other_domain')
    assert.match(seen.why.message, /app\.example/)
    assert.deepEqual([seen.declined.prompts, seen.declined.error.code], [1, 'declined'])
    assert.equal(seen.kept, 'app.example', 'it is not deleted')
    assert.deepEqual([seen.first.prompts, seen.again.prompts], [1, 0])
    assert.equal(seen.again.key, seen.first.key)
    assert.equal(seen.domain, '127.0.0.1')
  }))

test("the call's own domain, the page's host, and those of configure are accepted", () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const { DIDSession } = ours
      const wallet = makeWallet()
      const why = async (options = {}) =>
        (await DIDSession.whyNoSession(wallet.account, { resources, ...options }))?.code ?? 'used'
      const domain = 'app.example'
      await tryGet(wallet, { domain })
      const outcomes = { own: await why({ domain }), none: await why() }
      outcomes.other = await why({ domain: 'other.example' })
      await DIDSession.configure({ domains: ['x.example', domain] })
      outcomes.configured = await why()
      outcomes.both = await why({ domain: 'other.example' })
      const { prompts } = await tryGet(wallet)
      await DIDSession.configure({ domains: ['APP.example'] })
      outcomes.letters = await why()
      await DIDSession.configure({})
      outcomes.forgotten = await why()
      await tryGet(wallet)
      outcomes.host = await why({ domain })
      const bad = []
      for (const domains of ['app.example', [1], {}]) {
        bad.push(await DIDSession.configure({ domains }).catch(({ code }) => code))
      }
      return { outcomes, prompts, bad }
    })
    assert.deepEqual(seen.outcomes, {
      own: 'used',
      none: 'other_domain',
      other: 'other_domain',
      configured: 'used',
      both: 'used',
      letters: 'other_domain',
      forgotten: 'other_domain',
      host: 'used',
    })
    assert.equal(seen.prompts, 0)
    assert.deepEqual(seen.bad, Array(3).fill('invalid_option'))
  }))

test('a nonce and a request id are required of a stored session, too', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const [nonce, requestId] = ['challenge0123', 'request-7']
      const why = async (options) =>
        (await ours.DIDSession.whyNoSession(wallet.account, { resources, ...options }))?.code ?? 'used'
      await tryGet(wallet)
      const before = [await why({ nonce }), await why({ requestId }), await why({})]
      const first = await tryGet(wallet, { nonce, requestId })
      const again = await tryGet(wallet, { nonce, requestId })
      const other = await tryGet(wallet, { nonce: 'challenge4567' })
      return { before, prompts: [first, again, other].map(({ prompts }) => prompts) }
    })
    assert.deepEqual(seen.before, ['other_nonce', 'other_request_id', 'used'])
    assert.deepEqual(seen.prompts, [1, 0, 1])
  }))

test('an account has a session in each profile', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const { DIDSession } = ours
      const wallet = makeWallet()
      const { account } = wallet
      const heard = []
      const stop = await DIDSession.onChange((change) => heard.push(change))
      const first = await tryGet(wallet)
      const work = await tryGet(wallet, { profile: 'work', resources: ['ceramic://work'] })
      const again = [await tryGet(wallet), await tryGet(wallet, { profile: 'default' })]
      const has = async (profile) =>
        DIDSession.hasSessionFor(account, { profile })
      const both = [await has('default'), await has('work'), await has('play')]
      const found = (await tryPeer(wallet)).key === first.key
      await DIDSession.remove(account, { profile: 'work' })
      const one = [await has('default'), await has('work')]
      await tryGet(wallet, { profile: 'work' })
      await DIDSession.remove(account)
      const none = [await has('default'), await has('work')]
      const bad = (await tryGet(wallet, { profile: 'Work' })).error.code
      while (heard.length < 6) await sleep(10)
      stop()
      const prompts = [first, work, ...again].map(({ prompts }) => prompts)
      const same = again.every(({ key }) => key === first.key)
      const changes = heard.map(({ id, change, profile }) => [id, change, profile ?? 'default'])
      const id = `did:pkh:${account}`
      return { prompts, same, both, found, one, none, bad, changes, id }
    })
    assert.deepEqual([seen.prompts, seen.same, seen.found], [[1, 1, 0, 0], true, true])
    assert.deepEqual([seen.both, seen.one], [[true, true, false], [true, false]])
    assert.deepEqual([seen.none, seen.bad], [[false, false], 'invalid_option'])
    const { id } = seen
    assert.deepEqual(seen.changes.slice(0, 4), [
      [id, 'saved', 'default'],
      [id, 'saved', 'work'],
      [id, 'removed', 'work'],
      [id, 'saved', 'work'],
    ])
    assert.deepEqual(seen.changes.slice(4).sort(), [
      [id, 'removed', 'default'],
      [id, 'removed', 'work'],
    ])
  }))

test('a revocation that did not end is repeated, and its statement is not lost', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const { DIDSession } = ours
      await DIDSession.get(wallet.account, await ourMethod(wallet), { resources })
      // recorded, and then not removed
      const { delete: remove } = IDBObjectStore.prototype
      IDBObjectStore.prototype.delete = () => {
        throw new DOMException('the disk is full', 'QuotaExceededError')
      }
      const failed = await DIDSession.revoke(wallet.account).catch(({ code }) => code)
      IDBObjectStore.prototype.delete = remove
      const why = (await DIDSession.whyNoSession(wallet.account, resources)).code
      const statement = await DIDSession.revoke(wallet.account)
      const after = await DIDSession.revoke(wallet.account).catch(({ code }) => code)
      return { failed, why, parts: statement.split('.').length, after }
    })
    assert.deepEqual(seen, { failed: 'store_failed', why: 'revoked', parts: 3, after: 'no_session' })
  }))

test('a revoked session is gone, and not used where somebody puts it back', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const { DIDSession } = ours
      const wallet = makeWallet()
      const databases = async () => (await indexedDB.databases()).map(({ name }) => name).sort()
      await tryGet(wallet)
      await tryGet(wallet)
      const before = await databases()
      const [key] = await keys()
      const [record] = await using('readonly', (store) => store.getAll())
      const statement = await DIDSession.revoke(wallet.account)
      const none = (await DIDSession.whyNoSession(wallet.account)).code
      await using('readwrite', (store) => store.put(record, key))
      const why = (await DIDSession.whyNoSession(wallet.account, { resources })).code
      const { prompts } = await tryGet(wallet)
      const used = await DIDSession.hasSessionFor(wallet.account, { resources })
      await DIDSession.remove(wallet.account)
      const again = await DIDSession.revoke(wallet.account).catch(({ code }) => code)
      const [header, payload] = statement.split('.').map((part) => {
        try {
          return JSON.parse(atob(part.replaceAll('-', '+').replaceAll('_', '/')))
        } catch {
          return undefined
        }
      })
      const after = await databases()
      return { before, after, none, why, prompts, used, again, header, payload, aud: record.cacao.p.aud }
    })
    assert.deepEqual(seen.before, ['did-session'])
    assert.ok(seen.after.includes('did-session-revocations'))
    assert.deepEqual([seen.none, seen.why, seen.again], ['no_session', 'revoked', 'no_session'])
    assert.deepEqual([seen.prompts, seen.used], [1, true])
    assert.ok(seen.header.kid.startsWith(seen.aud))
    assert.equal(typeof seen.payload, 'object')
  }))

test('verifyJWS wants the capability of a site, where it is told which', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const session = await ours.DIDSession.get(wallet.account, await ourMethod(wallet), {
        resources,
      })
      const jws = await session.did.createJWS({ hello: 'world' })
      const options = { issuer: session.id, capability: session.cacao }
      const code = (more) =>
        session.did.verifyJWS(jws, { ...options, ...more }).then(() => 'valid', (e) => e.code)
      return [
        await code({}),
        await code({ domain: location.hostname }),
        await code({ domain: 'app.example' }),
      ]
    })
    assert.deepEqual(seen, ['valid', 'valid', 'domain_mismatch'])
  }))
