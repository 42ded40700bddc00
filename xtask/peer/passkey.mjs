// An authenticator in software: one P-256 key behind `navigator.credentials`, as the peer's
// passkey auth method asks it, and for spoiled cases any assertion one likes.

import { WebauthnAuth } from '@didtools/key-webauthn'
import { encode } from '@ipld/dag-cbor'
import { p256 } from '@noble/curves/p256'
import { sha256 } from '@noble/hashes/sha2'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'

import { onPage } from './page.mjs'

const USER_PRESENT = 1
const USER_VERIFIED = 4

const plainBytes = (bytes) => new Uint8Array(bytes)

/** What a passkey is given to sign: the CID of the capability without signature and issuer. */
export function challengeOf({ h, p }) {
  const { iss, ...rest } = p
  const digest = sha256(encode({ h, p: rest }))
  return CID.createV1(0x71, Digest.create(0x12, digest)).bytes
}

export class Passkey {
  constructor(random) {
    do {
      this.secret = random.bytes(32)
    } while (!p256.utils.isValidPrivateKey(this.secret))
    this.counter = random.int(0, 1000)
    this.flags = USER_PRESENT | (random.chance(0.7) ? USER_VERIFIED : 0)
    const point = p256.getPublicKey(this.secret, true)
    this.did = `did:key:${base58btc.encode(Buffer.concat([Buffer.of(0x80, 0x24), point]))}`
  }

  get secretHex() {
    return Buffer.from(this.secret).toString('hex')
  }

  /** An assertion over a challenge; `change` replaces parts of what is said before it is signed. */
  assert(challenge, hostname, change = {}) {
    const { rpId = hostname, flags = this.flags, counter = this.counter, extra = Buffer.alloc(0) } = change
    const clientData = {
      type: 'webauthn.get',
      challenge: Buffer.from(challenge).toString('base64url'),
      origin: `https://${hostname}`,
      crossOrigin: false,
      ...change.clientData,
    }
    const clientDataJSON = plainBytes(Buffer.from(JSON.stringify(clientData)))
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    const authenticatorData = plainBytes(Buffer.concat([sha256(rpId), Buffer.of(flags), count, extra]))
    const digest = sha256(Buffer.concat([authenticatorData, sha256(clientDataJSON)]))
    const signature = p256.sign(digest, this.secret, { lowS: change.lowS ?? false })
    return { authenticatorData, clientDataJSON, signature: plainBytes(signature.toDERRawBytes()) }
  }

  /** Signs a capability anew. */
  resign(cacao, change = {}) {
    const { authenticatorData: authData, clientDataJSON, signature } = this.assert(challengeOf(cacao), change.hostname ?? cacao.p.domain, change)
    cacao.s = {
      t: 'webauthn:p256',
      s: Buffer.from(signature).toString('base64url'),
      m: { aad: plainBytes(encode({ authData, clientDataJSON })) },
    }
  }

  /** The peer's auth method on a page of this host. */
  async authMethod(hostname) {
    const method = await WebauthnAuth.getAuthMethod({ did: this.did })
    const get = async ({ publicKey }) => ({ response: this.assert(publicKey.challenge, publicKey.rpId) })
    return (options) => onPage({ hostname, credentials: { get } }, () => method(options))
  }
}

export const verifiers = WebauthnAuth.getVerifier()
