// The DID that signs for a session, with the names of the npm package `dids`.

import { isWellFormed } from './account.js'
import { failure, ownOf, reading } from './host.js'
import { exactJSON, general, stableJSON } from './json.js'
import { Link } from './link.js'
import { all } from './load.js'
import { resolve } from './resolve.js'
import { onlyKnown } from './texts.js'
import { verify } from './verify.js'

const headerOf = (options) =>
  reading('the option protected', () => {
    const { protected: header } = onlyKnown(ownOf('options', options), ['protected'])
    if (header === undefined) return undefined
    const json = typeof header === 'object' ? exactJSON('the option protected', header) : undefined
    // no members, and nothing to read
    if (json !== undefined) return json === '{}' ? undefined : json
    throw failure('invalid_payload', 'the option protected must be an object')
  }, 'invalid_payload')

export const sign = async (session, payload, options, asKey) => {
  const header = headerOf(options)
  if (typeof payload === 'string' && !isWellFormed(payload)) {
    throw failure('invalid_payload', 'the payload must be base64url')
  }
  const compact =
    typeof payload === 'string'
      ? await session.signBase64url(payload, header, asKey)
      : await session.signText(stableJSON(payload), header, asKey)
  return general(compact)
}

class SessionDID {
  #session
  #provider

  constructor(session, provider) {
    this.#session = session
    this.#provider = provider
  }

  get id() {
    return this.#session.keyDid
  }

  get authenticated() {
    return true
  }

  async authenticate() {
    return this.id
  }

  get hasParent() {
    return true
  }

  get parent() {
    return this.#session.id
  }

  get hasCapability() {
    return true
  }

  get capability() {
    return this.#session.cacao
  }

  get provider() {
    return this.#provider
  }

  async createJWS(payload, options) {
    return sign(this.#session, payload, options, false)
  }

  async createDagJWS(payload, options) {
    const signed = await this.#session.signDag(payload, headerOf(options))
    const { linkedBlock, cacaoBlock } = signed
    const jws = Object.assign(general(signed.jws), { link: new Link(signed.link) })
    return { jws, linkedBlock, cacaoBlock }
  }

  async verifyJWS(jws, options) {
    await all()
    return verify(jws, options)
  }

  async resolve(didUrl) {
    return resolve(didUrl)
  }
}

export const createDID = (session, provider) => new SessionDID(session, provider)
