// Which parts of the WebAssembly a page downloads, and that none is needed before it is there.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch } from './support/browser.mjs'
import { PARTS } from './support/parts.mjs'

let world
before(async () => (world = await launch()))
after(() => world.close())

const [FIRST, MACHINE, ETHEREUM, SIGNING, REVOCATIONS] = PARTS

/** What the page requests while it does something. */
const requested = async (page, work, given) => {
  const files = []
  const note = (request) => {
    const name = new URL(request.url()).pathname.split('/').at(-1)
    if (name.endsWith('.wasm')) files.push(name)
  }
  page.on('request', note)
  const seen = await page.evaluate(work, given)
  page.off('request', note)
  return { files: files.sort(), seen }
}

const reload = async (page) => {
  await page.reload()
  await page.waitForFunction(() => globalThis.ready)
}

test('who has no session downloads the first part, whatever is asked', () =>
  world.inPage(async (page) => {
    const { files, seen } = await requested(page, async () => {
      const { DIDSession } = ours
      const { account, checksumAccount } = makeWallet()
      await DIDSession.configure({ domains: ['www.app.example'], passkeys: { crossOrigin: true } })
      return [
        await DIDSession.hasSessionFor(account, resources),
        await DIDSession.hasSessionFor(checksumAccount, []),
        await DIDSession.hasSessionFor(`did:pkh:${account}`, { resources, domain: 'app.example' }),
        await DIDSession.whyNoSession(account, { resources, profile: 'work' }),
      ]
    })
    assert.deepEqual(files, [FIRST])
    const why = { code: 'no_session', message: 'there is no stored session' }
    assert.deepEqual(seen, [false, false, false, why])
  }))

test('what is not plain is judged in full, and says the same', () =>
  world.inPage(async (page) => {
    const { files, seen } = await requested(page, async () => {
      const { DIDSession } = ours
      const { account } = makeWallet()
      const why = (of, wishes) => DIDSession.whyNoSession(of, wishes).catch(({ code }) => code)
      return [
        await why(account, ['a\nb']),
        await why(account, { resources, domain: 'аpple.example' }),
        await why('eip155:1:0x12', resources),
        await why(account, { resources, profile: 'No Name' }),
        await why(account, { resources, statement: 'a\nb' }),
        await why(account, { resources, requestId: 'one' }),
      ]
    })
    assert.deepEqual(files, [FIRST, MACHINE])
    const absent = { code: 'no_session', message: 'there is no stored session' }
    assert.deepEqual(seen.slice(0, 4), Array(4).fill('invalid_option'))
    assert.equal(seen[4], 'invalid_option')
    assert.deepEqual(seen[5], absent)
  }))

test('a session of Ethereum needs no part of the others', () =>
  world.inPage(async (page) => {
    const all = await requested(page, async () => {
      globalThis.wallet = makeWallet()
      const options = { resources }
      const { DIDSession } = ours
      const session = await DIDSession.get(wallet.account, await ourMethod(wallet), options)
      globalThis.session = session
      return { seed: wallet.seed, list: (await DIDSession.list()).length }
    })
    assert.deepEqual(all.files, [FIRST, ETHEREUM, MACHINE])
    assert.equal(all.seen.list, 1)
    const signed = await requested(page, async () => {
      const { jws } = await session.did.createDagJWS({ a: 1.5, b: [null, 'c'] })
      const { signatures } = await session.did.createJWS({ a: 1 })
      return [jws.signatures.length, signatures.length]
    })
    assert.deepEqual(signed, { files: [SIGNING], seen: [1, 1] })
    await reload(page)
    const again = await requested(
      page,
      async (seed) => {
        const { account, checksumAccount } = makeWallet(seed)
        // to other eyes it is spelled in another way, in the database as well
        return [
          await ours.DIDSession.hasSessionFor(makeWallet().account, resources),
          await ours.DIDSession.hasSessionFor(checksumAccount, resources),
          await ours.DIDSession.hasSessionFor(account, { resources, statement: 'other' }),
        ]
      },
      all.seen.seed
    )
    assert.deepEqual(again.files, [FIRST, ETHEREUM, MACHINE])
    assert.deepEqual(again.seen, [false, true, true])
  }))

test('what was revoked is read in a part of its own', () =>
  world.inPage(async (page) => {
    const seed = await page.evaluate(async () => {
      const wallet = makeWallet()
      await ours.DIDSession.get(wallet.account, await ourMethod(wallet), { resources })
      await ours.DIDSession.revoke(wallet.account)
      await ours.DIDSession.get(wallet.account, await ourMethod(wallet), { resources })
      return wallet.seed
    })
    await reload(page)
    const { files, seen } = await requested(
      page,
      async (seed) => ours.DIDSession.hasSessionFor(makeWallet(seed).account, resources),
      seed
    )
    assert.deepEqual([files, seen], [[FIRST, ETHEREUM, MACHINE, REVOCATIONS, SIGNING].sort(), true])
  }))

test('the rules of a page hold in the part that is loaded after them', () =>
  world.inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const { DIDSession } = ours
      await DIDSession.configure({ domains: ['www.app.example'] })
      const wallet = makeWallet()
      const session = await DIDSession.get(wallet.account, await ourMethod(wallet), { resources })
      await DIDSession.configure({ passkeys: { userVerification: 'required' } })
      return [session.isAuthorized(resources), await DIDSession.hasSessionFor(wallet.account, resources)]
    })
    assert.deepEqual(seen, [true, true])
  }))

/** Every part. */
const ALL = [...PARTS].sort()

test('a ReCap needs every part, asked for or stored', () =>
  world.inPage(async (page) => {
    const asked = await requested(page, async () => {
      globalThis.recap = { att: { 'https://files.example/': { 'crud/read': [{}] } }, prf: [] }
      const wallet = makeWallet()
      const { prompts, verifies } = await tryGet(wallet, { recap })
      return { prompts, verifies, seed: wallet.seed }
    })
    assert.deepEqual(asked.files, ALL)
    assert.deepEqual([asked.seen.prompts, asked.seen.verifies], [1, true])
    await reload(page)
    // nothing that is asked for says that there is one
    const stored = await requested(
      page,
      async (seed) => {
        const wallet = makeWallet(seed)
        return [
          await ours.DIDSession.hasSessionFor(wallet.account, resources),
          (await tryGet(wallet)).prompts,
        ]
      },
      asked.seen.seed
    )
    assert.deepEqual(stored, { files: ALL, seen: [true, 0] })
  }))

/** A page with a stored session, whose record was changed, before anything is loaded. */
const changed = async (page, change) => {
  const seed = await page.evaluate(async (change) => {
    const wallet = makeWallet()
    await tryGet(wallet)
    const v = await using('readonly', (store) => store.get(wallet.account))
    new Function('v', change)(v)
    await using('readwrite', (store) => store.put(v, wallet.account))
    return wallet.seed
  }, change)
  await reload(page)
  return seed
}

/** Why a wallet's session is not used. */
const why = (page, seed) =>
  requested(
    page,
    async (seed) => (await ours.DIDSession.whyNoSession(makeWallet(seed).account, resources))?.code,
    seed
  )

test('a record that is not as the package writes it needs every part, and is judged as ever', () =>
  world.inPage(async (page) => {
    for (const [change, code] of [
      ['v.cacao.p.version = 1', undefined],
      ['v.cacao.p.version = 1.5', 'unreadable_record'],
      ['v.cacao.p.nonce = 1e300', 'unreadable_record'],
      ["v.cacao.p.resources.push('urn:recap:!')", 'malformed_recap'],
    ]) {
      const seed = await changed(page, change)
      const { files, seen } = await why(page, seed)
      assert.deepEqual([files, seen], [ALL, code], change)
    }
  }))

test('a part that cannot be loaded is no verdict: nothing is asked, nothing replaced', () =>
  world.inPage(async (page) => {
    const seed = await changed(page, 'v.cacao.p.version = 1')
    await page.route('**/rest.wasm', (route) => route.abort())
    const failed = await page.evaluate(async (seed) => {
      const wallet = makeWallet(seed)
      const { prompts, error } = await tryGet(wallet)
      const has = await ours.DIDSession.hasSessionFor(wallet.account, resources).catch(({ code }) => code)
      return [prompts, error?.code, has]
    }, seed)
    assert.deepEqual(failed, [0, 'not_loaded', 'not_loaded'])
    await page.unroute('**/rest.wasm')
    assert.equal((await why(page, seed)).seen, undefined)
  }))

test('a header with a fraction is signed as ever', () =>
  world.inPage(async (page) => {
    const { files, seen } = await requested(page, async () => {
      const wallet = makeWallet()
      const session = await ours.DIDSession.get(wallet.account, await ourMethod(wallet), { resources })
      const sign = async (member) => {
        const jws = await session.did.createJWS({ a: 1 }, { protected: { member } })
        return JSON.parse(atob(jws.signatures[0].protected)).member
      }
      return [await sign(7), await sign([0.5, -1, 1e21]), await sign('a,1.5')]
    })
    assert.deepEqual(seen, [7, [0.5, -1, 1e21], 'a,1.5'])
    assert.deepEqual(files, ALL)
  }))
