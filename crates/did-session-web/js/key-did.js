// A key, or the key of a session, as the class `DID` of the npm package `dids`. What it signs and
// what it verifies goes through wasm; that class does the rest.

import { DID } from 'dids'
import { delegation } from './borrowed.js'
import { decrypt, seedOf, seedSession } from './seeds.js'
import { inWords, ownOf } from './host.js'
import { all } from './load.js'
import { createProvider } from './provider.js'
import { getResolver } from './resolve.js'
import { onlyKnown } from './texts.js'
import { optionsOf, verify } from './verify.js'

const coded = (code, message, cause) =>
  Object.assign(new Error(message, cause === undefined ? undefined : { cause }), {
    name: 'DIDSessionError',
    code,
  })

/** The provider of a key, which also decrypts if its seed is known. */
export const providerOf = (key) => {
  const { isDidProvider, send } = createProvider(key)
  return {
    isDidProvider,

    async send(given) {
      const request = ownOf('the request', given)
      const seed = request.method === 'did_decryptJWE' ? seedOf(key) : undefined
      if (seed === undefined) return send(request)
      const answer = { jsonrpc: '2.0', id: request.id }
      try {
        return { ...answer, result: { cleartext: await decrypt(seed, ownOf('params', request.params).jwe) } }
      } catch (error) {
        const data = { code: 'not_decrypted' }
        return { ...answer, error: { code: -32000, message: error.message, data } }
      }
    },
  }
}

/** What a provider refused, with the code that says why. */
const asked = async (answer) => {
  try {
    return await answer
  } catch (error) {
    const code = error?.data?.code
    throw typeof code === 'string' ? coded(code, error.message, error) : error
  }
}

const isKnown = (did) => /^(did:key:|did:pkh:|(?!did:))/.test(did)

/**
 * Whether wasm can judge a JWS: signed by a did:key, for an account or a did:key. For other DIDs
 * `dids` asks the resolver that the page gave by `setResolver`.
 */
const isJudged = (jws, issuer) => {
  if (typeof issuer === 'string' && !isKnown(issuer)) return false
  try {
    const header = typeof jws === 'string' ? jws.split('.')[0] : jws.signatures[0].protected
    const { kid } = JSON.parse(atob(header.replaceAll('-', '+').replaceAll('_', '/')))
    return typeof kid !== 'string' || isKnown(kid)
  } catch {
    // wasm says what is wrong with it
    return true
  }
}

const keys = new WeakMap()

/** What signs for a DID of ours; nothing for another. */
export const keyOf = (did) => keys.get(did)

export class KeyDID extends DID {
  #key
  #authentication

  constructor(key) {
    const capability = key.cacao
    super({ provider: providerOf(key), resolver: getResolver(), capability })
    this.#key = key
    keys.set(this, key)
  }

  // the key is known before it signed anything

  get id() {
    return this.#key.keyDid
  }

  get authenticated() {
    return true
  }

  get parent() {
    // as the session spells it
    return this.#key.id ?? super.parent
  }

  withCapability(capability) {
    const seed = seedOf(this.#key)
    if (seed !== undefined) return new KeyDID(seedSession(seed, capability))
    const { cacaoCid } = delegation(capability, this.id)
    if (cacaoCid === this.#key.cacaoCid) return new KeyDID(this.#key)
    const message = 'a key that cannot be read signs only under the capability of its session'
    throw coded('other_capability', message)
  }

  async authenticate(options) {
    return asked(super.authenticate(options))
  }

  /** What `dids` wants to have seen before it asks the provider for anything else. */
  async #ready() {
    if (this.#key.isExpired) {
      throw coded('expired', 'Capability is expired, cannot create a valid signature')
    }
    this.#authentication ??= this.authenticate().catch((error) => {
      this.#authentication = undefined
      throw error
    })
    return this.#authentication
  }

  async createJWS(payload, options) {
    await this.#ready()
    // copies, since `dids` writes into them
    const copy = onlyKnown(ownOf('options', options), ['protected', 'did', 'linkedBlock'])
    const header = { ...ownOf('protected', copy.protected) }
    return asked(super.createJWS(payload, { ...copy, protected: header }))
  }

  async createDagJWS(payload, options) {
    return super.createDagJWS(payload, { ...ownOf('options', options) })
  }

  async verifyJWS(jws, options) {
    const { issuer } = optionsOf(options)
    if (!isJudged(jws, issuer)) return super.verifyJWS(jws, options)
    await all()
    return verify(jws, options)
  }

  async resolve(didUrl) {
    try {
      return await super.resolve(didUrl)
    } catch (error) {
      throw coded('not_resolved', inWords(error).replace(/^Error: /, ''), error)
    }
  }

  async decryptJWE(jwe, options) {
    if (seedOf(this.#key) === undefined) {
      const message = 'the key of this session can only sign, and cannot decrypt'
      throw coded('cannot_decrypt', message)
    }
    await this.#ready()
    return asked(super.decryptJWE(jwe, { ...ownOf('options', options) }))
  }
}
