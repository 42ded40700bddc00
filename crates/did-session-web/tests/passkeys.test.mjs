// Passkeys of Chromium's virtual authenticator, on `localhost`: an IP address is no relying party.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch, open } from './support/browser.mjs'
import { serve } from './support/server.mjs'

let world
before(async () => (world = await launch()))
after(() => world.close())

/** A page with an authenticator, which a test can change. */
const withPasskeys = async (use, options = {}) => {
  const context = await world.context()
  try {
    const page = await open(context, world.url.replace('127.0.0.1', 'localhost'))
    const cdp = await context.newCDPSession(page)
    await cdp.send('WebAuthn.enable', { enableUI: false })
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
        ...options,
      },
    })
    const credentials = async () =>
      (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials
    await page.evaluate(() => {
      // a wallet as tryGet counts it, whose prompts are those of the browser
      const wallet = (globalThis.wallet = { prompts: 0 })
      const { credentials } = navigator
      const get = credentials.get.bind(credentials)
      credentials.get = (options) => {
        wallet.prompts += 1
        wallet.asked = options.publicKey
        return get(options)
      }
      globalThis.passkeyGet = async (did, passkey = { did }, options = {}) =>
        tryGet(wallet, options, did, await ours.WebauthnAuth.getAuthMethod(passkey))
      // key-webauthn as it can be used: with a challenge and a nonce of the caller's own
      globalThis.theirCreate = () =>
        peer.WebauthnAuth.createDID({
          publicKey: {
            challenge: crypto.getRandomValues(new Uint8Array(32)),
            rp: { id: location.hostname, name: location.hostname },
            user: { id: crypto.getRandomValues(new Uint8Array(32)), name: 'a', displayName: 'a' },
            pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
            authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
          },
        })
    })
    await use(page, { cdp, authenticatorId, credentials })
    assert.deepEqual(page.errors, [], 'the page threw nothing')
  } finally {
    await context.close()
  }
}

test('a passkey is created and makes a session, which both implementations accept', () =>
  withPasskeys(async (page, { credentials }) => {
    const seen = await page.evaluate(async () => {
      const did = await ours.WebauthnAuth.createDID('alice')
      const before = await ours.DIDSession.hasSessionFor(did, resources)
      const first = await passkeyGet(did)
      const second = await passkeyGet(did)
      const has = await ours.DIDSession.hasSessionFor(did, resources)
      const [{ cacao }] = await using('readonly', (store) => store.getAll())
      return { did, before, first, second, has, cacao, keys: await keys() }
    })
    assert.match(seen.did, /^did:key:zDn/)
    assert.equal(seen.first.error, undefined, JSON.stringify(seen.first.error))
    assert.deepEqual([seen.first.prompts, seen.second.prompts], [1, 0])
    assert.deepEqual([seen.before, seen.has], [false, true])
    assert.deepEqual([seen.first.verifies, seen.second.verifies], [true, true])
    assert.deepEqual([seen.first.id, seen.second.key], [seen.did, seen.first.key])
    assert.deepEqual(seen.keys, [seen.did])
    const { h, p, s } = seen.cacao
    assert.deepEqual([h.t, s.t, p.iss, p.domain], ['caip122', 'webauthn:p256', seen.did, 'localhost'])
    assert.equal(p.nbf, p.iat)
    const [credential] = await credentials()
    assert.deepEqual([credential.rpId, credential.userName], ['localhost', 'alice'])
    assert.equal(credential.isResidentCredential, true)
  }))

test('a session of a passkey is found again after a reload', () =>
  withPasskeys(async (page) => {
    const first = await page.evaluate(async () => {
      globalThis.did = await ours.WebauthnAuth.createDID('alice')
      return { did, ...(await passkeyGet(did)) }
    })
    await page.reload()
    await page.waitForFunction(() => globalThis.ready)
    const again = await page.evaluate(async (did) => {
      const session = await ours.DIDSession.get(did, () => Promise.reject(new Error('asked')), {
        resources,
      })
      return { has: await ours.DIDSession.hasSessionFor(did, resources), ...(await facts(session)) }
    }, first.did)
    assert.deepEqual([again.has, again.key, again.id], [true, first.key, first.did])
    assert.equal(again.verifies, true)
  }))

test('a passkey without user verification, and rules that want it', () =>
  withPasskeys(
    async (page, { cdp, authenticatorId }) => {
      const without = await page.evaluate(async () => {
        const { WebauthnAuth, DIDSession } = ours
        // Chromium finds a passkey without user verification by its id only
        const wish = { userVerification: 'discouraged' }
        globalThis.made = await WebauthnAuth.createCredential('bob', wish)
        const { did } = made
        const byDefault = await passkeyGet(did, made)
        await DIDSession.configure({ passkeys: { userVerification: 'required' } })
        // what was stored under other rules is judged by these
        const has = await DIDSession.hasSessionFor(did, resources)
        const why = await DIDSession.whyNoSession(did, resources)
        const strict = await passkeyGet(did, made)
        // and so are sessions from elsewhere
        await DIDSession.configure({})
        const method = await WebauthnAuth.getAuthMethod(made)
        const string = (await DIDSession.authorize(method, { resources })).serialize()
        await DIDSession.fromSession(string)
        await DIDSession.configure({ passkeys: { userVerification: 'required' } })
        const restored = await DIDSession.fromSession(string).catch((error) => error.code)
        const authorized = await DIDSession.authorize(method, { resources }).catch((e) => e.code)
        return { byDefault, has, why: why.code, strict, restored, authorized }
      })
      assert.equal(without.byDefault.error, undefined, JSON.stringify(without.byDefault.error))
      assert.deepEqual([without.byDefault.prompts, without.byDefault.verifies], [1, true])
      assert.deepEqual([without.has, without.why], [false, 'user_not_verified'])
      assert.deepEqual([without.strict.prompts, without.strict.error.code], [1, 'user_not_verified'])
      assert.deepEqual([without.restored, without.authorized], Array(2).fill('user_not_verified'))

      // an authenticator that cannot verify its user refuses to where it must
      const must = await page.evaluate(() =>
        passkeyGet(made.did, { ...made, userVerification: 'required' })
      )
      assert.deepEqual([must.prompts, must.error.code], [1, 'declined'])

      await cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId })
    },
    { hasUserVerification: false, isUserVerified: false }
  ))

test('a passkey with user verification passes rules that want it', () =>
  withPasskeys(async (page) => {
    const seen = await page.evaluate(async () => {
      await ours.DIDSession.configure({ passkeys: { userVerification: 'required' } })
      const did = await ours.WebauthnAuth.createDID('carol')
      const first = await passkeyGet(did, { did, userVerification: 'required' })
      return { first, asked: wallet.asked.userVerification, second: await passkeyGet(did) }
    })
    assert.equal(seen.first.error, undefined, JSON.stringify(seen.first.error))
    assert.deepEqual([seen.first.prompts, seen.first.verifies, seen.asked], [1, true, 'required'])
    assert.equal(seen.second.prompts, 0)
  }))

test('a user who says no, or cannot be verified: declined, and nothing stored', () =>
  withPasskeys(async (page, { cdp, authenticatorId }) => {
    await page.evaluate(async () => void (globalThis.did = await ours.WebauthnAuth.createDID('dave')))
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
    const no = await page.evaluate(() => passkeyGet(did, { did, userVerification: 'required' }))
    assert.deepEqual([no.prompts, no.error.code], [1, 'declined'])
    assert.deepEqual(await page.evaluate(() => keys()), [])
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true })
    const yes = await page.evaluate(() => passkeyGet(did, { did, userVerification: 'required' }))
    assert.deepEqual([yes.prompts, yes.verifies], [1, true])
  }))

test('a passkey whose DID nobody kept is found out by asking it', () =>
  withPasskeys(async (page) => {
    const seen = await page.evaluate(async () => {
      const { WebauthnAuth } = ours
      const did = await WebauthnAuth.createDID('erin')
      const possible = await WebauthnAuth.probeDIDs()
      const probed = await WebauthnAuth.probeDID()
      const byList = await passkeyGet(did, { dids: possible })
      await ours.DIDSession.remove(did)
      let offered
      const selectDID = async (...both) => {
        offered = both
        return both.find((one) => one === did)
      }
      const byChoice = await passkeyGet(did, { selectDID })
      await ours.DIDSession.remove(did)
      const method = await WebauthnAuth.getAuthMethod({ dids: possible })
      const made = await ours.DIDSession.authorize(method, { resources })
      return { did, possible, probed, byList, byChoice, offered, made: made.id }
    })
    assert.equal(seen.possible.length, 2)
    assert.ok(seen.possible.includes(seen.did))
    assert.equal(seen.probed, seen.did)
    assert.deepEqual([seen.byList.id, seen.byList.verifies], [seen.did, true])
    assert.deepEqual([seen.byChoice.id, seen.byChoice.verifies], [seen.did, true])
    assert.ok(seen.offered.length === 2 && seen.offered.includes(seen.did))
    assert.ok(seen.possible.includes(seen.made))
  }))

test('another passkey than the one asked for is refused, and one can be asked by its id', () =>
  withPasskeys(async (page, { cdp, authenticatorId, credentials }) => {
    const made = await page.evaluate(async () => {
      globalThis.one = await ours.WebauthnAuth.createCredential('one')
      globalThis.two = await ours.WebauthnAuth.createCredential('two')
      return [one, two]
    })
    assert.equal((await credentials()).length, 2)
    const byId = await page.evaluate(async () => [
      await passkeyGet(one.did, one),
      await passkeyGet(two.did, two),
      await passkeyGet(one.did, { ...one, credentialId: two.credentialId }, { resources: ['x:y'] }),
      await passkeyGet(one.did, { dids: [one.did], credentialId: two.credentialId }, { resources: ['x:y'] }),
    ])
    const [one, two, wrong, unknown] = byId
    assert.deepEqual([one.id, one.verifies], [made[0].did, true])
    assert.deepEqual([two.id, two.verifies], [made[1].did, true])
    assert.deepEqual([wrong.prompts, wrong.error.code], [1, 'signature_mismatch'])
    assert.deepEqual([unknown.prompts, unknown.error.code], [1, 'wallet_failed'])
    assert.match(unknown.error.message, /another passkey/)
    await cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId })
  }))

test('another relying party or origin than the page’s is refused', () =>
  withPasskeys(async (page) => {
    const seen = await page.evaluate(async () => {
      const { DIDSession, WebauthnAuth } = ours
      const did = await WebauthnAuth.createDID('frank')
      const codes = {}
      const under = async (name, passkeys) => {
        await DIDSession.configure({ passkeys })
        const { error } = await passkeyGet(did)
        const why = await DIDSession.whyNoSession(did, resources)
        codes[name] = [error?.code, why?.code]
        await DIDSession.remove(did)
      }
      const { origin } = location
      await under('the page itself', { rpId: 'localhost', origins: [origin] })
      await under('one of two origins', { origins: ['https://app.example', origin] })
      await under('another relying party', { rpId: 'app.example' })
      await under('another origin', { origins: ['https://app.example'] })
      await under('another port', { origins: ['http://localhost:1'] })
      await DIDSession.configure({})
      await passkeyGet(did)
      await DIDSession.configure({ passkeys: { rpId: 'app.example' } })
      codes['stored under other rules'] = [
        await DIDSession.hasSessionFor(did, resources),
        (await DIDSession.whyNoSession(did, resources)).code,
      ]
      for (const passkeys of [1, { rpId: 1 }, { origins: 'x' }, { origins: [] }, { userVerification: true }]) {
        const refused = await DIDSession.configure({ passkeys }).catch((error) => error.code)
        codes[JSON.stringify(passkeys)] = refused
      }
      // the browser itself does not sign for another relying party
      await DIDSession.configure({})
      const foreign = await WebauthnAuth.createDID('x', { rpId: 'app.example' }).catch((e) => e.name)
      return { codes, foreign }
    })
    assert.deepEqual(seen.codes, {
      'the page itself': [undefined, undefined],
      'one of two origins': [undefined, undefined],
      'another relying party': ['rp_id_mismatch', 'no_session'],
      'another origin': ['origin_mismatch', 'no_session'],
      'another port': ['origin_mismatch', 'no_session'],
      'stored under other rules': [false, 'rp_id_mismatch'],
      1: 'invalid_option',
      '{"rpId":1}': 'invalid_option',
      '{"origins":"x"}': 'invalid_option',
      '{"origins":[]}': 'invalid_option',
      '{"userVerification":true}': 'invalid_option',
    })
    assert.equal(seen.foreign, 'SecurityError')
  }))

test('a session made for another origin is refused on this one', () =>
  withPasskeys(async (page) => {
    const seen = await page.evaluate(async () => {
      const did = await ours.WebauthnAuth.createDID('grace')
      const codes = {}
      // what a page of another origin would have got, with everything else in order
      const forge = (change) => async (options) => {
        const honest = await ours.WebauthnAuth.getAuthMethod({ did })
        const { h, p, s } = await honest(options)
        return { h, p: change(p), s }
      }
      const changes = {
        'another domain': (p) => ({ ...p, domain: 'app.example' }),
        'more resources': (p) => ({ ...p, resources: [...p.resources, 'ceramic://more'] }),
        'a longer life': (p) => ({ ...p, exp: '2999-01-01T00:00:00.000Z' }),
        'another nonce': (p) => ({ ...p, nonce: 'changed0' }),
        'an earlier beginning': (p) => ({ ...p, nbf: '2020-01-01T00:00:00.000Z' }),
      }
      for (const [name, change] of Object.entries(changes)) {
        codes[name] = (await tryGet(wallet, {}, did, forge(change))).error?.code
      }
      return { codes, stored: await keys() }
    })
    assert.deepEqual(seen.codes, {
      'another domain': 'answer_differs',
      'more resources': 'answer_differs',
      'a longer life': 'answer_lasts_too_long',
      'another nonce': 'answer_differs',
      'an earlier beginning': 'challenge_mismatch',
    })
    assert.deepEqual(seen.stored, [])
  }))

test('key-webauthn: its passkeys and sessions are ours, and ours are its', () =>
  withPasskeys(async (page) => {
    const seen = await page.evaluate(async () => {
      const did = await theirCreate()
      const options = { resources, nonce: 'challenge0123' }
      const theirs = await peer.WebauthnAuth.getAuthMethod({ did })
      // its method in our get
      const accepted = await tryGet(wallet, {}, did, theirs)
      const again = await passkeyGet(did)
      await ours.DIDSession.remove(did)
      // its whole session, found by us
      const made = await peer.DIDSession.get(did, theirs, { ...options })
      const taken = await passkeyGet(did)
      await ours.DIDSession.remove(did)
      // our session, found by it
      const mine = await passkeyGet(did)
      const before = wallet.prompts
      const found = await peer.DIDSession.get(did, theirs, { ...options })
      const prompts = wallet.prompts - before
      // session strings
      const string = (await peer.DIDSession.authorize(theirs, { ...options })).serialize()
      const restored = await ours.DIDSession.fromSession(string)
      const method = await ours.WebauthnAuth.getAuthMethod({ did })
      const own = await ours.DIDSession.authorize(method, { resources })
      const back = await ours.DIDSession.fromSession(own.serialize())
      // its passkey, named by our probe
      const probed = await ours.WebauthnAuth.probeDID()
      return {
        did,
        probed,
        accepted,
        again: again.prompts,
        taken: [taken.prompts, taken.key === made.did.id],
        found: [prompts, found.did.id === mine.key],
        strings: [restored.id, (await facts(restored)).verifies, (await facts(own)).verifies, (await facts(back)).verifies],
      }
    })
    assert.equal(seen.accepted.error, undefined, JSON.stringify(seen.accepted.error))
    assert.deepEqual([seen.accepted.prompts, seen.accepted.verifies, seen.again], [1, true, 0])
    assert.deepEqual([seen.taken, seen.found], [
      [0, true],
      [0, true],
    ])
    assert.deepEqual(seen.strings, [seen.did, true, true, true])
    assert.equal(seen.probed, seen.did)
  }))

test('a passkey that is used in a frame needs the page around it to be named', () =>
  withPasskeys(async (page) => {
    const did = await page.evaluate(() => ours.WebauthnAuth.createDID('framed'))
    // another port is another origin
    const other = await serve()
    try {
      const url = other.url.replace('127.0.0.1', 'localhost')
      await page.evaluate(async (url) => {
        const frame = document.createElement('iframe')
        frame.allow = 'publickey-credentials-get'
        frame.src = `${url}/`
        document.body.append(frame)
        await new Promise((resolve) => frame.addEventListener('load', resolve))
      }, url)
      const frame = page.frames().find((frame) => frame.url().startsWith(url))
      await frame.waitForFunction(() => globalThis.ready === true)
      const ask = (passkeys) =>
        frame.evaluate(
          async ([did, passkeys]) => {
            globalThis.wallet ??= { prompts: 0 }
            await ours.DIDSession.configure({ database: 'framed', passkeys })
            const method = await ours.WebauthnAuth.getAuthMethod({ did })
            const seen = await tryGet(wallet, {}, did, async (options) => {
              const answer = await method(options)
              const { aad } = answer.s.m
              globalThis.said = new TextDecoder().decode(aad)
              return answer
            })
            return seen.error?.code ?? seen.id
          },
          [did, passkeys]
        )
      const top = new URL(page.url()).origin
      const named = await ask({ topOrigins: [top] })
      const said = await frame.evaluate(() => globalThis.said)
      assert.match(said, /"crossOrigin":true/)
      const others = [await ask({ topOrigins: ['http://localhost:1'] }), await ask({ crossOrigin: true })]
      // browsers that do not name it leave the choice between all pages and none
      const isNamed = said.includes('"topOrigin"')
      const refused = 'cross_origin'
      const wanted = isNamed ? [did, refused, refused] : [refused, refused, did]
      assert.deepEqual([named, ...others], wanted)
      assert.equal(await ask({}), refused)
    } finally {
      other.close()
    }
  }))
