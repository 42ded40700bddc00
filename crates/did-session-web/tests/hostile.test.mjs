// Whatever a caller gives to whatever entry: the call ends, with a value or with an error that has a
// code; nothing is stored, and the package works as before. The seed of a run is printed.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isFirefox, launch } from './support/browser.mjs'

const SEED = Number(process.env.DID_SESSION_HOSTILE_SEED ?? Math.floor(Math.random() * 2 ** 32))

/** All of it takes half a minute; each run takes another part. */
const SHARE = Number(process.env.DID_SESSION_HOSTILE_SHARE ?? 0.3)

let world
before(async () => (world = await launch()))
after(() => world.close())

test('hostile values at every entry, in a page', (context) =>
  world.inPage(async (page) => {
    context.diagnostic(`DID_SESSION_HOSTILE_SEED=${SEED}`)
    const seen = await page.evaluate(async ([seed, share]) => {
      const { attack, hostiles, NO_PASSKEY, randomOf } = await import('/hostile.js')
      const { entriesOf } = await import('/hostile-entries.js')
      const { DIDSession } = ours
      const unhandled = []
      addEventListener('unhandledrejection', (event) => {
        event.preventDefault()
        unhandled.push(String(event.reason?.stack ?? event.reason?.message ?? typeof event.reason))
      })
      // a browser without a passkey says so at once
      const none = async () => {
        throw new DOMException(NO_PASSKEY, 'NotAllowedError')
      }
      Object.defineProperty(navigator, 'credentials', { value: { create: none, get: none } })
      const frame = document.body.appendChild(document.createElement('iframe'))
      const wallet = makeWallet()
      const method = await ourMethod(wallet)
      const options = { resources: ['ceramic://*'] }
      const session = await DIDSession.authorize(method, options)
      const kept = await DIDSession.get(wallet.account, method, options)
      const stranger = makeWallet().account
      const jws = await session.did.createJWS({ a: 1 })
      const dag = (await session.did.createDagJWS({ a: 1 })).jws
      const entries = entriesOf({ ours, session, kept, account: stranger, seed, jws, dag })
      const values = hostiles(frame.contentWindow)
      const before = wallet.prompts
      const done = await attack(entries, values, randomOf(seed), share)
      const honest = await tryGet(wallet, options)
      await sleep(50)
      return {
        ...done,
        unhandled: unhandled.slice(0, 5),
        honest: [honest.prompts, honest.verifies, wallet.prompts - before],
        stored: [await DIDSession.list(), `did:pkh:${wallet.account}`],
        fetched: (await kept.did.createJWS({ a: 1 })).signatures.length,
      }
    }, [SEED, SHARE])
    assert.deepEqual(seen.wrong.slice(0, 40), [], `${seen.wrong.length} of ${seen.calls}`)
    assert.deepEqual(seen.unhandled, [])
    assert.deepEqual(seen.honest, [0, true, 0])
    assert.deepEqual(seen.stored[0], [{ id: seen.stored[1] }], 'nothing else was stored')
    assert.ok(seen.calls > 5000, `${seen.calls}`)
  }))

/** Names that the package reads of something, and that of descriptors, which break every object. */
const NAMES = [
  'resources', 'domain', 'statement', 'requestId', 'nonce', 'expiresInSecs', 'expirationTime', 'exact',
  'strict', 'recap', 'maxWaitSecs', 'profile', 'signal', 'walletTimeoutSecs', 'renewBeforeSecs',
  'database', 'algorithm', 'unstorable', 'passkeys', 'domains', 'provider', 'store', 'issuer',
  'capability', 'atTime', 'disableTimecheck', 'revocationPhaseOutSecs', 'verifiers', 'link', 'protected',
  'registration', 'method', 'options', 'asked', 'reason', 'session', 'candidate', 'why', 'seen', 'tag',
  'isKept', 'evidence', 'error', 'put', 'remove', 'key', 'others', 'code', 'given', 'lifetime', 'wait',
  'steal', 'ifAvailable', 'finish', 'pair', 'raw', 'text', 'thrown', 'isDeclined', 'kind', 'change',
  'extractable', 'keypair', 'cacao', 'p', 's', 't', 'evil', 'body', 'mode', 'redirect', 'credentials',
  'priority', 'cache', 'referrer', 'integrity', 'duplex', 'chainId', 'namespace', 'reference', 'address',
]

test('a polluted Object.prototype and Array.prototype reach nothing', () =>
  world.inPage(async (page) => {
    const seen = await page.evaluate(async ([names, values]) => {
      const { DIDSession } = ours
      const wallet = makeWallet()
      const method = await ourMethod(wallet)
      const kept = { resources: ['ceramic://*'] }
      const restored = await DIDSession.authorize(method, { ...kept, expiresInSecs: 30 })
      const jws = await restored.did.createJWS({ a: 1 })
      const codeOf = (promise) => promise.then((value) => value ?? 'fine', (error) => error.code ?? String(error))
      const events = []
      DIDSession.onEvent((event) => events.push(Object.keys(event), event.kind))
      /** All that a page does; what came of it, without what differs from run to run. */
      const life = async () => {
        wallet.texts.length = 0
        events.length = 0
        await DIDSession.remove(wallet.account)
        const came = { prompts: -wallet.prompts }
        came.before = await codeOf(DIDSession.hasSessionFor(wallet.account))
        const session = await DIDSession.get(wallet.account, method, kept).catch((error) => error)
        came.error = session instanceof Error ? String(session) : 'none'
        came.after = await codeOf(DIDSession.hasSessionFor(wallet.account, kept))
        came.list = (await DIDSession.list()).map((one) => Object.entries(one))
        came.authorizations = session.authorizations
        // an hour on it has long expired
        shiftClock(3_600_000)
        came.expired = await codeOf(restored.did.verifyJWS(jws, { capability: restored.cacao }))
        globalThis.Date = RealDate
        const fresh = await session.did.createJWS({ b: 1 })
        const verified = await codeOf(session.did.verifyJWS(fresh, { issuer: session.id, capability: session.cacao }))
        came.verified = JSON.stringify(verified.payload ?? verified)
        came.header = Object.keys(JSON.parse(atob(fresh.signatures[0].protected.replaceAll('-', '+').replaceAll('_', '/'))))
        const record = await using('readonly', (store) => store.get(wallet.account))
        came.record = [Object.keys(record), Object.keys(record.cacao.p), record.keypair.privateKey.extractable]
        came.databases = (await indexedDB.databases()).map(({ name }) => name).sort()
        // an account id without members has none
        came.account = await DIDSession.hasSessionFor({}).catch((error) => error.message)
        const { fetch } = globalThis
        globalThis.fetch = async (...given) => {
          const request = new Request(...given)
          const { method, mode, redirect, credentials } = request
          // not `body`, which requests of Firefox do not have
          came.sent = [method, mode, redirect, credentials, await request.text()]
          return new Response(null, { __proto__: null, status: 204 })
        }
        const init = { method: 'POST' }
        came.fetched = await codeOf(session.fetch('/somewhere', init).then(({ status }) => status))
        globalThis.fetch = fetch
        came.text = wallet.texts.map((text) =>
          text.replace(/did:key:\S+|Nonce: \S+|\d{4}-\d\d-\d\dT\S+/g, '…')
        )
        came.prompts += wallet.prompts
        came.events = structuredClone(events)
        return JSON.stringify(came)
      }
      // the first one makes the databases
      await life()
      const honest = await life()
      const reached = []
      for (const prototype of [Object.prototype, Array.prototype]) {
        for (const name of names) {
          for (const value of prototype === Array.prototype ? ['evil'] : values) {
            const had = Object.getOwnPropertyDescriptor(prototype, name)
            if (had !== undefined) continue
            prototype[name] = value
            let came
            try {
              came = await life()
            } catch (error) {
              came = String(error?.stack ?? error)
            }
            delete prototype[name]
            globalThis.Date = RealDate
            if (came !== honest) {
              const [is, was] = [came, honest].map((text) => (text[0] === '{' ? JSON.parse(text) : { text }))
              const other = Object.keys({ ...was, ...is }).filter((one) => JSON.stringify(is[one]) !== JSON.stringify(was[one]))
              reached.push([prototype === Array.prototype, name, value, other.map((one) => [one, is[one]])])
            }
          }
        }
      }
      return { honest, reached }
      // Firefox takes ten times as long for a life
    }, [NAMES, isFirefox ? ['evil'] : ['evil', true, 0]])
    const honest = JSON.parse(seen.honest)
    assert.deepEqual([honest.fetched, honest.sent], [204, ['POST', 'cors', 'error', 'omit', '']])
    assert.deepEqual([honest.prompts, honest.before, honest.after, honest.expired], [1, false, true, 'expired'])
    assert.deepEqual(seen.reached.map((one) => JSON.stringify(one)), [])
  }))
