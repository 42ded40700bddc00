// What is hostile at the entries for servers and for `dids`, in Node: as in hostile.test.mjs.

import assert from 'node:assert/strict'
import { webcrypto } from 'node:crypto'
import { after, test } from 'node:test'
import * as ours from 'did-session-web/dids'
import {
  createVerifier, MemoryCapabilities, MemoryChallenges, MemoryReplayWindow, nodeRequest, responseTo,
} from 'did-session-web/server'
import { attack, hostiles, randomOf } from './page/hostile.js'
import { DOMAIN, RESOURCES, wallet } from './support/node.mjs'

globalThis.crypto ??= webcrypto

/** All of it takes half a minute; each run takes another part. */
const SHARE = Number(process.env.DID_SESSION_HOSTILE_SHARE ?? 0.3)

const SEED = Number(process.env.DID_SESSION_HOSTILE_SEED ?? Math.floor(Math.random() * 2 ** 32))

const unhandled = []
const hear = (reason) => unhandled.push(String(reason?.stack ?? reason?.message ?? typeof reason))
process.on('unhandledRejection', hear)
after(() => process.off('unhandledRejection', hear))

const ORIGIN = 'https://api.app.example'

/** A request that proves its session, in parts. */
const requestsOf = (session) => {
  const sent = []
  const kept = globalThis.fetch
  return {
    async of(method, body) {
      let request
      globalThis.fetch = async (url, init) => {
        request = { url, init }
        return new Response('', { status: 200 })
      }
      try {
        await session.fetch(`${ORIGIN}/notes`, { method, body })
      } finally {
        globalThis.fetch = kept
      }
      sent.push(request)
      const { headers } = request.init
      return {
        method,
        target: '/notes',
        headers: [['host', 'api.app.example'], ...headers],
        body: body === undefined ? null : new TextEncoder().encode(body),
      }
    },
  }
}

test('hostile values at the verifier for servers', async (context) => {
  context.diagnostic(`DID_SESSION_HOSTILE_SEED=${SEED}`)
  const owner = wallet()
  const method = await ours.EthereumWebAuth.getAuthMethod(owner, owner.account)
  const session = await ours.DIDSession.authorize(method, { resources: RESOURCES, domain: DOMAIN })
  const proven = await requestsOf(session).of('POST', 'hello')
  const options = () => ({
    origins: [ORIGIN],
    domains: [DOMAIN],
    replayWindow: new MemoryReplayWindow({ since: Date.now() / 1000 - 3600 }),
  })
  const verifier = createVerifier(options())
  const parts = () => ({ ...proven, headers: [...proven.headers] })
  const PARTS = ['method', 'target', 'authority', 'headers', 'headers.0', 'headers.2', 'body']
  const HOOKS = ['replayWindow', 'challenges', 'capabilities', 'isRevoked', 'readCapability', 'covers', 'nonces', 'now']
  // what a server's own parts do is the server's; that they are functions is looked at
  const entries = [
    { name: 'createVerifier', call: createVerifier, args: [options], members: { 0: ['origins', 'domains', 'secret', 'now', 'other', ...HOOKS] } },
    { name: 'verify', call: (...given) => verifier.verify(...given), args: [parts, () => ({ maxSeconds: 0.5 })], members: { 0: PARTS, 1: ['needsNonce', 'takesStreams', 'requires', 'maxAge', 'maxBytes', 'maxSeconds'] } },
    { name: 'register', call: (request) => verifier.register(request), args: [parts], members: { 0: PARTS } },
    { name: 'logIn', call: (request) => verifier.logIn(request), args: [parts], members: { 0: PARTS } },
    { name: 'challenge', call: (...given) => verifier.challenge(...given), args: [() => session.did.id, () => DOMAIN] },
    { name: 'nodeRequest', call: nodeRequest, args: [() => ({ method: 'GET', url: '/', headers: {}, rawHeaders: ['a', 'b'] })], members: { 0: ['method', 'url', 'headers', 'rawHeaders'] } },
    { name: 'responseTo', call: responseTo, args: [() => new Error()] },
    { name: 'MemoryReplayWindow', call: (given) => new MemoryReplayWindow(given), args: [() => ({})], members: { 0: ['capacity', 'since'] } },
    { name: 'MemoryChallenges', call: (given) => new MemoryChallenges(given), args: [() => ({})], members: { 0: ['capacity'] } },
    { name: 'MemoryCapabilities', call: (given) => new MemoryCapabilities(given), args: [() => ({})], members: { 0: ['capacity'] } },
  ]
  const { calls, wrong, slow } = await attack(entries, hostiles(), randomOf(SEED), SHARE)
  assert.deepEqual(wrong.slice(0, 60), [], `${wrong.length} of ${calls}; ${JSON.stringify(slow)}`)
  assert.ok(calls > 1000, `${calls}`)
  const { code } = await verifier.verify(await requestsOf(session).of('GET'))
  assert.equal(code, 'capability_required', 'it works as before')
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.deepEqual(unhandled, [])
})

test('hostile values at the entry for dids', async (context) => {
  context.diagnostic(`DID_SESSION_HOSTILE_SEED=${SEED}`)
  const owner = wallet()
  const method = await ours.EthereumWebAuth.getAuthMethod(owner, owner.account)
  const session = await ours.DIDSession.authorize(method, { resources: RESOURCES, domain: DOMAIN })
  const key = await ours.createDIDKey()
  const seed = new Uint8Array(32)
  const cacao = () => structuredClone(session.cacao)
  const jws = await session.did.createJWS({ a: 1 })
  const CACAO = ['h', 'p', 's', 'p.aud', 'p.iss', 's.s', 's.t']
  const entries = [
    { name: 'createDIDKey', call: ours.createDIDKey, args: [() => seed] },
    { name: 'createDIDCacao', call: ours.createDIDCacao, args: [() => key, cacao], members: { 1: CACAO } },
    { name: 'initDID', call: ours.DIDSession.initDID, args: [() => key, cacao], members: { 1: CACAO } },
    { name: 'new DIDSession', call: (given) => new ours.DIDSession(given), args: [() => ({ cacao: cacao(), keySeed: seed })], members: { 0: ['cacao', 'keySeed', 'did'] } },
    { name: 'withCapability', call: (given) => session.did.withCapability(given), args: [cacao], members: { 0: CACAO } },
    { name: 'createJWS', call: (...given) => session.did.createJWS(...given), args: [() => ({ a: 1 }), () => ({})], members: { 0: ['a'], 1: ['protected'] } },
    { name: 'verifyJWS', call: (...given) => session.did.verifyJWS(...given), args: [() => structuredClone(jws), () => ({ capability: cacao() })], members: { 0: ['payload', 'signatures', 'link'], 1: ['issuer', 'capability', 'atTime', 'disableTimecheck'] } },
    { name: 'provider.send', call: (given) => session.provider.send(given), args: [() => ({ id: 1, method: 'did_decryptJWE', params: {} })], members: { 0: ['method', 'params', 'params.jwe'] } },
  ]
  const { calls, wrong, slow } = await attack(entries, hostiles(), randomOf(SEED), SHARE)
  assert.deepEqual(wrong.slice(0, 60), [], `${wrong.length} of ${calls}; ${JSON.stringify(slow)}`)
  const { payload } = await session.did.verifyJWS(await session.did.createJWS({ b: 1 }))
  assert.deepEqual(payload, { b: 1 }, 'it works as before')
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.deepEqual(unhandled, [])
})
