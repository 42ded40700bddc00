// The database: what lies there, as others left it, and nobody is kept waiting by us.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch, open } from './support/browser.mjs'

let world
before(async () => (world = await launch()))
after(() => world.close())

const inPage = (use) => world.inPage(use)

test('what is stored: database, object store, key and members are those of the npm package', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const look = async () => {
        const databases = await indexedDB.databases()
        const [record] = await using('readonly', (store) => store.getAll())
        const key = ({ constructor, type, extractable, algorithm, usages }) => [
          constructor.name,
          type,
          extractable,
          { ...algorithm },
          [...usages],
        ]
        const { privateKey, publicKey } = record.keypair
        const raw = await crypto.subtle.exportKey('raw', publicKey)
        return {
          databases,
          keys: (await keys()).map((key) => key.replace(/0x[0-9a-f]{40}/, 'ADDRESS')),
          members: [record, record.cacao, record.keypair].map((value) => Object.keys(value).sort()),
          types: [typeof record.cacao.s.s, Array.isArray(record.cacao.p.resources)],
          privateKey: key(privateKey),
          publicKey: key(publicKey),
          raw: raw.byteLength,
        }
      }
      await tryPeer(makeWallet())
      const theirs = await look()
      await dropDatabase()
      await tryGet(makeWallet())
      return { theirs, mine: await look() }
    })
    assert.deepEqual(seen.mine, seen.theirs)
    assert.deepEqual(seen.mine.databases, [{ name: 'did-session', version: 1 }])
    assert.deepEqual(seen.mine.keys, ['eip155:1:ADDRESS'])
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    assert.deepEqual(seen.mine.privateKey, ['CryptoKey', 'private', false, algorithm, ['sign']])
    assert.equal(seen.mine.raw, 65)
  }))

test('a stored session has no text: serialize refuses', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const codes = []
      for (let round = 0; round < 2; round++) {
        const session = await ours.DIDSession.get(wallet.account, await ourMethod(wallet), {
          resources,
        })
        try {
          codes.push(session.serialize())
        } catch (error) {
          codes.push([error.code, error.message, error instanceof Error])
        }
      }
      return codes
    })
    const refused = ['secure_session', 'Secure sessions cannot be serialized', true]
    assert.deepEqual(seen, [refused, refused])
  }))

/** What leaves the database open in other software. */
const PATHS = {
  'a get() that made a session': () => tryGet(wallet),
  'a get() that found a session': async () => {
    await tryGet(wallet)
    await tryGet(wallet)
  },
  'a get() that was refused': () => {
    wallet.mode = 'decline'
    return tryGet(wallet)
  },
  'a get() whose answer was not accepted': () => {
    wallet.mode = 'other'
    return tryGet(wallet)
  },
  'a get() of bad options': () => tryGet(wallet, { resources: [] }),
  'a get() over an unreadable record': async () => {
    await using('readwrite', (store) => store.put('rubbish', wallet.account))
    await tryGet(wallet)
  },
  'hasSessionFor that found none': () => ours.DIDSession.hasSessionFor(wallet.account, resources),
  'hasSessionFor that found one': async () => {
    await tryGet(wallet)
    await ours.DIDSession.hasSessionFor(wallet.account, resources)
  },
  'remove()': async () => {
    await tryGet(wallet)
    await ours.DIDSession.remove(wallet.account)
  },
  'remove() of nothing': () => ours.DIDSession.remove(wallet.account),
  'use of a session in hand': async () => {
    const session = await ours.DIDSession.get(wallet.account, await ourMethod(wallet), { resources })
    await session.did.createJWS({ a: 1 })
  },
}

for (const [name, path] of Object.entries(PATHS)) {
  test(`deleteDatabase waits for nobody after ${name}`, () =>
    inPage(async (page) => {
      const seen = await page.evaluate(async (path) => {
        globalThis.wallet = makeWallet()
        await (0, eval)(`(${path})`)()
        const dropped = await dropDatabase()
        wallet.mode = 'sign'
        const { prompts, verifies } = await tryGet(wallet)
        return [dropped, prompts, verifies]
      }, String(path))
      assert.deepEqual(seen, ['deleted', 1, true])
    }))
}

test('deleteDatabase waits for nobody while the wallet is open; the session is stored all the same', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      wallet.mode = 'hold'
      const pending = tryGet(wallet)
      while (wallet.prompts === 0) await sleep(5)
      const dropped = await dropDatabase()
      wallet.release()
      const { verifies } = await pending
      return [dropped, verifies, (await keys()).length]
    })
    assert.deepEqual(seen, ['deleted', true, 1])
  }))

test('another tab can delete the database while this one holds a session', () =>
  inPage(async (page, context) => {
    const other = await open(context, world.url)
    const key = await page.evaluate(async () => {
      globalThis.wallet = makeWallet()
      globalThis.session = await ours.DIDSession.get(wallet.account, await ourMethod(wallet), {
        resources,
      })
      return session.did.id
    })
    assert.equal(await other.evaluate(() => dropDatabase()), 'deleted')
    const seen = await page.evaluate(async () => {
      const { verifies } = await facts(session)
      const has = await ours.DIDSession.hasSessionFor(wallet.account, resources)
      return { verifies, has, again: await tryGet(wallet) }
    })
    assert.deepEqual([seen.verifies, seen.has, seen.again.prompts], [true, false, 1])
    assert.notEqual(seen.again.key, key)
  }))

/** Every call over a database that is not ours; nobody is asked, and nothing is changed. */
const strange = async (version, store) => {
  const request = indexedDB.open('did-session', version)
  request.onupgradeneeded = () => request.result.createObjectStore(store)
  await new Promise((resolve, reject) => {
    request.onsuccess = resolve
    request.onerror = () => reject(request.error)
  })
  request.result.close()
  const wallet = makeWallet()
  const code = (promise) => promise.then(() => 'fine', ({ code, message, name }) => [name, code, message])
  const { DIDSession } = ours
  const outcomes = [
    await code(DIDSession.get(wallet.account, await ourMethod(wallet), { resources })),
    await code(DIDSession.hasSessionFor(wallet.account, resources)),
    await code(DIDSession.remove(wallet.account)),
  ]
  const databases = await indexedDB.databases()
  const dropped = await dropDatabase()
  const { prompts, verifies } = await tryGet(wallet)
  return { outcomes, prompts: wallet.prompts - prompts, databases, dropped, verifies }
}

for (const [name, version, store, code, says] of [
  ['a database of version 2 exists', 2, 'sessions', 'database_newer', /did-session.*version 2/],
  ['a database without the store exists', 1, 'other', 'database_foreign', /did-session.*sessions/],
]) {
  test(`${name}: an error that says so, and no prompt`, () =>
    inPage(async (page) => {
      const run = ([source, version, store]) => (0, eval)(`(${source})`)(version, store)
      const seen = await page.evaluate(run, [String(strange), version, store])
      for (const [errorName, errorCode, message] of seen.outcomes) {
        assert.deepEqual([errorName, errorCode], ['DIDSessionError', code])
        assert.match(message, says)
      }
      assert.equal(seen.prompts, 0)
      assert.deepEqual(seen.databases, [{ name: 'did-session', version }], 'it is left as it is')
      assert.deepEqual([seen.dropped, seen.verifies], ['deleted', true], 'and works once it is gone')
    }))
}

test('configure: Ed25519 keys in a database of their own, and another name for it', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const { DIDSession } = ours
      const p256 = await tryGet(wallet)
      await DIDSession.configure({ algorithm: 'Ed25519' })
      const ed25519 = await tryGet(wallet)
      const again = await tryGet(wallet)
      await DIDSession.configure({ database: 'another' })
      const another = await tryGet(wallet)
      const bad = await DIDSession.configure({ algorithm: 'RSA' }).catch((error) => error.code)
      await DIDSession.configure({})
      const back = await tryGet(wallet)
      const databases = (await indexedDB.databases()).map(({ name }) => name)
      return { p256, ed25519, again, another, back, bad, databases }
    })
    const { p256, ed25519, again, another, back } = seen
    assert.deepEqual(
      [p256, ed25519, again, another, back].map(({ prompts, verifies }) => [prompts, verifies]),
      [
        [1, true],
        [1, true],
        [0, true],
        [1, true],
        [0, true],
      ]
    )
    assert.match(p256.key, /^did:key:zDn/)
    assert.match(ed25519.key, /^did:key:z6Mk/)
    assert.deepEqual([again.key, back.key], [ed25519.key, p256.key])
    assert.equal(seen.bad, 'invalid_option')
    assert.equal(seen.databases.length, 3)
    assert.ok(seen.databases.includes('did-session') && seen.databases.includes('another'))
  }))

test('get() with other resources altogether replaces the session, and what it granted is lost', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const has = () => ours.DIDSession.hasSessionFor(wallet.account, resources)
      const first = await tryGet(wallet)
      const other = await tryGet(wallet, { resources: ['ceramic://other'] })
      const after = await has()
      const again = await tryGet(wallet)
      return {
        prompts: [first.prompts, other.prompts, again.prompts],
        keys: new Set([first.key, other.key, again.key]).size,
        after,
        holds: other.authorizations,
        records: (await keys()).length,
      }
    })
    assert.deepEqual(seen, {
      prompts: [1, 1, 1],
      keys: 3,
      after: false,
      holds: ['ceramic://other'],
      records: 1,
    })
  }))
