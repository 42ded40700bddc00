// Judges the vectors of docs/http.md from its text, with `jose`, `dids`, `@didtools/cacao` and
// Node, and none of our code: `node http.mjs FILE` prints one line of JSON.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Cacao } from '@didtools/cacao'
import { getEIP191Verifier } from '@didtools/pkh-ethereum'
import * as dagCbor from '@ipld/dag-cbor'
import { p256 } from '@noble/curves/p256'
import { DID } from 'dids'
import { compactVerify, importJWK } from 'jose'
import * as KeyResolver from 'key-did-resolver'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'

class Refused extends Error {}
const refuse = (code) => { throw new Refused(code) }
const demand = (holds, code) => { if (!holds) refuse(code) }
const base64url = (bytes) => Buffer.from(bytes).toString('base64url')

/** Base64url in its one spelling. */
function decode(text) {
  const bytes = Buffer.from(text, 'base64url')
  demand(/^[A-Za-z0-9_-]+$/.test(text) && base64url(bytes) === text, 'invalid_proof')
  return bytes
}

/** An object with these members, each once, its texts without escapes. */
function object(bytes, required, optional = []) {
  const text = bytes.toString('utf8')
  let value
  try { value = JSON.parse(text) } catch { refuse('invalid_proof') }
  demand(value !== null && typeof value === 'object' && !Array.isArray(value), 'invalid_proof')
  const names = Object.keys(value)
  demand(required.every((name) => names.includes(name)), 'invalid_proof')
  demand(names.every((name) => required.includes(name) || optional.includes(name)), 'invalid_proof')
  demand(text.startsWith('{') && text.endsWith('}'), 'invalid_proof')
  // no member stands twice: each member has one colon behind its name
  const members = [...text.matchAll(/"([^"\\]*)"\s*:/g)].map((match) => match[1])
  demand(members.length === names.length && !text.includes('\\'), 'invalid_proof')
  return { value, text }
}

function publicKey(did) {
  const bytes = base58btc.decode(did.slice('did:key:'.length))
  if (bytes[0] === 0xed && bytes[1] === 0x01) {
    return { alg: ['EdDSA', 'Ed25519'], jwk: { kty: 'OKP', crv: 'Ed25519', x: base64url(bytes.subarray(2)) } }
  }
  demand(bytes[0] === 0x80 && bytes[1] === 0x24, 'invalid_proof')
  const point = p256.ProjectivePoint.fromHex(bytes.subarray(2)).toRawBytes(false)
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map(base64url)
  return { alg: ['ES256'], jwk: { kty: 'EC', crv: 'P-256', x, y } }
}

function readProof(text) {
  demand(text.length <= 1024, 'invalid_proof')
  const parts = text.split('.')
  demand(parts.length === 3, 'invalid_proof')
  const [header, claims, signature] = parts.map(decode)
  demand(signature.length === 64, 'invalid_proof')
  const { value: h } = object(header, ['alg', 'cap', 'kid', 'typ'])
  demand(h.typ === 'did-session-proof+jwt', 'invalid_proof')
  const [did, fragment, more] = String(h.kid).split('#')
  demand(/^did:key:z[1-9A-HJ-NP-Za-km-z]+$/.test(did) && more === undefined, 'invalid_proof')
  demand(fragment === undefined || `did:key:${fragment}` === did, 'invalid_proof')
  const { alg, jwk } = publicKey(did)
  demand(alg.includes(h.alg), 'invalid_proof')
  const cap = String(h.cap).replace(/^ipfs:\/\//, '')
  try { demand(CID.parse(cap).toString() === cap && cap.startsWith('bafyrei'), 'invalid_proof') } catch { refuse('invalid_proof') }
  const { value: c, text: written } = object(claims, ['htd', 'iat', 'jti'], ['nonce'])
  demand(Number.isSafeInteger(c.iat) && /"iat"\s*:\s*[0-9]+\s*[,}]/.test(written), 'invalid_proof')
  demand(typeof c.jti === 'string' && /^[A-Za-z0-9_-]{16,64}$/.test(c.jti), 'invalid_proof')
  demand(c.nonce === undefined || (typeof c.nonce === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(c.nonce)), 'invalid_proof')
  demand(typeof c.htd === 'string' && decode(c.htd).length === 32, 'invalid_proof')
  return { ...h, ...c, cap, did, jwk, text }
}

function fields(request, name) {
  return request.headers.filter(([key]) => key === name).map(([, value]) => value)
}

function only(request, name) {
  const values = fields(request, name)
  demand(values.length <= 1, 'invalid_request')
  return values[0]
}

/** One file with a header and one block: varint-prefixed parts. */
async function readCar(text) {
  const bytes = Buffer.from(text, 'base64url')
  let at = 0
  const part = () => {
    let length = 0
    for (let shift = 0; ; shift += 7) {
      demand(at < bytes.length, 'invalid_request')
      const byte = bytes[at++]
      length |= (byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    at += length
    return bytes.subarray(at - length, at)
  }
  const header = dagCbor.decode(part())
  const entry = part()
  const [cid, block] = [CID.decode(entry.subarray(0, 36)), entry.subarray(36)]
  demand(header.version === 1 && header.roots.length === 1, 'invalid_request')
  demand(header.roots[0].equals(cid), 'invalid_request')
  const hash = await sha256.digest(block)
  demand(Buffer.from(hash.bytes).equals(Buffer.from(cid.multihash.bytes)), 'invalid_request')
  return { cid, cacao: dagCbor.decode(block) }
}

/** A block from the server's store: its hash is looked at before it is read. */
async function readRegistered(test, cap) {
  demand(Object.hasOwn(test.registered ?? {}, cap), 'capability_required')
  const block = Buffer.from(test.registered[cap], 'base64')
  const cid = CID.createV1(dagCbor.code, await sha256.digest(block))
  demand(cid.toString() === cap, 'capability_required')
  try {
    return { cid, cacao: dagCbor.decode(block) }
  } catch {
    return refuse('invalid_token')
  }
}

/** Authority, path and query of a target in origin or absolute form; a fragment is no part of it. */
function readTarget(text) {
  const whole = text.replace(/#.*$/s, '')
  const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?]*)(.*)$/s.exec(whole)
  if (absolute === null) return { target: whole }
  return { authority: absolute[1], target: absolute[2] === '' ? '/' : absolute[2] }
}

async function judge(file, test, used) {
  const { request, time } = test
  const route = test.route ?? {}
  demand(fields(request, 'early-data').length === 0, 'too_early')
  const authorization = only(request, 'authorization')
  demand(authorization !== undefined, 'no_credentials')
  const space = authorization.indexOf(' ')
  const scheme = space < 0 ? authorization : authorization.slice(0, space)
  demand(scheme.toLowerCase() === 'didsession', 'no_credentials')
  const overrides = ['x-http-method-override', 'x-http-method', 'x-method-override']
  demand(overrides.every((name) => fields(request, name).length === 0), 'invalid_request')
  const { authority, target } = readTarget(request.target)
  demand(/^[/?]/.test(target) && target.length <= 8192, 'invalid_request')
  const host = only(request, 'host')
  demand(host === undefined || authority === undefined || host === authority, 'invalid_request')
  const origin = file.origins.find((origin) => origin.split('://')[1] === (authority ?? host))
  demand(origin !== undefined, 'invalid_request')
  const digest = only(request, 'content-digest')
  demand(digest === undefined || /^sha-256=:[A-Za-z0-9+/]{43}=:$/.test(digest), 'invalid_request')
  const type = only(request, 'content-type')
  const inline = only(request, 'did-session-capability')
  const proof = readProof(space < 0 ? '' : authorization.slice(space + 1))

  if (proof.nonce === undefined) {
    demand(!route.needs_nonce, 'use_nonce')
    demand(time <= proof.iat + 60 && proof.iat <= time + 5, 'use_nonce')
  } else {
    demand((test.accepted_nonces ?? []).includes(proof.nonce), 'use_nonce')
  }

  const { cid, cacao } = inline === undefined ? await readRegistered(test, proof.cap)
    : await readCar(inline).catch(() => refuse('invalid_request'))
  demand(cid.toString() === proof.cap, 'invalid_request')
  demand(cacao.p.aud === proof.did, 'invalid_token')

  const covers = (content) => {
    const path = target.startsWith('/') ? target : `/${target}`
    const lines = [`"@method": ${request.method}`, `"@target-uri": ${origin}${path}`]
    if (content !== undefined) {
      lines.push(`"content-digest": ${content}`)
      if (type !== undefined) lines.push(`"content-type": ${type}`)
    }
    return createHash('sha256').update(lines.join('\n')).digest('base64url') === proof.htd
  }
  const is = digest !== undefined ? covers(digest) && 'digest'
    : covers(undefined) ? 'nothing' : route.takes_streams === true && covers('*') && 'stream'
  demand(is, 'invalid_proof')
  try {
    await compactVerify(proof.text, await importJWK(proof.jwk, proof.alg))
  } catch {
    refuse('invalid_proof')
  }

  demand(cacao.p.domain === file.domain, 'invalid_token')
  demand(cacao.p.exp !== undefined, 'invalid_token')
  const at = new Date(time * 1000)
  try {
    await Cacao.verify(cacao, { verifiers: getEIP191Verifier(), atTime: at, expPhaseOutSecs: 0 })
  } catch {
    refuse('invalid_token')
  }
  demand(!used.has(`${proof.did} ${proof.jti}`), 'replayed')
  used.add(`${proof.did} ${proof.jti}`)

  const body = Buffer.from(request.body, 'base64')
  if (is === 'digest') {
    const found = createHash('sha256').update(body).digest('base64')
    demand(digest === `sha-256=:${found}:`, 'invalid_proof')
  }
  demand(is !== 'nothing' || body.length === 0, 'invalid_proof')
  return proof
}

const file = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const peer = new DID({ resolver: KeyResolver.getResolver() })
const started = Date.now()
const failures = []
let [passed, byPeer] = [0, 0]
for (const test of file.cases) {
  const used = new Set()
  let verdict
  for (let times = test.replayed === true ? 2 : 1; times > 0; times -= 1) {
    try {
      const proof = await judge(file, test, used)
      verdict = 'accepted'
      // the peer verifies the very line
      const verified = await peer.verifyJWS(proof.text)
      if (!verified.kid.startsWith(proof.did)) failures.push(`${test.name}: the peer found ${verified.kid}`)
      byPeer += 1
    } catch (error) {
      verdict = error instanceof Refused ? error.message : `${error}`
    }
  }
  if (verdict === test.verdict) passed += 1
  else failures.push(`${test.name}: ${verdict}, expected ${test.verdict}`)
}
const seconds = (Date.now() - started) / 1000
const note = `${byPeer} of them verified by dids`
console.log(JSON.stringify({ check: 'http vectors', passed, failures, note, seconds }))
process.exitCode = failures.length === 0 ? 0 : 1
