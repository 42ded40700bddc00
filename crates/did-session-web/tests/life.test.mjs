// The life of sessions beyond get and remove: profiles, renewal, revocation, sign-in without an account
// in hand, events, wallets that hang, and sessions that are kept in memory.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch } from './support/browser.mjs'

let world
before(async () => (world = await launch()))
after(() => world.close())

const inPage = (use) => world.inPage(use)

test('profiles live side by side, and end one by one or all at once', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const { DIDSession } = ours
      const wallet = makeWallet()
      const method = await ourMethod(wallet)
      const get = (profile) =>
        DIDSession.get(wallet.account, method, profile === undefined ? { resources } : { resources, profile })
      const has = (profile) =>
        DIDSession.hasSessionFor(wallet.account, profile === undefined ? resources : { resources, profile })
      const all = async () => [await has(), await has('notes'), await has('photos')]
      const [usual, notes] = [await get(), await get('notes')]
      await get('photos')
      const again = await get('notes')
      const listed = (await DIDSession.list()).map(({ id, profile }) => [id === usual.id, profile])
      const before = await all()
      await DIDSession.remove(wallet.account, { profile: 'notes' })
      const without = await all()
      await DIDSession.remove(wallet.account)
      return {
        profiles: [usual.profile, notes.profile],
        keys: [usual.did.id === notes.did.id, notes.did.id === again.did.id],
        listed,
        before,
        without,
        gone: await all(),
        left: await DIDSession.list(),
        prompts: wallet.prompts,
        bad: await get('no\nname').catch(({ code }) => code),
      }
    })
    assert.deepEqual(seen.profiles, ['default', 'notes'])
    assert.deepEqual(seen.keys, [false, true])
    assert.deepEqual(seen.listed, [
      [true, undefined],
      [true, 'notes'],
      [true, 'photos'],
    ])
    assert.deepEqual(seen.before, [true, true, true])
    assert.deepEqual(seen.without, [true, false, true])
    assert.deepEqual([seen.gone, seen.left], [[false, false, false], []])
    assert.deepEqual([seen.prompts, seen.bad], [3, 'invalid_option'])
  }))

test('renew asks when the end is near, or at once; without an answer the stored session stays', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const { DIDSession } = ours
      const wallet = makeWallet()
      const method = await ourMethod(wallet)
      const hour = { resources, expiresInSecs: 3600 }
      const first = await DIDSession.get(wallet.account, method, hour)
      const renew = async (renewBeforeSecs, mode = 'sign', lifetime = 7200) => {
        const before = wallet.prompts
        wallet.mode = mode
        const options = { resources, expiresInSecs: lifetime, renewBeforeSecs }
        const session = await DIDSession.renew(wallet.account, method, options)
        return [wallet.prompts - before, session.did.id === first.did.id, Math.ceil(session.expireInSecs / 3600)]
      }
      return {
        'far from its end': await renew(60, 'sign', 3600),
        declined: await renew(3601, 'decline', 3600),
        'near its end': await renew(3601, 'sign', 3600),
        'as a command': await renew(365 * 86_400),
        'a day before, when left out': await renew(undefined),
        'there was none': await (async () => {
          await DIDSession.remove(wallet.account)
          return renew(60)
        })(),
      }
    })
    assert.deepEqual(seen, {
      'far from its end': [0, true, 1],
      declined: [1, true, 1],
      'near its end': [1, false, 1],
      'as a command': [1, false, 2],
      'a day before, when left out': [1, false, 2],
      'there was none': [1, false, 2],
    })
  }))

test('a session that was revoked is never used again here, whoever puts it back', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const { DIDSession } = ours
      const wallet = makeWallet()
      const none = await DIDSession.revoke(wallet.account).catch(({ code }) => code)
      const session = await DIDSession.get(wallet.account, await ourMethod(wallet), { resources })
      const record = await using('readonly', (store) => store.get(wallet.account))
      const statement = await DIDSession.revoke(wallet.account)
      const [header] = statement.split('.')
      const { kid } = JSON.parse(atob(header.replaceAll('-', '+').replaceAll('_', '/')))
      const after = await DIDSession.hasSessionFor(wallet.account)
      await using('readwrite', (store) => store.put(record, wallet.account))
      const why = await DIDSession.whyNoSession(wallet.account, resources)
      const again = await tryGet(wallet)
      const byKey = kid.startsWith(session.did.id)
      return { none, parts: statement.split('.').length, byKey, after, why: why.code, again: again.prompts }
    })
    assert.deepEqual(seen, { none: 'no_session', parts: 3, byKey: true, after: false, why: 'revoked', again: 1 })
  }))

test('signIn: the account arrives with the answer, and is found under it afterwards', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const { DIDSession } = ours
      const wallets = [makeWallet(), makeWallet()]
      let chosen = 0
      // a dialog in which the user chooses the account, as wallets show it
      const method = async (options) => (await ourMethod(wallets[chosen]))(options)
      const first = await DIDSession.signIn(method, { resources })
      chosen = 1
      const second = await DIDSession.signIn(method, { resources, profile: 'notes' })
      const again = await DIDSession.get(wallets[0].account, method, { resources })
      const replaced = await DIDSession.signIn(method, { resources, profile: 'notes' })
      wallets[1].mode = 'decline'
      const declined = await DIDSession.signIn(method, { resources }).catch(({ code }) => code)
      return {
        ids: [first.id, second.id, again.id].map((id) => id.replace('did:pkh:', '')),
        accounts: wallets.map(({ account }) => account),
        keys: [first.did.id === again.did.id, second.did.id === replaced.did.id],
        listed: (await DIDSession.list()).length,
        prompts: wallets.map(({ prompts }) => prompts),
        declined,
      }
    })
    const [one, other] = seen.accounts
    assert.deepEqual(seen.ids, [one, other, one])
    assert.deepEqual(seen.keys, [true, false])
    assert.deepEqual([seen.listed, seen.prompts, seen.declined], [2, [1, 3], 'declined'])
  }))

test('events tell what happened, in the words of the types, and nothing that is secret', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const { DIDSession } = ours
      const wallet = makeWallet()
      const method = await ourMethod(wallet)
      const [events, steps] = [[], {}]
      const stop = DIDSession.onEvent((event) => events.push(event))
      DIDSession.onEvent(() => {
        throw new Error('what a listener throws is its own matter')
      })
      const step = async (name, run) => {
        const before = events.length
        await run().catch(() => undefined)
        steps[name] = events.slice(before).map(({ kind, reason }) => (reason ? `${kind}: ${reason}` : kind))
      }
      const get = (more) => DIDSession.get(wallet.account, method, { resources, ...more })
      await step('declined', () => ((wallet.mode = 'decline'), get()))
      await step('failed', () => DIDSession.get(wallet.account, () => null, { resources }))
      wallet.mode = 'sign'
      await step('first', get)
      await step('again', get)
      await step('more', () => get({ resources: ['ceramic://other'] }))
      await step('renewed', () =>
        DIDSession.renew(wallet.account, method, { resources: ['ceramic://other'], renewBeforeSecs: 1e9 })
      )
      await step('signed', async () => (await get({ resources: ['ceramic://other'] })).did.createJWS({ a: 1 }))
      await step('in a profile', () => get({ profile: 'notes' }))
      await step('looked', () => DIDSession.hasSessionFor(wallet.account, ['ceramic://other']))
      await step('looked at all', () => DIDSession.hasSessionFor(wallet.account, []))
      await step('revoked', () => DIDSession.revoke(wallet.account))
      await get({ profile: 'photos' })
      await step('removed', () => DIDSession.remove(wallet.account))
      await step('nothing to remove', () => DIDSession.remove(wallet.account))
      stop()
      stop()
      await step('after stop', get)
      const { cacao } = await get()
      return { events, steps, id: `did:pkh:${wallet.account}`, texts: wallet.texts, signature: cacao.s.s }
    })
    assert.deepEqual(seen.steps, {
      declined: ['asked', 'declined: declined'],
      failed: ['asked', 'declined: wallet_failed'],
      first: ['asked', 'granted'],
      again: ['reused'],
      more: ['refused: resource_not_granted', 'asked', 'granted', 'replaced'],
      renewed: ['refused: ends_too_soon', 'asked', 'granted', 'renewed'],
      signed: ['reused', 'signed'],
      'in a profile': ['asked', 'granted'],
      looked: ['reused'],
      'looked at all': ['reused'],
      revoked: ['reused', 'signed', 'revoked', 'removed'],
      removed: ['removed', 'removed'],
      'nothing to remove': [],
      'after stop': [],
    })
    const known = ['kind', 'id', 'profile', 'identity', 'reason']
    for (const event of seen.events) {
      assert.ok(Object.keys(event).every((name) => known.includes(name)), JSON.stringify(event))
      assert.equal(event.id, seen.id)
      const isOfNone = event.kind === 'asked' || event.kind === 'declined'
      assert.match(event.identity ?? '', isOfNone ? /^$/ : /^bafyrei[a-z2-7]{52}$/, event.kind)
    }
    // each session that was removed is one that was granted, and none is told twice
    const identities = (wanted) =>
      seen.events.filter(({ kind }) => kind === wanted).map(({ identity }) => identity)
    const removed = identities('removed')
    assert.equal(new Set(removed).size, 3)
    assert.ok(removed.every((identity) => identities('granted').includes(identity)))
    assert.ok(seen.events.some(({ profile }) => profile === 'notes'))
    const told = JSON.stringify(seen.events)
    const nonces = seen.texts.map((text) => /Nonce: (\S+)/.exec(text)[1])
    for (const secret of [...nonces, seen.signature]) assert.ok(!told.includes(secret))
  }))

test('a wallet that hangs is ended by a signal, or by a time; its late answer changes nothing', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const { DIDSession } = ours
      const wallet = makeWallet()
      const method = await ourMethod(wallet)
      const outcome = async (call) => {
        const before = [wallet.prompts, performance.now()]
        const error = await call().catch((error) => error)
        const took = performance.now() - before[1]
        return [error.code, error.cause?.code, wallet.prompts - before[0], took < 3000]
      }
      const hang = (more, call = 'get') => {
        wallet.mode = 'hold'
        const options = { resources, ...more }
        if (call === 'get' || call === 'renew') return DIDSession[call](wallet.account, method, options)
        return DIDSession[call](method, options)
      }
      const aborting = (call) => () => {
        const controller = new AbortController()
        const before = wallet.prompts
        const pending = hang({ signal: controller.signal }, call)
        const leave = async () => {
          // however long the machine takes until the wallet is asked
          while (wallet.prompts === before) await sleep(10)
          controller.abort(new Error('the user left'))
        }
        leave()
        return pending
      }
      const seen = {
        'a signal': await outcome(aborting('get')),
        'a signal at signIn': await outcome(aborting('signIn')),
        'a signal at authorize': await outcome(aborting('authorize')),
        'a signal of before': await outcome(() => hang({ signal: AbortSignal.abort() })),
        'a time': await outcome(() => hang({ walletTimeoutSecs: 0.2 })),
        'a time at renew': await outcome(() => hang({ walletTimeoutSecs: 0.2 }, 'renew')),
      }
      // the wallet answers after all
      wallet.release()
      await sleep(100)
      const stored = await DIDSession.list()
      wallet.mode = 'sign'
      return { seen, stored, works: (await tryGet(wallet, { walletTimeoutSecs: 60 })).verifies }
    })
    const aborted = ['wallet_failed', 'aborted', 1, true]
    const late = ['wallet_failed', 'wallet_timeout', 1, true]
    assert.deepEqual(seen.seen, {
      'a signal': aborted,
      'a signal at signIn': aborted,
      'a signal at authorize': aborted,
      'a signal of before': ['wallet_failed', 'aborted', 0, true],
      'a time': late,
      'a time at renew': late,
    })
    assert.deepEqual([seen.stored, seen.works], [[], true])
  }))

test('sessions in memory end with the page, and leave no database', () =>
  inPage(async (page) => {
    const live = async () => {
      await ours.DIDSession.configure({ store: 'memory' })
      globalThis.wallet ??= makeWallet()
      const first = await tryGet(wallet)
      const again = await tryGet(wallet)
      const other = await tryGet(wallet, { profile: 'notes' })
      const listed = (await ours.DIDSession.list()).length
      const has = await ours.DIDSession.hasSessionFor(wallet.account, resources)
      const databases = await indexedDB.databases()
      return [first.prompts, again.prompts, first.verifies, other.prompts, listed, has, databases.length]
    }
    const [source, seed] = [String(live), await page.evaluate(() => (globalThis.wallet = makeWallet()).seed)]
    const run = (source) => (0, eval)(`(${source})`)()
    assert.deepEqual(await page.evaluate(run, source), [1, 0, true, 1, 2, true, 0])
    const revoked = await page.evaluate(async () => {
      const text = await ours.DIDSession.revoke(wallet.account)
      return [text.split('.').length, await ours.DIDSession.hasSessionFor(wallet.account), (await indexedDB.databases()).length]
    })
    assert.deepEqual(revoked, [3, false, 0])
    await page.reload()
    await page.waitForFunction(() => globalThis.ready)
    await page.evaluate((seed) => void (globalThis.wallet = makeWallet(seed)), seed)
    assert.deepEqual(await page.evaluate(run, source), [1, 0, true, 1, 2, true, 0])
  }))
