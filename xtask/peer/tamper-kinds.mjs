// Ways to spoil a capability of the chains beside Ethereum or of a passkey. What is no matter of
// the chain comes from tamper.mjs.

import { p256 } from '@noble/curves/p256'
import { secp256k1 } from '@noble/curves/secp256k1'
import { ed25519 } from '@noble/curves/ed25519'
import { decode, encode } from '@ipld/dag-cbor'

import * as b58 from './base58check.mjs'
import { TEST_NETWORK } from './chains.mjs'
import { challengeOf } from './passkey.mjs'
import { CAPABILITY, edit, flip, pickOf } from './tamper.mjs'

const COMMON = pickOf(CAPABILITY, (name) => !/signature|\bv\b|[rs] of zero|bit of|high s|EIP|checksum|caip122|another chain|another account/.test(name) || name === 'no signature')

/** Of a passkey nothing is shown: what only the text cares for is left out. */
const OF_PASSKEYS = pickOf(COMMON, (name) => !/line break|folded|namespace|did:pkh/.test(name))

/** The signature as bytes, changed and written back. */
const bytesOf = (read, write) => (change) => (cacao, context) => {
  const bytes = Buffer.from(read(cacao.s.s))
  cacao.s.s = write(Buffer.from(change(bytes, context) ?? bytes), cacao.s.s)
}

const LENGTHS = {
  'a signature of 63 bytes': (bytes) => bytes.subarray(0, 63),
  'a longer signature': (bytes) => Buffer.concat([bytes, Buffer.of(0)]),
  'a bit of r flipped': (bytes, { random }) => flip(bytes, random, 0, 32),
  'a bit of s flipped': (bytes, { random }) => flip(bytes, random, 32, 64),
  'r of zero': (bytes) => void bytes.fill(0, 0, 32),
  's of zero': (bytes) => void bytes.fill(0, 32, 64),
  'a signature by nobody': (bytes, { random }) => Buffer.concat([random.bytes(64), bytes.subarray(64)]),
}

/** s + L names the same scalar. */
function addOrder(bytes) {
  const s = BigInt(`0x${Buffer.from(bytes.subarray(32, 64)).reverse().toString('hex')}`) + ed25519.CURVE.n
  Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse().copy(bytes, 32)
}

/** The neutral point as a key, and a signature that fits it and any text. */
const NEUTRAL = Buffer.from('01'.padEnd(64, '0'), 'hex')
const FITS_ALL = Buffer.from('01'.padEnd(128, '0'), 'hex')

const address = (change) => (cacao, context) => {
  const parts = cacao.p.iss.split(':')
  parts.push(change(parts.pop(), context))
  cacao.p.iss = parts.join(':')
}

const TYPES = {
  'an empty signature': (cacao) => void (cacao.s.s = ''),
  'an unknown signature type': (cacao) => void (cacao.s.t = 'eip999'),
  'header eip4361': (cacao) => void (cacao.h.t = 'eip4361'),
  'the signature type of another chain': (cacao) => void (cacao.s.t = cacao.s.t === 'solana:ed25519' ? 'tezos:ed25519' : 'solana:ed25519'),
}

const inSolana = bytesOf(b58.unbase58, b58.base58)
const SOLANA = {
  ...Object.fromEntries(Object.entries(LENGTHS).map(([name, change]) => [name, inSolana(change)])),
  's plus the order': inSolana(addOrder),
  'the signature in hex': (cacao) => void (cacao.s.s = Buffer.from(b58.unbase58(cacao.s.s)).toString('hex')),
  'the letter of multibase in front': (cacao) => void (cacao.s.s = `z${cacao.s.s}`),
  'another account': address((_, { random }) => b58.base58(ed25519.getPublicKey(random.bytes(32)))),
  'another chain': (cacao) => void (cacao.p.iss = cacao.p.iss.replace(/solana:\w/, 'solana:x')),
  'the address in lower case': address((text) => text.toLowerCase()),
  'signed: a key of small order': (cacao) => {
    address(() => b58.base58(NEUTRAL))(cacao)
    cacao.s.s = b58.base58(FITS_ALL)
  },
}

const EDSIG_LENGTH = 99
const inTezos = bytesOf(
  (text) => b58.decode(b58.EDSIG, text.slice(0, EDSIG_LENGTH)),
  (bytes, before) => b58.encode(b58.EDSIG, bytes) + before.slice(EDSIG_LENGTH),
)
const TEZOS = {
  ...Object.fromEntries(Object.entries(LENGTHS).map(([name, change]) => [name, inTezos(change)])),
  's plus the order': inTezos(addOrder),
  'the signature as sig': (cacao) => {
    const bytes = b58.decode(b58.EDSIG, cacao.s.s.slice(0, EDSIG_LENGTH))
    cacao.s.s = b58.encode(b58.SIG, bytes) + cacao.s.s.slice(EDSIG_LENGTH)
  },
  'a wrong checksum of the signature': (cacao) => {
    const bytes = Buffer.from(b58.unbase58(cacao.s.s.slice(0, EDSIG_LENGTH)))
    bytes[bytes.length - 1] ^= 1
    cacao.s.s = b58.base58(bytes) + cacao.s.s.slice(EDSIG_LENGTH)
  },
  'a wrong checksum of the key': (cacao) => {
    const bytes = Buffer.from(b58.unbase58(cacao.s.s.slice(EDSIG_LENGTH)))
    bytes[bytes.length - 1] ^= 1
    cacao.s.s = cacao.s.s.slice(0, EDSIG_LENGTH) + b58.base58(bytes)
  },
  'no public key': (cacao) => void (cacao.s.s = cacao.s.s.slice(0, EDSIG_LENGTH)),
  'the public key of another account': (cacao, { random }) => {
    const key = b58.encode(b58.EDPK, ed25519.getPublicKey(random.bytes(32)))
    cacao.s.s = cacao.s.s.slice(0, EDSIG_LENGTH) + key
  },
  'another account': address((_, { random }) => b58.encode(b58.TZ1, random.bytes(20))),
  'another chain': (cacao) => void (cacao.p.iss = cacao.p.iss.replace(/tezos:\w/, 'tezos:x')),
  'the address in lower case': address((text) => text.toLowerCase()),
}

const inStacks = bytesOf((text) => Buffer.from(text, 'hex'), (bytes) => bytes.toString('hex'))
const STACKS = {
  ...Object.fromEntries(Object.entries(LENGTHS).map(([name, change]) => [name, inStacks(change)])),
  'the other v': inStacks((bytes) => void (bytes[64] ^= 1)),
  'v of 4': inStacks((bytes) => void (bytes[64] = 4)),
  'v of 27 or 28': inStacks((bytes) => void (bytes[64] += 27)),
  'the high s twin': inStacks((bytes) => {
    const s = secp256k1.CURVE.n - BigInt(`0x${bytes.subarray(32, 64).toString('hex')}`)
    bytes.write(s.toString(16).padStart(64, '0'), 32, 'hex')
    bytes[64] ^= 1
  }),
  'a signature with 0x': (cacao) => void (cacao.s.s = `0x${cacao.s.s}`),
  'a signature in upper case': (cacao) => void (cacao.s.s = cacao.s.s.toUpperCase()),
  'a signature that is no hex': (cacao) => void (cacao.s.s = 'zz'.repeat(65)),
  'another account': address((text, { random }) => edit(text, random, 1)),
  'another chain': (cacao) => void (cacao.p.iss = cacao.p.iss.replace('stacks:1:', 'stacks:2:')),
  'the address in lower case': address((text) => text.toLowerCase()),
  'signed: an account of the main network on the test network': (cacao, { resign }) => {
    cacao.p.iss = cacao.p.iss.replace('stacks:1:', `stacks:${TEST_NETWORK.stacks}:`)
    resign(cacao)
  },
  'an account of the test network': Object.assign(() => {}, { reference: TEST_NETWORK.stacks }),
}

const der = (cacao) => p256.Signature.fromDER(Buffer.from(cacao.s.s, 'base64url'))
const said = (change) => (cacao, context) => context.resign(cacao, change(cacao, context))
/** `s.m.aad` taken apart, changed, and put together again. */
const aad = (change) => (cacao, context) => {
  const parts = decode(cacao.s.m.aad)
  cacao.s.m.aad = encode(change(parts, context) ?? parts)
}
const PRESENT = 1
const VERIFIED = 4
const PASSKEY = {
  'a signature as r and s': (cacao) => void (cacao.s.s = Buffer.from(der(cacao).toCompactRawBytes()).toString('base64url')),
  'the other s': (cacao) => {
    const { r, s } = der(cacao)
    cacao.s.s = Buffer.from(new p256.Signature(r, p256.CURVE.n - s).toDERRawBytes()).toString('base64url')
  },
  'a bit of r flipped': (cacao, { random }) => {
    const bytes = Buffer.from(cacao.s.s, 'base64url')
    flip(bytes, random, 8, 30)
    cacao.s.s = bytes.toString('base64url')
  },
  'a byte after the signature': (cacao) => void (cacao.s.s = Buffer.concat([Buffer.from(cacao.s.s, 'base64url'), Buffer.of(0)]).toString('base64url')),
  'no assertion': (cacao) => void delete cacao.s.m,
  'an assertion of other bytes': aad((parts, { random }) => void (parts.authData = random.bytes(37))),
  'a bit of the flags flipped': aad(({ authData }) => void (authData[32] ^= VERIFIED)),
  'other client data': aad((parts) => void (parts.clientDataJSON = Buffer.from('{}'))),
  'a byte after the assertion': (cacao) => void (cacao.s.m.aad = Buffer.concat([cacao.s.m.aad, Buffer.of(0)])),
  'an unknown member in the assertion': aad((parts) => ({ ...parts, x: 1 })),
  'the key of another passkey': (cacao, { random }) => void (cacao.p.iss = `${cacao.p.iss.slice(0, -1)}${random.pick('12345678')}`),
  'said: user verified': said(() => ({ flags: PRESENT | VERIFIED })),
  'said: user present, not verified': said(() => ({ flags: PRESENT })),
  'said: user verified, not present': said(() => ({ flags: VERIFIED })),
  'said: nothing about the user': said(() => ({ flags: 0 })),
  'said: another counter': said((_, { random }) => ({ counter: random.int(0, 2 ** 32) })),
  'said: bytes that no flag announces': said(() => ({ extra: Buffer.of(1, 2, 3) })),
  'said: another relying party': said(() => ({ rpId: 'other.example' })),
  'said: another origin': said(() => ({ clientData: { origin: 'https://other.example' } })),
  'said: an origin with a port': said((cacao) => ({ clientData: { origin: `https://${cacao.p.domain}:8443` } })),
  'said: an origin without TLS': said(() => ({ clientData: { origin: 'http://other.example' } })),
  'said: a page within a page': said(() => ({ clientData: { crossOrigin: true } })),
  'said: a creation': said(() => ({ clientData: { type: 'webauthn.create' } })),
  'said: another challenge': said((_, { random }) => ({ clientData: { challenge: random.bytes(36).toString('base64url') } })),
  'said: the challenge with padding': said((cacao) => ({ clientData: { challenge: `${Buffer.from(challengeOf(cacao)).toString('base64url')}=` } })),
  'said: a member beside': said(() => ({ clientData: { other_keys_can_be_added_here: 'do not compare' } })),
}

const OF = { solana: SOLANA, tezos: TEZOS, stacks: STACKS, passkey: PASSKEY }

/** name → change of a copy of a valid capability of a kind. */
export const spoilers = (kind) => ({ ...(kind === 'passkey' ? OF_PASSKEYS : COMMON), ...TYPES, ...OF[kind] })
