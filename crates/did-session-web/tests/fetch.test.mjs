// `session.fetch` against a server of the Rust crates, from a page of another origin.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isFirefox, launch, open } from './support/browser.mjs'
import { native, secured } from './support/native.mjs'

let world, server
before(async () => {
  ;[world, server] = await Promise.all([launch(), native()])
})
after(async () => {
  await world.close()
  await server.close()
})

/**
 * A page with a session; `sent` are the requests that it made of the server. Preflights are left out:
 * the driver of Firefox tells of them, that of Chromium does not.
 */
const inPage = (use, url = server.url) =>
  world.inPage(async (page, context) => {
    // refusals are part of the convention, and the console names each
    const sent = []
    page.on('request', (request) => {
      if (request.url().startsWith(url) && request.method() !== 'OPTIONS') sent.push(request)
    })
    await page.evaluate(async (url) => {
      const wallet = makeWallet()
      const options = { resources: ['app://notes/write'] }
      const session = await ours.DIDSession.get(wallet.account, await ourMethod(wallet), options)
      const seen = async (response) => ({
        status: response.status,
        refusal: await ours.refusalOf(response),
        said: response.ok && response.status !== 204 ? await response.json() : undefined,
      })
      const ask = async (path, init, more) =>
        session.fetch(url + path, init, more).then(seen, ({ code, name }) => ({ code, name }))
      Object.assign(globalThis, { wallet, session, seen, ask, server: url })
    }, url)
    await use(page, { context, sent, paths: () => sent.splice(0).map((r) => pathOf(r.url())) })
  })

const pathOf = (url) => new URL(url).pathname

test('the first request registers the capability, later ones do not', () =>
  inPage(async (page, { paths }) => {
    const first = await page.evaluate(() => ask('/echo?a=1'))
    assert.equal(first.status, 200)
    assert.equal(first.said.issuer, await page.evaluate(() => session.id))
    assert.equal(first.said.key, await page.evaluate(() => session.did.id))
    assert.deepEqual(paths(), ['/echo', '/session/capability', '/echo'])
    for (let again = 0; again < 3; again += 1) {
      assert.equal((await page.evaluate(() => ask('/echo'))).status, 200)
    }
    assert.deepEqual(paths(), ['/echo', '/echo', '/echo'])
  }))

test('requests that are made at once register it once', () =>
  inPage(async (page, { paths }) => {
    const all = await page.evaluate(() =>
      Promise.all([1, 2, 3, 4].map((n) => ask(`/echo?n=${n}`)))
    )
    assert.deepEqual(all.map(({ status }) => status), [200, 200, 200, 200])
    assert.equal(paths().filter((path) => path === '/session/capability').length, 1)
  }))

test('without a registration the capability is sent along', () =>
  inPage(async (page, { sent }) => {
    const seen = await page.evaluate(async () => [
      await ask('/echo', undefined, { registration: false }),
      await ask('/echo', undefined, { registration: false }),
    ])
    assert.deepEqual(seen.map(({ status }) => status), [200, 200])
    assert.deepEqual(sent.map((request) => pathOf(request.url())), ['/echo', '/echo', '/echo'])
    const fields = sent.map((request) => 'did-session-capability' in request.headers())
    assert.deepEqual(fields, [false, true, true])
    // a server without such a route gets it in the field, too
    const other = await page.evaluate(async () => {
      const wallet = makeWallet()
      const session = await ours.DIDSession.get(wallet.account, await ourMethod(wallet), {
        resources: ['app://notes/write'],
      })
      const options = { registration: '/nowhere' }
      return seen(await session.fetch(`${server}/echo`, undefined, options))
    })
    assert.equal(other.status, 200)
  }))

test('content of every kind arrives as it was signed', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const bytes = new TextEncoder().encode('--bytes--')
      const form = new FormData()
      form.append('name', 'a b')
      form.append('file', new Blob(['in a file'], { type: 'text/plain' }), 'f.txt')
      const json = { headers: { 'content-type': 'application/json' }, body: '{"a":1}' }
      const kinds = {
        text: { body: 'caf\u00e9' },
        json,
        blob: { body: new Blob(['in a blob'], { type: 'text/x-blob' }) },
        untyped: { body: new Blob(['in a blob']) },
        buffer: { body: bytes.slice(2, 7).buffer },
        view: { body: bytes.subarray(2, 7) },
        dataView: { body: new DataView(bytes.buffer, 2, 5) },
        parameters: { body: new URLSearchParams({ a: 'b c', d: '&' }) },
        form: { body: form },
        empty: { body: '' },
        nothing: {},
      }
      const seen = {}
      for (const [name, init] of Object.entries(kinds)) {
        const { said } = await ask('/echo', { method: 'POST', ...init })
        seen[name] = said && [said.content, said.type]
      }
      const request = new Request(`${server}/echo?x`, { method: 'PUT', body: 'of a request' })
      const { said } = await session.fetch(request).then(globalThis.seen)
      seen.request = [said.method, said.target, said.content, request.bodyUsed]
      const changed = new Request(`${server}/echo`, { method: 'PUT', body: 'of a request' })
      const other = await session.fetch(changed, { method: 'PATCH', body: 'of init' })
      seen.changed = (({ said }) => [said.method, said.content])(await globalThis.seen(other))
      return seen
    })
    const plain = 'text/plain;charset=UTF-8'
    assert.match(seen.form[0], /in a file/)
    assert.match(seen.form[1], /^multipart\/form-data; ?boundary=/)
    delete seen.form
    assert.deepEqual(seen, {
      text: ['caf\u00e9', plain],
      json: ['{"a":1}', 'application/json'],
      blob: ['in a blob', 'text/x-blob'],
      untyped: ['in a blob', null],
      buffer: ['bytes', null],
      view: ['bytes', null],
      dataView: ['bytes', null],
      parameters: ['a=b+c&d=%26', 'application/x-www-form-urlencoded;charset=UTF-8'],
      empty: ['', plain],
      nothing: ['', null],
      request: ['PUT', '/echo?x', 'of a request', true],
      changed: ['PATCH', 'of init'],
    })
  }))

test('the URL is proven as it is sent', () =>
  inPage(async (page) => {
    const targets = ['/echo?', '/echo?a=%20&&b', '/echo?q="<>|{}`', '/echo/../echo?x=/../y', '/echo?e%63ho']
    const seen = await page.evaluate(async (targets) => {
      const seen = []
      for (const target of [...targets, '/echo#fragment']) seen.push((await ask(target)).said.target)
      return seen
    }, targets)
    const sent = ['/echo?', '/echo?a=%20&&b', '/echo?q=%22%3C%3E|{}`', '/echo?x=/../y', '/echo?e%63ho']
    assert.deepEqual(seen, [...sent, '/echo'])
  }))

test('a nonce is taken once and kept', async () => {
  const young = await native({ since: 0 })
  try {
    await inPage(async (page, { paths }) => {
      assert.equal((await page.evaluate(() => ask('/echo'))).status, 200)
      // the nonce, then the capability
      assert.deepEqual(paths(), ['/echo', '/echo', '/session/capability', '/echo'])
      assert.equal((await page.evaluate(() => ask('/fresh'))).status, 200)
      assert.deepEqual(paths(), ['/fresh'])
    }, young.url)
  } finally {
    await young.close()
  }
})

test('a clock that is wrong by an hour does not matter', () =>
  inPage(async (page, { paths }) => {
    await page.evaluate(() => ask('/echo'))
    paths()
    for (const hours of [1, -1]) {
      const seen = await page.evaluate(async (hours) => {
        shiftClock(hours * 3600_000)
        return [await ask('/echo', { method: 'POST', body: 'x' }), await ask('/echo')]
      }, hours)
      assert.deepEqual(seen.map(({ status }) => status), [200, 200])
    }
    // the first of all learns a nonce, which all others have
    assert.deepEqual(paths(), ['/echo', '/echo', '/echo', '/echo', '/echo'])
  }))

test('a proof that somebody else saw is of no use again', () =>
  inPage(async (page, { sent }) => {
    await page.evaluate(() => ask('/echo', { method: 'POST', body: 'once' }))
    const headers = await sent.at(-1).allHeaders()
    const { authorization, 'content-digest': digest, 'content-type': type } = headers
    const again = (body) =>
      fetch(`${server.url}/echo`, {
        method: 'POST',
        body,
        headers: { authorization, 'content-digest': digest, 'content-type': type },
      })
    const replayed = await again('once')
    assert.deepEqual([replayed.status, (await replayed.json()).code], [401, 'replayed'])
  }))

test('what is refused is said: no scope, logged out', () =>
  inPage(async (page, { paths }) => {
    const seen = await page.evaluate(async () => ({
      write: (await ask('/write', { method: 'POST' })).status,
      admin: await ask('/admin', { method: 'POST' }),
      nowhere: await ask('/nowhere'),
      out: (await ask('/session/logout', { method: 'POST' })).status,
      gone: await ask('/write', { method: 'POST' }),
    }))
    assert.deepEqual([seen.write, seen.out, seen.nowhere.status], [200, 204, 404])
    assert.deepEqual(seen.nowhere.refusal, undefined)
    assert.deepEqual(
      [seen.admin.refusal.code, seen.admin.refusal.scope, seen.admin.status],
      ['insufficient_scope', 'app://notes/admin', 403]
    )
    const { code, reason, status } = seen.gone.refusal
    assert.deepEqual([code, reason, status], ['invalid_token', 'revoked', 401])
    // none of them is tried again
    assert.deepEqual(paths().filter((path) => path === '/admin').length, 1)
  }))

test('no redirect is followed, and no cookie goes along', () =>
  inPage(async (page, { paths, sent }) => {
    const seen = await page.evaluate(async () => {
      document.cookie = 'secret=1'
      return [await ask('/elsewhere'), (await ask('/echo')).status]
    })
    assert.equal(seen[0].code, 'not_answered')
    assert.equal(seen[1], 200)
    for (const request of sent) assert.equal((await request.allHeaders()).cookie, undefined)
    assert.deepEqual(paths().slice(0, 2), ['/elsewhere', '/echo'])
  }))

test('what cannot be proven is refused, and an abort is passed on', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const headers = (name) => ({ headers: { [name]: 'x' } })
      const inits = [
        headers('authorization'),
        headers('Content-Digest'),
        headers('did-session-capability'),
        { mode: 'no-cors' },
        { redirect: 'follow' },
        { credentials: 'include' },
      ]
      const codes = []
      for (const init of inits) codes.push((await ask('/echo', init)).code)
      codes.push(await session.fetch('data:,x').catch((error) => error.code))
      codes.push((await ask('/echo', {}, { registration: 'elsewhere' })).code)
      const stopped = await ask('/echo', { signal: AbortSignal.abort() })
      const controller = new AbortController()
      const running = ask('/echo', { signal: controller.signal })
      controller.abort()
      const nobody = await session.fetch('http://127.0.0.1:1/').catch((error) => error)
      shiftClock(8 * 86400_000)
      const expired = await ask('/echo')
      return {
        codes,
        aborted: [stopped.name, (await running).name],
        nobody: [nobody.name, nobody.code],
        expired: [expired.name, expired.code],
      }
    })
    assert.deepEqual(seen.codes, Array(8).fill('invalid_option'))
    assert.deepEqual(seen.aborted, ['AbortError', 'AbortError'])
    assert.deepEqual(seen.nobody, ['TypeError', 'not_answered'])
    assert.deepEqual(seen.expired, ['DIDSessionError', 'expired'])
  }))

test('a stream goes once, where the route takes one', async (t) => {
  const behind = await secured()
  if (behind === undefined) return t.skip('no openssl is installed')
  const context = await world.browser.newContext({ ignoreHTTPSErrors: true })
  try {
    const sent = []
    const page = await open(context, world.url)
    page.on('request', (request) => {
      const isPreflight = request.method() === 'OPTIONS'
      if (request.url().startsWith(behind.url) && !isPreflight) sent.push(pathOf(request.url()))
    })
    const seen = await page.evaluate(async (url) => {
      const wallet = makeWallet()
      const options = { resources: ['app://notes/write'] }
      const session = await ours.DIDSession.get(wallet.account, await ourMethod(wallet), options)
      const stream = () =>
        new Blob(['a stream ', 'of text']).stream().pipeThrough(new TransformStream())
      const post = async (path) => {
        const headers = { 'content-type': 'text/plain' }
        const init = { method: 'POST', headers, body: stream(), duplex: 'half' }
        const response = await session.fetch(url + path, init).catch((error) => error)
        if (response instanceof Error) return [response.name, response.code ?? response.message]
        const refusal = await ours.refusalOf(response)
        return [response.status, refusal?.code ?? (await response.json()).content]
      }
      return [await post('/stream'), await post('/stream'), await post('/echo'), await post('/fresh')]
    }, behind.url)
    if (isFirefox) {
      // which sends no streams: nothing is sent at all
      assert.deepEqual(seen, Array(4).fill(['TypeError', 'no_streams']))
      assert.deepEqual(sent, [])
      return
    }
    assert.deepEqual(seen, [
      [200, 'a stream of text'],
      [200, 'a stream of text'],
      [401, 'invalid_proof'],
      [401, 'use_nonce'],
    ])
    assert.deepEqual(sent, ['/session/capability', '/stream', '/stream', '/echo', '/fresh'])
  } finally {
    await context.close()
    await behind.close()
  }
})
