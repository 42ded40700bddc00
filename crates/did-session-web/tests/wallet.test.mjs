// Wallets that refuse, fail, answer something else, and auth methods of all kinds.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch } from './support/browser.mjs'

let world
before(async () => (world = await launch()))
after(() => world.close())

const inPage = (use) => world.inPage(use)

test('the user declines: nothing is stored, the flight is free, the next get asks again', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      wallet.mode = 'decline'
      const { DIDSession } = ours
      const method = await ourMethod(wallet)
      const error = await DIDSession.get(wallet.account, method, { resources }).catch((e) => e)
      const { held, pending } = await navigator.locks.query()
      const declined = {
        isError: error instanceof Error,
        name: error.name,
        code: error.code,
        cause: [error.cause.code, error.cause.message],
        stored: await keys(),
        locks: held.length + pending.length,
      }
      wallet.mode = 'sign'
      return { declined, again: await tryGet(wallet), total: wallet.prompts }
    })
    assert.deepEqual(seen.declined, {
      isError: true,
      name: 'DIDSessionError',
      code: 'declined',
      cause: [4001, 'User rejected the request.'],
      stored: [],
      locks: 0,
    })
    assert.deepEqual([seen.again.prompts, seen.again.verifies, seen.total], [1, true, 2])
  }))

test('the wallet signs with another account: refused, nothing stored', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      wallet.mode = 'other'
      const wrong = await tryGet(wallet)
      const stored = await keys()
      wallet.mode = 'sign'
      return { wrong, stored, again: await tryGet(wallet) }
    })
    assert.equal(seen.wrong.error.code, 'signature_mismatch')
    assert.deepEqual(seen.stored, [])
    assert.deepEqual([seen.again.prompts, seen.again.verifies], [1, true])
  }))

test('an answer that differs from what was asked is refused', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const codes = {}
      const forge = {
        'more resources': (o) => ({ ...o, resources: [...o.resources, 'ceramic://more'] }),
        'fewer resources': (o) => ({ ...o, resources: o.resources.slice(1) }),
        'another order': (o) => ({ ...o, resources: o.resources.toReversed() }),
        'another key': (o) => ({
          ...o,
          uri: 'did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169',
        }),
        'another nonce': (o) => ({ ...o, nonce: 'somethingelse' }),
        'another domain': (o) => ({ ...o, domain: 'evil.example' }),
        'another statement': (o) => ({ ...o, statement: 'Give everything' }),
        'a longer life': (o) => ({ ...o, expirationTime: '2999-01-01T00:00:00.000Z' }),
        'issued long ago': (o) => ({ ...o, issuedAt: '2021-01-01T00:00:00.000Z' }),
      }
      for (const [name, change] of Object.entries(forge)) {
        const honest = await ourMethod(wallet)
        const outcome = await tryGet(wallet, {}, wallet.account, (o) => honest(change(o)))
        codes[name] = outcome.error?.code
      }
      const other = makeWallet()
      const stranger = await ourMethod(other)
      codes['another account'] = (await tryGet(wallet, {}, wallet.account, stranger)).error?.code
      const answers = {
        nothing: undefined,
        null: null,
        'a text': 'signed',
        'an empty object': {},
        'a made-up signature type': 'constructor',
        'no signature': 'unsigned',
      }
      for (const [name, answer] of Object.entries(answers)) {
        const honest = await ourMethod(wallet)
        const method = async (o) => {
          if (answer !== 'constructor' && answer !== 'unsigned') return answer
          const { s, ...cacao } = await honest(o)
          return answer === 'unsigned' ? cacao : { ...cacao, s: { ...s, t: 'constructor' } }
        }
        codes[name] = (await tryGet(wallet, {}, wallet.account, method)).error?.code
      }
      return { codes, stored: await keys() }
    })
    assert.deepEqual(seen.codes, {
      'more resources': 'answer_differs',
      'fewer resources': 'answer_differs',
      'another order': 'answer_differs',
      'another key': 'answer_differs',
      'another nonce': 'answer_differs',
      'another domain': 'answer_differs',
      'another statement': 'answer_differs',
      'a longer life': 'answer_lasts_too_long',
      'issued long ago': 'answer_not_issued_now',
      'another account': 'answer_differs',
      nothing: 'wallet_failed',
      null: 'wallet_failed',
      'a text': 'wallet_failed',
      'an empty object': 'wallet_failed',
      'a made-up signature type': 'unsupported_kind',
      'no signature': 'unsigned',
    })
    assert.deepEqual(seen.stored, [])
  }))

test('whatever a method throws, the error is one of ours and says why', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const outcomes = {}
      const thrown = {
        'a code of EIP-1193': Object.assign(new Error('x'), { code: 4001 }),
        'a name of WebAuthn': new DOMException('x', 'NotAllowedError'),
        'a word of ethers': Object.assign(new Error('x'), { code: 'ACTION_REJECTED' }),
        'a message': new Error('User denied message signature'),
        'a text': 'user cancelled',
        'a word of Stacks wallets': 'cancel',
        'a name of Beacon': Object.assign(new Error('x'), { name: 'AbortedBeaconError' }),
        'a failure': new Error('the socket closed'),
        nothing: undefined,
        'an object': { a: 1 },
      }
      for (const [name, value] of Object.entries(thrown)) {
        for (const method of [
          () => {
            throw value
          },
          () => Promise.reject(value),
        ]) {
          const { DIDSession } = ours
          const error = await DIDSession.get(wallet.account, method, { resources }).catch((e) => e)
          const made = await DIDSession.authorize(method, { resources }).catch((e) => e)
          outcomes[name] = [error.code, made.code, error.cause === value, error instanceof Error]
        }
      }
      const failed = await tryGet(wallet, {}, wallet.account, () => Promise.reject(thrown['a failure']))
      return { outcomes, message: failed.error.message }
    })
    const no = ['declined', 'declined', true, true]
    const failure = ['wallet_failed', 'wallet_failed', true, true]
    assert.deepEqual(seen.outcomes, {
      'a code of EIP-1193': no,
      'a name of WebAuthn': no,
      'a word of ethers': no,
      'a message': no,
      'a text': no,
      'a word of Stacks wallets': no,
      'a name of Beacon': no,
      'a failure': failure,
      nothing: failure,
      'an object': failure,
    })
    assert.match(seen.message, /the socket closed/)
  }))

test('what a method does to its options reaches nobody', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const honest = await ourMethod(wallet)
      const options = Object.freeze({ resources: Object.freeze([...resources]) })
      let given
      const method = async (o) => {
        given = { ...o }
        const answer = await honest(o)
        o.resources.push('ceramic://later')
        o.uri = 'changed'
        return answer
      }
      await ours.DIDSession.get(wallet.account, method, options)
      return { given: Object.keys(given).sort(), options }
    })
    assert.deepEqual(seen.given, [
      'domain',
      'expirationTime',
      'issuedAt',
      'nonce',
      'resources',
      'statement',
      'uri',
    ])
    assert.equal(seen.options.resources.length, 2)
  }))

test('a server sets nonce, request id, domain and statement', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const options = {
        resources,
        nonce: 'challenge0123',
        requestId: 'request-7',
        domain: 'app.example',
        statement: 'Let me in',
      }
      const method = await ourMethod(wallet)
      const { cacao } = await ours.DIDSession.get(wallet.account, method, options)
      return { p: cacao.p, text: wallet.texts[0] }
    })
    const { nonce, requestId, domain, statement } = seen.p
    assert.deepEqual(
      [nonce, requestId, domain, statement],
      ['challenge0123', 'request-7', 'app.example', 'Let me in']
    )
    assert.match(seen.text, /^app\.example wants you[^]*Let me in[^]*Request ID: request-7\n/)
  }))
