// The verifier for servers, in Node: the vectors of docs/http.md, what it keeps, and proofs that
// `dids` alone makes.

import assert from 'node:assert/strict'
import { webcrypto } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { EthereumNodeAuth } from '@didtools/pkh-ethereum'
import { AccountId } from 'caip'
import { DIDSession } from 'did-session'
import { ask, capabilityCar, proofFields } from '../examples/dids.mjs'
import { native } from './support/native.mjs'
import { readCapability } from './support/peer-capability.mjs'
import { PACKAGE } from './support/server.mjs'
import { localWallet } from './support/wallet.js'
import {
  createVerifier,
  MemoryCapabilities,
  MemoryChallenges,
  MemoryReplayWindow,
  nodeRequest,
  responseTo,
} from 'did-session-web/server'

globalThis.crypto ??= webcrypto

const vectors = JSON.parse(
  await readFile(join(PACKAGE, '../session-http/tests/vectors/http.json'), 'utf8')
)
const { domain, origins, cases } = vectors

/** A verifier at the time of a case, which runs for long already. */
const verifierAt = (time, more = {}) =>
  createVerifier({
    origins,
    domains: [domain],
    now: () => time,
    replayWindow: new MemoryReplayWindow({ since: time - 3600 }),
    ...more,
  })

const routeOf = ({ route }) => ({
  needsNonce: route?.needs_nonce ?? false,
  takesStreams: route?.takes_streams ?? false,
})

const noncesOf = ({ time, accepted_nonces: accepted = [] }) => ({
  issue: () => 'a-nonce',
  read: (nonce) => (accepted.includes(nonce) ? { until: time + 1, isOld: false } : undefined),
})

const codeOf = async (verdict) => {
  if (verdict.accepted) return 'accepted'
  const problem = await verdict.response.clone().json()
  assert.equal(problem.code, verdict.code)
  assert.equal(problem.status, verdict.response.status)
  return verdict.code
}

const partsOf = ({ method, target, headers, body }) => ({
  method,
  target,
  headers,
  body: body === undefined ? null : Buffer.from(body, 'base64'),
})

/** The blocks that lie in the store of a case, by CID. */
const registeredOf = ({ registered = {} }) => ({
  get: (cid) => (Object.hasOwn(registered, cid) ? Buffer.from(registered[cid], 'base64') : undefined),
  put: () => {},
})

const judged = async (vector, make, more) => {
  const capabilities = registeredOf(vector)
  const verifier = verifierAt(vector.time, { nonces: noncesOf(vector), capabilities, ...more })
  let verdict
  for (let times = vector.replayed === true ? 2 : 1; times > 0; times -= 1) {
    verdict = await verifier.verify(make(vector.request), routeOf(vector))
  }
  return codeOf(verdict)
}

test('every vector has its verdict and its code', async () => {
  assert.ok(cases.length >= 110)
  const wrong = []
  for (const vector of cases) {
    const code = await judged(vector, partsOf)
    if (code !== vector.verdict) wrong.push(`${vector.name}: ${code}, not ${vector.verdict}`)
  }
  assert.deepEqual(wrong, [])
})

test('so it has without wasm, where the packages of the peer judge capabilities', async () => {
  const wrong = []
  for (const vector of cases) {
    const code = await judged(vector, partsOf, { readCapability })
    if (code !== vector.verdict) wrong.push(`${vector.name}: ${code}, not ${vector.verdict}`)
  }
  assert.deepEqual(wrong, [])
})

/** The platform's `Request` joins fields that stand twice, and normalises URLs. */
const platform = ({ method, target, headers, body }) => {
  const host = headers.find(([name]) => name === 'host')?.[1]
  const content = Buffer.from(body ?? '', 'base64')
  const request = new Request(`https://${host}${target}`, {
    method,
    headers,
    body: content.length === 0 || method === 'GET' ? undefined : content,
  })
  return request
}

test('a Request of the platform has the same verdict, wherever it holds the request', async () => {
  const [wrong, joined] = [[], ['two types']]
  let accepted = 0
  for (const vector of cases) {
    const { name, request, verdict } = vector
    const { headers, target } = request
    const host = headers.filter(([name]) => name === 'host')
    if (host.length !== 1 || !target.startsWith('/')) continue
    if (new URL(`https://${host[0][1]}${target}`).href !== `https://${host[0][1]}${target}`) {
      continue
    }
    const code = await judged(vector, platform)
    accepted += code === 'accepted' ? 1 : 0
    const isSame = code === verdict || (joined.includes(name) && code === 'invalid_proof')
    if (!isSame) wrong.push(`${name}: ${code}, not ${verdict}`)
  }
  assert.deepEqual(wrong, [])
  assert.ok(accepted >= 10)
})

test('a capability that lasts longer than the server lets it is refused', async () => {
  const [vector] = cases
  assert.equal(await judged(vector, partsOf, { maxLifetime: 3600 }), 'accepted')
  assert.equal(await judged(vector, partsOf, { maxLifetime: 3599 }), 'invalid_token')
  assert.throws(() => verifierAt(0, { maxLifetime: 'long' }), { code: 'invalid_option' })
})

test('a store of capabilities that gives no bytes closes the door', async () => {
  const vector = cases.find(({ name }) => name === 'a capability that was registered')
  for (const block of ['text', 7, {}]) {
    const capabilities = { get: () => block, put: () => {} }
    assert.equal(await judged(vector, partsOf, { capabilities }), 'unavailable')
  }
})

test('who is accepted is named, and what is not granted is refused', async () => {
  const vector = cases.find(({ name }) => name === 'a request with content')
  const verify = (route) => verifierAt(vector.time).verify(partsOf(vector.request), route)
  const { caller, content, headers } = await verify()
  assert.deepEqual([caller.issuer, caller.domain], [vectors.issuer, domain])
  assert.match(caller.identity, /^bafyrei/)
  assert.ok(caller.issuedAt <= vector.time && vector.time <= caller.expiresAt)
  assert.equal(content.length, Buffer.from(vector.request.body, 'base64').length)
  assert.equal([...headers].length, 0)
  const [granted] = caller.resources
  assert.equal((await verify({ requires: [granted] })).accepted, true)
  const refused = await verify({ requires: [granted, 'app://more'] })
  assert.equal(refused.code, 'insufficient_scope')
  assert.match(refused.response.headers.get('www-authenticate'), /scope="app:\/\/more"/)
  const late = cases.find(({ name }) => name === 'judged 60 seconds after it was made')
  const old = await verifierAt(late.time).verify(partsOf(late.request), { maxAge: 30 })
  assert.equal(old.code, 'insufficient_user_authentication')
  assert.match(old.response.headers.get('www-authenticate'), /max_age="30"/)
  assert.throws(() => caller.require('app://more'), (error) => responseTo(error).status === 403)
  assert.equal(responseTo(new Error('another')), undefined)
})

test('what is revoked is refused, and a store that fails closes the door', async () => {
  const vector = cases.find(({ name }) => name === 'a request with content')
  const verify = async (more) => verifierAt(vector.time, more).verify(partsOf(vector.request))
  const seen = []
  const revoked = await verify({ isRevoked: (capability) => seen.push(capability.identity) > 0 })
  assert.deepEqual([revoked.code, revoked.reason], ['invalid_token', 'revoked'])
  assert.equal(seen.length, 1)
  const fails = () => Promise.reject(new Error('away'))
  const capable = { get: fails, put: fails }
  const without = cases.find(({ name }) => name === 'a capability that is not known')
  const unknown = await verifierAt(without.time, { capabilities: capable }).verify(partsOf(without.request))
  const window = { remember: fails }
  for (const verdict of [unknown, await verify({ isRevoked: fails }), await verify({ replayWindow: window })]) {
    assert.deepEqual([verdict.code, verdict.response.status], ['unavailable', 503])
    assert.equal(verdict.response.headers.get('retry-after'), '1')
  }
  // revoked while the content arrived
  let asked = 0
  const late = await verify({ isRevoked: () => (asked += 1) > 1 })
  assert.deepEqual([late.code, late.reason, asked], ['invalid_token', 'revoked', 2])
})

test('content that is too long, too slow or broken off is refused', async () => {
  const vector = cases.find(({ name }) => name === 'a request with content')
  const parts = partsOf(vector.request)
  const verify = async (body, route) => verifierAt(vector.time).verify({ ...parts, body }, route)
  assert.equal((await verify(parts.body, { maxBytes: 3 })).code, 'content_too_large')
  const never = new ReadableStream({})
  assert.equal((await verify(never, { maxSeconds: 0.05 })).code, 'content_timeout')
  const broken = new ReadableStream({ start: (controller) => controller.error(new Error('x')) })
  assert.equal((await verify(broken)).code, 'invalid_request')
  async function* pieces() {
    for (const byte of parts.body) yield Uint8Array.of(byte)
  }
  assert.equal((await verify(pieces())).accepted, true)
})

test('a memory is bounded, forgets nothing early, and says when it cannot know', () => {
  const window = new MemoryReplayWindow({ capacity: 2, since: 0 })
  assert.equal(window.remember('a', 70, 10), 'first')
  assert.equal(window.remember('a', 70, 10), 'again')
  assert.equal(window.remember('b', 71, 10), 'first')
  assert.throws(() => window.remember('c', 71, 70.9), { code: 'full' })
  assert.equal(window.remember('a', 70, 70.9), 'again')
  assert.equal(window.remember('c', 100, 71), 'first')
  assert.equal(window.size, 2)
  // a clock that was set back
  assert.equal(window.remember('a', 70, 10), 'too_old')
  const challenges = new MemoryChallenges({ capacity: 1 })
  assert.equal(challenges.consume('c', 'one', 70, 10), 'now')
  assert.equal(challenges.consume('c', 'one', 70, 10), 'by_the_same')
  assert.equal(challenges.consume('c', 'two', 70, 10), 'by_another')
  assert.throws(() => challenges.consume('d', 'one', 70, 10), { code: 'full' })
  assert.equal(challenges.consume('d', 'one', 99, 71), 'now')
  assert.equal(challenges.consume('c', 'two', 70, 10), 'by_another')
  const capabilities = new MemoryCapabilities({ capacity: 2 })
  for (const cid of ['a', 'b']) capabilities.put(cid, Uint8Array.of(1))
  capabilities.get('a')
  capabilities.put('c', Uint8Array.of(1))
  assert.deepEqual(['a', 'b', 'c'].map((cid) => capabilities.get(cid) !== undefined), [true, false, true])
})

test('nonces and challenges are those of the Rust crates', async () => {
  const secret = new Uint8Array(32).fill(1)
  const { createNonces } = await import('../dist/server-mac.js')
  const nonces = createNonces(secret, undefined)
  // the slot is 1,700,000,010 to 1,700,000,039
  const nonce = await nonces.issue('https://a.example', 1_700_000_010)
  assert.equal(nonce, NONCE)
  const read = (now, origin = 'https://a.example') => nonces.read(nonce, origin, now)
  assert.deepEqual(await read(1_700_000_010), { until: 1_700_000_100, isOld: false })
  assert.deepEqual(await read(1_700_000_099), { until: 1_700_000_100, isOld: true })
  assert.equal(await read(1_700_000_100), undefined)
  assert.equal(await read(1_700_000_009), undefined)
  assert.equal(await read(1_700_000_010, 'https://b.example'), undefined)
})

// by `Nonces::issue` of session-http, for this secret, origin and time
const NONCE = 'wyYAIu_xGYUi1yNfelHKlQ'

test('what a verifier cannot be made of is refused', () => {
  for (const options of [
    undefined,
    { origins: [], domains: ['a'] },
    { origins: ['https://a.example/'], domains: ['a'] },
    { origins: ['https://A.example'], domains: ['a'] },
    { origins: ['ftp://a.example'], domains: ['a'] },
    { origins: ['https://a.example'] },
    { origins: ['https://a.example'], domains: [] },
    { origins: ['https://a.example'], domains: ['a'], secret: new Uint8Array(31) },
  ]) {
    assert.throws(() => createVerifier(options), { code: 'invalid_option' })
  }
})

test('a clock that tells no time lets nobody in', async () => {
  const [vector] = cases
  let time = vector.time
  const verifier = verifierAt(vector.time, { now: () => time })
  time = Number.NaN
  await assert.rejects(verifier.verify(partsOf(vector.request)), { code: 'invalid_option' })
})

test('keys and signatures that could be of anybody are refused', async () => {
  const { createKeys } = await import('../dist/server-keys.js')
  const { base58btc } = await import('multiformats/bases/base58')
  const verify = createKeys()
  const did = (...bytes) => `did:key:${base58btc.encode(Uint8Array.from(bytes))}`
  const point = (y, sign = 0) => {
    const bytes = []
    for (let rest = y; bytes.length < 32; rest >>= 8n) bytes.push(Number(rest & 255n))
    bytes[31] |= sign << 7
    return bytes
  }
  const q = 2n ** 255n - 19n
  const eighth = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n
  // they are what they are called: eight times the point is nothing
  const { ed25519 } = await import('@noble/curves/ed25519')
  for (const y of [0n, 1n, q - 1n, eighth, q - eighth]) {
    const hex = Buffer.from(point(y)).toString('hex')
    assert.ok(ed25519.ExtendedPoint.fromHex(hex).isSmallOrder())
    const weak = did(0xed, 1, ...point(y))
    // for such a key R = S·B - h·A comes out by chance
    for (let n = 0; n < 16; n += 1) {
      const signature = Uint8Array.from([...point(1n), ...new Uint8Array(32)])
      assert.equal(await verify(weak, 'EdDSA', Uint8Array.of(n), signature), false)
    }
  }
  assert.equal(await verify(did(0xed, 1, ...point(q + 1n)), 'EdDSA', Uint8Array.of(), new Uint8Array(64)), false)
  // not on the curve, and of another kind
  assert.equal(await verify(did(0x80, 0x24, 2, ...point(5n)), 'ES256', Uint8Array.of(), new Uint8Array(64)), false)
  assert.equal(await verify(did(0xe7, 1, 2, ...point(5n)), 'ES256', Uint8Array.of(), new Uint8Array(64)), false)
})

/** A session that the peer made in Node, without a page. */
const peerSession = async (domain) => {
  const wallet = localWallet(crypto.getRandomValues(new Uint8Array(32)))
  const provider = {
    async request({ method, params }) {
      return method === 'eth_chainId' ? '0x1' : wallet.sign(params[0])
    },
  }
  const account = new AccountId(`eip155:1:${wallet.address}`)
  const method = await EthereumNodeAuth.getAuthMethod(provider, account, domain)
  return DIDSession.authorize(method, { resources: ['app://notes/write'], domain })
}

const freePort = async () => {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

const posted = (url) => ({
  method: 'POST',
  url,
  content: Buffer.from('hello'),
  contentType: 'text/plain',
})

test('what `dids` alone proves, the verifier takes, with a nonce and without', async () => {
  const session = await peerSession('notes.example.com')
  const origin = `http://127.0.0.1:${await freePort()}`
  const options = { origins: [origin], domains: ['notes.example.com'] }
  const port = Number(origin.split(':').at(-1))
  // a server that begins now takes proofs with a nonce alone
  for (const since of [Date.now() / 1000 - 3600, Date.now() / 1000]) {
    const verifier = createVerifier({ ...options, replayWindow: new MemoryReplayWindow({ since }) })
    const server = createServer(async (request, response) => {
      const verdict = await verifier.verify(nodeRequest(request))
      const { headers } = verdict.accepted ? verdict : verdict.response
      response.writeHead(verdict.accepted ? 200 : verdict.response.status, Object.fromEntries(headers))
      response.end(verdict.accepted ? `${verdict.caller.issuer} ${Buffer.from(verdict.content)}` : verdict.code)
    })
    await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
    try {
      const response = await ask(session.did, posted(`${origin}/notes?x=1`))
      assert.equal(await response.text(), `${session.id} hello`)
    } finally {
      server.close()
      server.closeAllConnections()
    }
  }
})

test('a login by a challenge, and a registration', async () => {
  const window = new MemoryReplayWindow({ since: Date.now() / 1000 - 3600 })
  const origin = 'https://notes.example.com'
  const verifier = createVerifier({
    origins: [origin],
    domains: [domain],
    replayWindow: window,
  })
  const session = await peerSession(domain)
  const post = async (path) => {
    const content = await capabilityCar(session.did)
    const contentType = 'application/vnd.ipld.car'
    const url = `${origin}${path}`
    const headers = await proofFields(session.did, { method: 'POST', url, content, contentType })
    return new Request(url, { method: 'POST', headers, body: content })
  }
  const get = async () => {
    const url = `${origin}/notes`
    return new Request(url, { headers: await proofFields(session.did, { method: 'GET', url }) })
  }
  assert.equal((await verifier.verify(await get())).code, 'capability_required')
  const refused = await verifier.logIn(await post('/session/login'))
  assert.deepEqual([refused.code, refused.reason], ['invalid_token', 'challenge_mismatch'])
  // a proof is remembered once the capability holds, which is the content here
  assert.equal(window.size, 0)
  const registered = await verifier.register(await post('/session/capability'))
  const answer = await registered.response.json()
  assert.deepEqual(Object.keys(answer), ['issuer', 'identity', 'expires_at'])
  assert.equal(answer.issuer, session.id)
  assert.equal((await verifier.verify(await get())).accepted, true)
  const { challenge, expires_at } = await verifier.challenge(session.did.id)
  assert.match(challenge, /^[a-z2-7]{56}$/)
  assert.ok(expires_at > Date.now() / 1000)
})

test('what `dids` alone proves, the server of the Rust crates takes', async () => {
  const session = await peerSession('notes.example.com')
  for (const since of [3600, 0]) {
    const server = await native({ domain: 'notes.example.com', since })
    try {
      const response = await ask(session.did, posted(`${server.url}/echo?x=1`))
      const { issuer, content, target } = await response.json()
      assert.deepEqual([issuer, content, target], [session.id, 'hello', '/echo?x=1'])
    } finally {
      await server.close()
    }
  }
})
