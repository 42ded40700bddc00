// Which parts of the WebAssembly a page downloads, and that none is needed before it is there.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch } from './support/browser.mjs'
import { PARTS } from './support/parts.mjs'

let world
before(async () => (world = await launch()))
after(() => world.close())

const [FIRST, MACHINE, ETHEREUM, DAG] = PARTS

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
        await why(account, { resources, recap: { att: {}, prf: [] } }),
        await why(account, { resources, statement: 'a\nb' }),
        await why(account, { resources, requestId: 'one' }),
      ]
    })
    assert.deepEqual(files, [FIRST, MACHINE])
    const absent = { code: 'no_session', message: 'there is no stored session' }
    assert.deepEqual(seen.slice(0, 4), Array(4).fill('invalid_option'))
    assert.equal(seen[5], 'invalid_option')
    assert.deepEqual(seen[6], absent)
  }))

test('a session of Ethereum needs no part of the others', () =>
  world.inPage(async (page) => {
    const all = await requested(page, async () => {
      globalThis.wallet = makeWallet()
      const options = { resources }
      const { DIDSession } = ours
      const session = await DIDSession.get(wallet.account, await ourMethod(wallet), options)
      await session.did.createJWS({ a: 1 })
      globalThis.session = session
      return { seed: wallet.seed, list: (await DIDSession.list()).length }
    })
    assert.deepEqual(all.files, [FIRST, ETHEREUM, MACHINE])
    assert.equal(all.seen.list, 1)
    const signed = await requested(page, async () => {
      const { jws } = await session.did.createDagJWS({ a: 1.5, b: [null, 'c'] })
      return jws.signatures.length
    })
    assert.deepEqual(signed, { files: [DAG], seen: 1 })
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
