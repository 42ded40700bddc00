// A session in use: what wasm knows of it, and the key.

import { capabilityOf } from './capability.js'
import { failure } from './host.js'
import { ipldOf } from './ipld.js'
import { signWith } from './keys.js'
import { all, part } from './load.js'
import { tell } from './events.js'

/** What is needed to sign: a header with members of the caller's is read in the last part. */
const forSigning = (protectedHeader) => (protectedHeader === undefined ? part('signing') : all())

export class Session {
  #held
  #pair
  #algorithm
  #profile
  #cacao
  #cid

  /** `pair` is a key of WebCrypto; without one the key is in wasm, and in the session string. */
  constructor(held, { pair, algorithm, profile } = {}) {
    this.#held = held
    this.#pair = pair
    this.#algorithm = algorithm
    this.#profile = profile
  }

  get id() {
    return this.#held.id
  }

  get keyDid() {
    return this.#held.keyDid
  }

  get cacao() {
    return (this.#cacao ??= capabilityOf(this.#held.cacao))
  }

  get cacaoCid() {
    return (this.#cid ??= this.#held.cacaoCid)
  }

  get identity() {
    return this.#held.identity
  }

  async car() {
    await part('signing')
    return this.#held.car
  }

  get authorizations() {
    const { resources } = { __proto__: null, ...this.cacao.p }
    return [...(resources ?? [])]
  }

  get isExpired() {
    return this.#held.isExpired
  }

  get expiresInSecs() {
    return this.#held.expiresInSecs
  }

  get profile() {
    return this.#profile
  }

  /** What wasm holds of it. */
  get held() {
    return this.#held
  }

  isAuthorized(resources) {
    return this.#held.isAuthorized(resources)
  }

  serialize() {
    if (this.#pair !== undefined) {
      throw failure('secure_session', 'Secure sessions cannot be serialized')
    }
    return this.#held.serialize()
  }

  /** `finish` makes the compact JWS of the signature. */
  async #sign(signing, finish) {
    const { message } = signing
    const signature =
      this.#pair === undefined
        ? this.#held.signature(message)
        : await signWith(this.#pair, this.#algorithm, message)
    const jws = finish(signature)
    tell('signed', { session: this })
    return jws
  }

  async #signJws(signing) {
    return this.#sign(signing, (signature) => this.#held.finish(signing, signature))
  }

  async signBase64url(payload, protectedHeader, asKey) {
    await forSigning(protectedHeader)
    return this.#signJws(this.#held.prepareBase64url(payload, protectedHeader, asKey))
  }

  async signText(payload, protectedHeader, asKey) {
    await forSigning(protectedHeader)
    return this.#signJws(this.#held.prepareText(payload, protectedHeader, asKey))
  }

  async signDag(payload, protectedHeader) {
    await forSigning(protectedHeader)
    const signing = this.#held.prepareDag(ipldOf(payload), protectedHeader)
    const jws = await this.#sign(signing, (signature) => this.#held.finishDag(signing, signature))
    const { link, linkedBlock, cacaoBlock } = signing
    signing.free()
    return { jws, link, linkedBlock, cacaoBlock }
  }

  async prove(htd, nonce) {
    await part('signing')
    return this.#signJws(this.#held.prepareProof(htd, nonce))
  }

  async revocation() {
    await part('revocations')
    return this.#signJws(this.#held.prepareRevocation())
  }
}
