// Ways to spoil a capability, a signature or a session string. Each has a name; where the answer
// follows from a rule of ours, the name stands in rules.md.

import { secp256k1 } from '@noble/curves/secp256k1'

import { plainMessage } from './peer.mjs'
import { eip55 } from './wallet.mjs'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const iso = (time) => new Date(time).toISOString()

/** The signature of a capability as 65 bytes, changed and written back. */
function signature(cacao, change) {
  const bytes = Buffer.from(cacao.s.s.slice(2), 'hex')
  cacao.s.s = `0x${Buffer.from(change(bytes) ?? bytes).toString('hex')}`
}

export function flip(bytes, random, from, to) {
  bytes[random.int(from, to)] ^= 1 << random.int(0, 8)
}

/** One character of a text replaced by another, none of the first `from`. */
export function edit(text, random, from = 0) {
  const at = random.int(from, text.length)
  const other = text[at] === 'x' ? 'y' : 'x'
  return text.slice(0, at) + other + text.slice(at + 1)
}

/** The entries of a list whose names are wanted. */
export const pickOf = (list, wanted) => Object.fromEntries(Object.entries(list).filter(([name]) => wanted(name)))

/** Signed anew by the same Ethereum wallet: the change itself is what is judged. */
export const resigner = (wallet) => (cacao) => {
  const text = plainMessage(cacao)
  const address = cacao.p.iss.split(':').at(-1)
  cacao.s.s = wallet.sign(text.replace(`\n${address}\n`, `\n${eip55(address)}\n`))
}

/** Changes `p` and lets the wallet sign the result. */
const signed = (change) => (cacao, context) => {
  const moved = change(cacao.p, context)
  context.resign(cacao)
  return moved
}

/** Changes `p` and leaves the signature as it was. */
const unsigned = (change) => (cacao, context) => change(cacao.p, context)

const withNewLine = (text) => `${text}\nURI: did:key:z6Mk`

/**
 * name → change of a copy of a valid capability. A change may return `{ at }`, the time at which
 * both sides are asked.
 */
export const CAPABILITY = {
  'nothing changed': () => {},

  // the signature
  'a bit of r flipped': (cacao, { random }) => signature(cacao, (bytes) => flip(bytes, random, 0, 32)),
  'a bit of s flipped': (cacao, { random }) => signature(cacao, (bytes) => flip(bytes, random, 32, 64)),
  'v as 0 or 1': (cacao) => signature(cacao, (bytes) => void (bytes[64] -= 27)),
  'the other v': (cacao) => signature(cacao, (bytes) => void (bytes[64] = 55 - bytes[64])),
  'v of 29': (cacao) => signature(cacao, (bytes) => void (bytes[64] = 29)),
  'the high s twin': (cacao) =>
    signature(cacao, (bytes) => {
      const s = secp256k1.CURVE.n - BigInt(`0x${bytes.subarray(32, 64).toString('hex')}`)
      bytes.write(s.toString(16).padStart(64, '0'), 32, 'hex')
      bytes[64] = 55 - bytes[64]
    }),
  'r of zero': (cacao) => signature(cacao, (bytes) => void bytes.fill(0, 0, 32)),
  's of zero': (cacao) => signature(cacao, (bytes) => void bytes.fill(0, 32, 64)),
  'a signature of 63 bytes': (cacao) => signature(cacao, (bytes) => bytes.subarray(0, 63)),
  // EIP-2098: the parity goes into the bit that a low s leaves free
  'a signature of 64 bytes': (cacao) =>
    signature(cacao, (bytes) => {
      const compact = Buffer.from(bytes.subarray(0, 64))
      if (bytes[64] === 28) compact[32] |= 0x80
      return compact
    }),
  'a signature of 66 bytes': (cacao) => signature(cacao, (bytes) => Buffer.concat([bytes, Buffer.of(0)])),
  'an empty signature': (cacao) => void (cacao.s.s = ''),
  'a signature without 0x': (cacao) => void (cacao.s.s = cacao.s.s.slice(2)),
  'a signature in upper case': (cacao) => void (cacao.s.s = `0x${cacao.s.s.slice(2).toUpperCase()}`),
  'a signature that is no hex': (cacao) => void (cacao.s.s = `0x${'zz'.repeat(65)}`),
  'the signature of another wallet': (cacao, { random }) => signature(cacao, () => random.bytes(65).fill(27, 64)),
  'no signature': (cacao) => void delete cacao.s,
  'an unknown signature type': (cacao) => void (cacao.s.t = 'eip999'),

  // the header
  'header caip122': (cacao) => void (cacao.h.t = 'caip122'),
  'header unknown': (cacao) => void (cacao.h.t = 'eip0'),
  'header without a type': (cacao) => void delete cacao.h.t,
  'no header': (cacao) => void delete cacao.h,

  // signed members, changed afterwards
  'another domain': unsigned((p, { random }) => void (p.domain = edit(p.domain, random))),
  'another statement': unsigned((p) => void (p.statement = `${p.statement ?? ''} And more.`)),
  'a statement taken away or added': unsigned((p) => {
    if (p.statement === undefined) p.statement = 'I agree.'
    else delete p.statement
  }),
  'another audience': unsigned((p, { other }) => void (p.aud = other)),
  'another nonce': unsigned((p, { random }) => void (p.nonce = edit(p.nonce, random))),
  'a later expiry': unsigned((p) => void (p.exp = iso(Date.parse(p.exp) + DAY))),
  'no expiry': unsigned((p) => void delete p.exp),
  'the expiry in another spelling': unsigned((p) => void (p.exp = p.exp.replace('Z', '+00:00'))),
  'another time of issue': unsigned((p) => void (p.iat = iso(Date.parse(p.iat) - 1000))),
  'a start added or moved': unsigned((p) => void (p.nbf = iso(Date.parse(p.nbf ?? p.iat) - 1000))),
  'a request id added or changed': unsigned((p) => void (p.requestId = `${p.requestId ?? ''}x`)),
  'a resource added': unsigned((p) => void p.resources.push('ceramic://more')),
  'a resource changed': unsigned((p, { random }) => {
    const at = random.int(0, p.resources.length)
    p.resources[at] = edit(p.resources[at], random)
  }),
  'a resource taken away': unsigned((p) => void p.resources.pop()),
  'resources in another order': unsigned((p) => void p.resources.unshift('ceramic://first')),
  'no resources': unsigned((p) => void delete p.resources),
  'another version': unsigned((p) => void (p.version = '2')),
  'an unknown member in p': unsigned((p) => void (p.extra = 'x')),
  'an empty request id added': unsigned((p) => void (p.requestId = '')),

  // the issuer
  'another account': unsigned((p, { random }) => {
    p.iss = `${p.iss.slice(0, -40)}${random.bytes(20).toString('hex')}`
  }),
  'another chain': unsigned((p) => void (p.iss = p.iss.replace(/eip155:\d+/, 'eip155:4'))),
  'another namespace': unsigned((p) => void (p.iss = p.iss.replace(/^did:pkh:\w+/, 'did:pkh:bip122'))),
  'an issuer without did:pkh': unsigned((p) => void (p.iss = p.iss.replace('did:pkh:', ''))),
  'did:pkh in the middle of the issuer': unsigned((p) => {
    p.iss = p.iss.replace(/^did:pkh:(\w+):/, '$1:did:pkh:')
  }),
  'an issuer in EIP-55 case': unsigned((p) => {
    const address = p.iss.split(':').at(-1)
    p.iss = p.iss.replace(address, eip55(address))
  }),
  'an issuer with a wrong checksum': unsigned((p) => {
    const address = p.iss.split(':').at(-1)
    const cased = [...eip55(address)]
    const at = cased.findIndex((c, index) => index > 1 && /[a-f]/i.test(c))
    cased[at] = cased[at] === cased[at].toUpperCase() ? cased[at].toLowerCase() : cased[at].toUpperCase()
    p.iss = p.iss.replace(address, cased.join(''))
  }),

  // wrong from the start, and signed as such
  'signed: expiry is no date': signed((p) => void (p.exp = 'tomorrow')),
  'signed: expiry without a zone': signed((p) => void (p.exp = p.exp.replace('Z', ''))),
  'signed: expiry on 30 February': signed((p) => void (p.exp = '2094-02-30T00:00:00.000Z')),
  'signed: expiry as a number': signed((p) => void (p.exp = Date.parse(p.exp))),
  'signed: issue is no date': signed((p) => void (p.iat = 'now')),
  'signed: start is no date': signed((p) => void (p.nbf = 'soon')),
  'signed: version 2': signed((p) => void (p.version = '2')),
  'signed: a line break in the statement': signed((p) => void (p.statement = withNewLine('I agree.'))),
  'signed: a line break in a resource': signed((p) => void p.resources.push(withNewLine('ceramic://x'))),
  'signed: a line break in the domain': signed((p) => void (p.domain = withNewLine(p.domain))),
  'signed: expiry folded into issue': signed((p) => {
    const after = Date.parse(p.exp) + 30 * DAY
    p.iat = `${p.iat}\nExpiration Time: ${p.exp}`
    delete p.exp
    return { at: after }
  }),
  'signed: a short nonce': signed((p) => void (p.nonce = 'x')),
  'signed: one resource': signed((p) => void (p.resources = ['ceramic://*'])),
  'signed: a fraction of nine digits': signed((p) => void (p.exp = p.exp.replace('Z', '123456Z'))),
  'signed: an offset': signed((p) => void (p.exp = p.exp.replace('Z', '+05:30'))),

  // times, at the edges of the skew of 300 s
  'time: at the expiry': unsigned((p) => ({ at: Date.parse(p.exp) })),
  'time: expired, at the edge of the skew': unsigned((p) => ({ at: Date.parse(p.exp) + 5 * MINUTE })),
  'time: expired, past the skew': unsigned((p) => ({ at: Date.parse(p.exp) + 5 * MINUTE + 1 })),
  'time: before issue, at the edge of the skew': unsigned((p) => ({ at: Date.parse(p.iat) - 5 * MINUTE })),
  'time: before issue, past the skew': unsigned((p) => ({ at: Date.parse(p.iat) - 5 * MINUTE - 1 })),
  'time: before the start': signed((p) => {
    const start = Date.parse(p.iat) + DAY
    p.nbf = iso(start)
    p.exp = iso(start + DAY)
    return { at: start - 5 * MINUTE - 1 }
  }),
  'time: at the start': signed((p) => {
    const start = Date.parse(p.iat) + DAY
    p.nbf = iso(start)
    p.exp = iso(start + DAY)
    return { at: start - 5 * MINUTE }
  }),
  'time: years later': unsigned((p) => ({ at: Date.parse(p.exp) + 3650 * DAY })),
}

const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** A part of a compact JWS replaced. */
const part = (index, change) => (jws, context) => {
  const parts = jws.split('.')
  parts[index] = change(parts[index], context)
  return parts.join('.')
}

const header = (change) =>
  part(0, (text, context) => {
    const value = JSON.parse(Buffer.from(text, 'base64url'))
    return encode(change(value, context) ?? value)
  })

/** Signed by the session key itself, under a header of its own. */
const signedHeader = (make) => async (_, context) => compact(await context.key.createJWS({ x: 1 }, { protected: make(context) }))

/** A JWS of the peer in compact form. */
export const compact = ({ payload, signatures: [{ protected: header, signature: sealed }] }) => `${header}.${payload}.${sealed}`

/**
 * name → change of a compact JWS under a capability; the capability stays as it is. A change may
 * return `{ jws, issuer, capability, at }`, what both sides are asked with.
 */
export const SIGNATURE = {
  'jws: nothing changed': (jws) => jws,
  'jws: another payload': part(1, () => encode({ other: true })),
  'jws: a bit of the signature flipped': part(2, (text, { random }) => {
    const bytes = Buffer.from(text, 'base64url')
    flip(bytes, random, 0, 64)
    return bytes.toString('base64url')
  }),
  'jws: a short signature': part(2, (text) => Buffer.from(text, 'base64url').subarray(0, 63).toString('base64url')),
  'jws: no signature': part(2, () => ''),
  'jws: alg none': header((value) => void (value.alg = 'none')),
  'jws: alg of another key': header((value) => void (value.alg = 'ES256')),
  'jws: kid of another key': header((value, { other }) => void (value.kid = `${other}#${other.split(':')[2]}`)),
  'jws: no kid': header((value) => void delete value.kid),
  'jws: another cap': header((value) => void (value.cap = `${value.cap.slice(0, -1)}x`)),
  'jws: cap taken away': header((value) => void delete value.cap),

  // another question about a whole JWS
  'jws: the capability of another session': (jws, { stranger }) => ({ jws, capability: stranger.cacao }),
  'jws: on behalf of another issuer': (jws, { stranger }) => ({ jws, issuer: stranger.id }),
  'jws: both of another session': (jws, { stranger }) => ({ jws, capability: stranger.cacao, issuer: stranger.id }),
  'jws: after the expiry': (jws, { session }) => ({ jws, at: Date.parse(session.cacao.p.exp) + 5 * MINUTE + 1 }),
  'jws: before the issue': (jws, { session }) => ({ jws, at: Date.parse(session.cacao.p.iat) - 5 * MINUTE - 1 }),

  // signed as such by the session key
  'signed jws: no cap': signedHeader(() => ({})),
  'signed jws: the cap of another session': signedHeader(({ otherCap }) => ({ cap: `ipfs://${otherCap}` })),
  'signed jws: a cap that is no URI': signedHeader(({ cap }) => ({ cap })),
  'signed jws: a critical extension': signedHeader(({ cap }) => ({ cap: `ipfs://${cap}`, crit: ['b64'], b64: false })),
  'signed jws: a member beside': signedHeader(({ cap }) => ({ cap: `ipfs://${cap}`, typ: 'JWT' })),
}

/** name → change of the JSON inside a session string; refused by `import`, all of them. */
export const SESSION = {
  'session: another key': (session, { random }) => void (session.sessionKeySeed = random.bytes(32).toString('base64')),
  'session: a short key': (session, { random }) => void (session.sessionKeySeed = random.bytes(31).toString('base64')),
  'session: no key': (session) => void delete session.sessionKeySeed,
  'session: no capability': (session) => void delete session.cacao,
  'session: an unsigned capability': (session) => void delete session.cacao.s,
  'session: another resource': (session) => void session.cacao.p.resources.push('ceramic://more'),
  'session: a forged signature': (session, { random }) => signature(session.cacao, (bytes) => flip(bytes, random, 0, 64)),
  'session: an unknown member': (session) => void (session.extra = true),
}

/** Every name of a list once, then random ones up to `count`. */
export function* names(list, count, random) {
  const all = Object.keys(list)
  for (const name of all) yield name
  for (let more = all.length; more < count; more++) yield random.pick(all)
}
