// First use, reuse, what is stored, resources, removal, spelling.

import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { launch, launchAlone, open } from './support/browser.mjs'
import { PACKAGE, serve } from './support/server.mjs'

let world
before(async () => (world = await launch()))
after(() => world.close())

const inPage = (use) => world.inPage(use)

test('the first get asks once, the second not at all', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const before = await ours.DIDSession.hasSessionFor(wallet.account, resources)
      const options = { resources: [...resources] }
      const session = await ours.DIDSession.get(wallet.account, await ourMethod(wallet), options)
      const first = await facts(session)
      const second = await tryGet(wallet)
      const has = await ours.DIDSession.hasSessionFor(wallet.account, resources)
      return { before, has, first, second, options, prompts: wallet.prompts, text: wallet.texts[0] }
    })
    assert.equal(seen.before, false)
    assert.equal(seen.has, true)
    assert.equal(seen.prompts, 1)
    assert.equal(seen.first.verifies, true)
    assert.equal(seen.first.key, seen.first.audience)
    assert.deepEqual(seen.second, { prompts: 0, ...seen.first })
    assert.deepEqual(Object.keys(seen.options), ['resources'], 'the options are left alone')
    assert.match(
      seen.text,
      new RegExp(
        '^127\\.0\\.0\\.1 wants you to sign in with your Ethereum account:\\n0x[0-9a-fA-F]{40}\\n\\n' +
          'Give this application access to some of your data on Ceramic\\n\\n' +
          `URI: ${seen.first.key}\\nVersion: 1\\nChain ID: 1\\nNonce: [A-Za-z0-9]{20}\\n` +
          'Issued At: \\S+Z\\nExpiration Time: \\S+Z\\nResources:\\n' +
          '- ceramic://\\*\\?model=a\\n- ceramic://\\*\\?model=b$'
      )
    )
  }))

test('a session outlives a reload', () =>
  inPage(async (page) => {
    const first = await page.evaluate(async () => {
      globalThis.wallet = makeWallet()
      return { seed: wallet.seed, ...(await tryGet(wallet)) }
    })
    await page.reload()
    await page.waitForFunction(() => globalThis.ready)
    const again = await page.evaluate((seed) => tryGet(makeWallet(seed)), first.seed)
    assert.equal(again.prompts, 0)
    assert.equal(again.key, first.key)
    assert.equal(again.verifies, true)
  }))

test('a session outlives the browser', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'did-session-web-'))
  let heard
  const server = await serve(0, { hear: (outcome) => heard(outcome) })
  const seed = [...crypto.getRandomValues(new Uint8Array(32))].join('.')
  // a page that drives itself: no driver of Firefox opens a profile that is there already
  const run = async () => {
    const told = new Promise((resolve) => (heard = resolve))
    const browser = await launchAlone(directory, `${server.url}/stay.html?seed=${seed}`)
    try {
      const gone = browser.ended.then((code) => assert.fail(`the browser ended with ${code}`))
      return await Promise.race([told, gone])
    } finally {
      await browser.end()
    }
  }
  try {
    const first = await run()
    const again = await run()
    assert.deepEqual([first.prompts, again.prompts], [1, 0])
    assert.equal(again.key, first.key)
    assert.equal(again.verifies, true)
  } finally {
    server.close()
    await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  }
})

test('another origin has no session', () =>
  inPage(async (page, context) => {
    const other = await serve()
    try {
      const seed = await page.evaluate(async () => {
        const wallet = makeWallet()
        await tryGet(wallet)
        return wallet.seed
      })
      const elsewhere = await open(context, other.url)
      const has = await elsewhere.evaluate(
        (seed) => ours.DIDSession.hasSessionFor(makeWallet(seed).account, resources),
        seed
      )
      assert.equal(has, false)
    } finally {
      other.close()
    }
  }))

test('the stored key signs after a reload and cannot be exported', () =>
  inPage(async (page) => {
    await page.evaluate(() => tryGet(makeWallet()))
    await page.reload()
    await page.waitForFunction(() => globalThis.ready)
    const seen = await page.evaluate(async () => {
      const [{ keypair }] = await using('readonly', (store) => store.getAll())
      const { privateKey, publicKey } = keypair
      const refusals = []
      const refused = async (promise) =>
        refusals.push(await promise.then(() => 'exported', (error) => error.name))
      for (const format of ['pkcs8', 'jwk', 'raw']) {
        await refused(crypto.subtle.exportKey(format, privateKey))
      }
      const wrapping = await crypto.subtle.generateKey({ name: 'AES-KW', length: 256 }, true, [
        'wrapKey',
        'unwrapKey',
      ])
      await refused(crypto.subtle.wrapKey('jwk', privateKey, wrapping, 'AES-KW'))
      const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
      const data = new Uint8Array(8)
      const signature = await crypto.subtle.sign(algorithm, privateKey, data)
      const raw = await crypto.subtle.exportKey('raw', publicKey)
      const judge = await crypto.subtle.importKey(
        'raw',
        raw,
        { name: 'ECDSA', namedCurve: 'P-256' },
        false,
        ['verify']
      )
      const verifies = await crypto.subtle.verify(algorithm, judge, signature, data)
      const clone = structuredClone(privateKey)
      return { refusals, verifies, json: JSON.stringify(privateKey), clone: clone.extractable }
    })
    assert.deepEqual(seen.refusals, Array(4).fill('InvalidAccessError'))
    assert.deepEqual([seen.verifies, seen.json, seen.clone], [true, '{}', false])
  }))

test('a stored session is reused for what it grants, and for nothing else', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const [a, b, c] = ['a', 'b', 'c'].map((model) => `ceramic://*?model=${model}`)
      const wallet = makeWallet()
      const steps = {}
      const ask = async (name, resources, more) => {
        const { account } = wallet
        const has = await ours.DIDSession.hasSessionFor(account, { resources, ...more })
        const { prompts, authorizations } = await tryGet(wallet, { resources, ...more })
        steps[name] = { has, prompts, authorizations }
      }
      await ask('first', [a, b])
      await ask('subset', [a])
      await ask('other order', [b, a])
      await ask('twice', [a, a])
      await ask('exactly these', [b, a], { exact: true })
      await ask('exactly one', [a], { exact: true })
      await ask('superset', [a, b, c])
      await ask('wildcard', ['ceramic://*'])
      await ask('under the wildcard', [a])
      return steps
    })
    const all = (...letters) => letters.map((letter) => `ceramic://*?model=${letter}`)
    assert.deepEqual(seen, {
      first: { has: false, prompts: 1, authorizations: all('a', 'b') },
      subset: { has: true, prompts: 0, authorizations: all('a', 'b') },
      'other order': { has: true, prompts: 0, authorizations: all('a', 'b') },
      twice: { has: true, prompts: 0, authorizations: all('a', 'b') },
      'exactly these': { has: true, prompts: 0, authorizations: all('a', 'b') },
      'exactly one': { has: false, prompts: 1, authorizations: all('a') },
      superset: { has: false, prompts: 1, authorizations: all('a', 'b', 'c') },
      wildcard: { has: false, prompts: 1, authorizations: ['ceramic://*'] },
      'under the wildcard': { has: false, prompts: 1, authorizations: all('a') },
    })
  }))

test('options that no session can have are refused before the wallet opens', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const codes = {}
      const bad = {
        'no resources': { resources: undefined },
        'empty resources': { resources: [] },
        'resources a text': { resources: 'ceramic://*' },
        'resources of numbers': { resources: [1] },
        'a negative lifetime': { expiresInSecs: -1 },
        'an endless lifetime': { expiresInSecs: Infinity },
        'a lifetime in words': { expiresInSecs: 'long' },
        'a past expiration': { expirationTime: '2020-01-01T00:00:00Z' },
        'an expiration that is no date': { expirationTime: 'tomorrow' },
        'a statement of two lines': { statement: 'a\nb' },
        'a statement that wallets show differently': { statement: 'zażółć' },
        'a nonce of numbers': { nonce: 5 },
        'a domain of two lines': { domain: 'a\nb' },
      }
      for (const [name, options] of Object.entries(bad)) {
        const outcome = await tryGet(wallet, options)
        codes[name] = outcome.error?.code
      }
      for (const account of ['', 'nobody', 'eip155:1:0x12', {}, null, 7]) {
        const outcome = await tryGet(wallet, {}, account)
        codes[`account ${JSON.stringify(account)}`] = outcome.error?.code
      }
      codes['no auth method'] = (await tryGet(wallet, {}, wallet.account, 'method')).error?.code
      const none = await ours.DIDSession.get(wallet.account, () => {}).catch((e) => e.code)
      codes['no options'] = none
      return { codes, prompts: wallet.prompts, keys: (await keys()).length }
    })
    for (const [name, code] of Object.entries(seen.codes)) {
      assert.equal(code, 'invalid_option', name)
    }
    assert.equal(seen.prompts, 0)
    assert.equal(seen.keys, 0)
  }))

test('hasSessionFor answers a boolean, and says yes exactly when get does not ask', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const { account } = wallet
      const has = (...parameters) => ours.DIDSession.hasSessionFor(account, ...parameters)
      const before = [await has(resources), await has([]), await has()]
      await tryGet(wallet)
      const after = [await has(resources), await has([]), await has(), await has(['other'])]
      const why = await ours.DIDSession.whyNoSession(account, ['other'])
      const whyNot = await ours.DIDSession.whyNoSession(account, resources)
      return { before, after, why, whyNot: whyNot === undefined }
    })
    assert.deepEqual(seen.before, [false, false, false])
    assert.deepEqual(seen.after, [true, true, true, false])
    assert.equal(seen.why.code, 'resource_not_granted')
    assert.equal(seen.whyNot, true)
  }))

test('hasSessionFor and get agree, whatever is stored and whatever is asked', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const [a, b, c] = ['a', 'b', 'c'].map((model) => `ceramic://*?model=${model}`)
      const wallet = makeWallet()
      const { account } = wallet
      const HOUR = 3600
      const stored = {
        nothing: null,
        'a week': { resources: [a, b] },
        'an hour': { resources: [a, b], expiresInSecs: HOUR },
        'a wildcard': { resources: ['ceramic://*'] },
        'of the peer': 'peer',
        'of another key': 'key',
        'of another account': 'account',
        unreadable: 'rubbish',
      }
      const asked = {
        'the same': { resources: [a, b] },
        'the other order': { resources: [b, a] },
        one: { resources: [a] },
        'one twice': { resources: [a, a] },
        'one more': { resources: [a, b, c] },
        another: { resources: [c] },
        'exactly these': { resources: [b, a], exact: true },
        'exactly one': { resources: [a], exact: true },
        'ten minutes': { resources: [a], expiresInSecs: HOUR / 6 },
        'two hours': { resources: [a], expiresInSecs: 2 * HOUR },
        'a month': { resources: [a], expiresInSecs: 720 * HOUR },
        zero: { resources: [a], expiresInSecs: 0 },
        'a date': { resources: [a], expirationTime: new Date(Date.now() + 864e5).toISOString() },
        'a wildcard': { resources: ['ceramic://*'] },
        'another domain': { resources: [a], domain: 'app.example' },
        'another statement': { resources: [a], statement: 'Let me in' },
        'a nonce': { resources: [a], nonce: 'challenge0123' },
      }
      const put = (value) => using('readwrite', (store) => store.put(value, account))
      const store = async (what) => {
        await ours.DIDSession.remove(account)
        wallet.mode = 'sign'
        if (what === null) return
        if (what === 'rubbish') return put(what)
        if (what === 'account') {
          const other = makeWallet()
          await tryGet(other)
          return put(await using('readonly', (store) => store.get(other.account)))
        }
        if (typeof what === 'object') return tryGet(wallet, what)
        await tryPeer(wallet)
        if (what === 'peer') return
        const record = await using('readonly', (store) => store.get(account))
        const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
        const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, false, ['sign'])
        await put({ ...record, keypair: { privateKey, publicKey } })
      }
      const disagree = []
      const counts = { yes: 0, no: 0 }
      const compare = async (name, options) => {
        const has = await ours.DIDSession.hasSessionFor(account, options)
        // a wallet that declines leaves everything as it was
        wallet.mode = 'decline'
        const { prompts, error } = await tryGet(wallet, options)
        counts[has ? 'yes' : 'no'] += 1
        const agree = has ? prompts === 0 && !error : prompts === 1 && error.code === 'declined'
        if (has !== true && has !== false) disagree.push([name, has])
        if (!agree) disagree.push([name, has, prompts, error])
      }
      for (const [lies, what] of Object.entries(stored)) {
        await store(what)
        for (const [wish, options] of Object.entries(asked)) {
          await compare(`${lies}, asked for ${wish}`, options)
        }
      }
      // and as time goes by
      await store(stored['an hour'])
      const start = globalThis.Date
      for (const minutes of [-600, -4, 0, 30, 53, 58, 59.5, 60, 61, 70, 10_000]) {
        shiftClock(minutes * 60_000)
        await compare(`${minutes} minutes later`, { resources: [a] })
        globalThis.Date = start
      }
      return { disagree, counts }
    })
    assert.deepEqual(seen.disagree, [])
    assert.equal(seen.counts.yes + seen.counts.no, 8 * 17 + 11)
    assert.ok(seen.counts.yes > 30 && seen.counts.no > 30, JSON.stringify(seen.counts))
  }))

test('remove forgets the record; a session in hand goes on', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const { DIDSession } = ours
      const none = await DIDSession.remove(wallet.account)
      const session = await DIDSession.get(wallet.account, await ourMethod(wallet), { resources })
      const removed = await DIDSession.remove(wallet.account)
      const has = await DIDSession.hasSessionFor(wallet.account, resources)
      const { verifies } = await facts(session)
      const left = await keys()
      const again = await tryGet(wallet)
      return { none, removed, has, verifies, left, again, key: session.did.id }
    })
    assert.deepEqual([seen.has, seen.verifies, seen.left], [false, true, []])
    assert.equal(seen.removed, undefined)
    assert.equal(seen.again.prompts, 1)
    assert.notEqual(seen.again.key, seen.key)
  }))

test('one account is one record, however it is spelled', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const spellings = {
        lower: wallet.account,
        checksum: wallet.checksumAccount,
        caip: new peer.AccountId(wallet.checksumAccount),
        json: JSON.parse(JSON.stringify(new peer.AccountId(wallet.checksumAccount))),
        did: `did:pkh:${wallet.account}`,
      }
      const prompts = {}
      for (const [name, account] of Object.entries(spellings)) {
        prompts[name] = (await tryGet(wallet, {}, account)).prompts
      }
      const stored = await keys()
      await ours.DIDSession.remove(wallet.account)
      const has = await ours.DIDSession.hasSessionFor(wallet.checksumAccount, resources)
      return { prompts, stored, account: wallet.account, has }
    })
    assert.deepEqual(seen.prompts, { lower: 1, checksum: 0, caip: 0, json: 0, did: 0 })
    assert.deepEqual(seen.stored, [seen.account])
    assert.equal(seen.has, false)
  }))

test('what the types declare is what the module exports', () =>
  inPage(async (page) => {
    const types = await readFile(join(PACKAGE, 'js/index.d.ts'), 'utf8')
    const declared = [...types.matchAll(/^export (?:const|class|function) (\w+)/gm)]
    const members = (name) => {
      const [, body] = new RegExp(`^export const ${name}: {\n([^]*?)^}`, 'm').exec(types)
      return [...body.matchAll(/^ {2}(\w+)\(/gm)].map(([, member]) => member).sort()
    }
    const seen = await page.evaluate(() => {
      const entries = Object.entries(ours).filter(([, value]) => typeof value === 'object')
      const members = entries.map(([name, value]) => [name, Object.keys(value).sort()])
      return { names: Object.keys(ours).sort(), members: Object.fromEntries(members) }
    })
    assert.deepEqual(declared.map(([, name]) => name).sort(), seen.names)
    assert.equal(Object.keys(seen.members).length, 5)
    for (const [name, found] of Object.entries(seen.members)) {
      assert.deepEqual(members(name), found, name)
    }
  }))
