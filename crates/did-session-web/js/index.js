// The public API: the names of the npm package `did-session`, over what wasm exports.
// Nothing is loaded until the first call needs it, so importing this is free, on servers too.

import * as wasm from './did_session_web.js'
import { accountText, invalid } from './account.js'
import { createDID } from './did.js'
import { provenFetch } from './fetch.js'
import { guard, internals } from './internal.js'
import { createProvider } from './provider.js'

export { getAccountIdByDID } from './account.js'
export { EthereumWebAuth, getAccountId } from './ethereum.js'
export { init } from './load.js'
export { WebauthnAuth } from './passkey.js'
export { refusalOf } from './refusal.js'
export { SolanaWebAuth } from './solana.js'
export { StacksWebAuth } from './stacks.js'
export { TezosWebAuth } from './tezos.js'

import { init } from './load.js'

// A copy: what the caller's getters throw, they throw here.
const optionsOf = (value) => (Array.isArray(value) ? { resources: value } : { ...value })

const method = (value) => {
  if (typeof value === 'function') return value
  throw invalid('the auth method must be a function from options to a capability')
}

/** Whether a capability names these resources; whether it is valid is not asked. */
export const cacaoContainsResources = (cacao, resources) => {
  const granted = cacao.p.resources ?? []
  return resources.every((resource) => granted.includes(resource))
}

export class DIDSession {
  #session
  #did
  #cacao

  constructor(key, session) {
    if (key !== guard) {
      throw new TypeError('use DIDSession.get, DIDSession.authorize or DIDSession.fromSession')
    }
    this.#session = session
    internals.set(this, session)
  }

  static async get(accountId, authMethod, options) {
    const [account, ask] = [accountText(accountId), method(authMethod)]
    await init()
    return new DIDSession(guard, await wasm.get(account, ask, optionsOf(options)))
  }

  static async authorize(authMethod, options) {
    const ask = method(authMethod)
    await init()
    return new DIDSession(guard, await wasm.authorize(ask, optionsOf(options)))
  }

  static async hasSessionFor(accountId, resources) {
    const account = accountText(accountId)
    await init()
    return wasm.hasSessionFor(account, optionsOf(resources))
  }

  static async whyNoSession(accountId, resources) {
    const account = accountText(accountId)
    await init()
    return wasm.whyNot(account, optionsOf(resources))
  }

  static async warnings(options) {
    await init()
    return wasm.warnings(optionsOf(options))
  }

  static async remove(accountId, options) {
    const account = accountText(accountId)
    await init()
    await wasm.remove(account, optionsOf(options))
  }

  static async revoke(accountId, options) {
    const account = accountText(accountId)
    await init()
    return wasm.revoke(account, optionsOf(options))
  }

  static async fromSession(session) {
    await init()
    return new DIDSession(guard, wasm.fromSession(session))
  }

  static async configure(options) {
    await init()
    wasm.configure(options)
  }

  static async onChange(listener) {
    await init()
    const subscription = wasm.onChange((id, change, profile) => {
      listener(profile === undefined ? { id, change } : { id, change, profile })
    })
    let open = true
    return () => {
      if (open) subscription.free()
      open = false
    }
  }

  get hasSession() {
    return true
  }

  get isExpired() {
    return this.#session.isExpired
  }

  get expiresInSecs() {
    const seconds = this.#session.expiresInSecs
    if (seconds !== undefined) return seconds
    throw Object.assign(new Error('Session does not expire'), { code: 'no_expiry' })
  }

  get expireInSecs() {
    return this.expiresInSecs
  }

  get authorizations() {
    return this.#session.authorizations
  }

  isAuthorized(resources) {
    if (this.isExpired) return false
    if (!resources) return true
    const granted = this.authorizations
    return resources.every((resource) => granted.includes(resource))
  }

  get id() {
    return this.#session.id
  }

  get cacao() {
    return (this.#cacao ??= this.#session.cacao)
  }

  get did() {
    return (this.#did ??= createDID(this.#session, this.provider))
  }

  get provider() {
    return createProvider(this.#session)
  }

  async fetch(input, init, options) {
    return provenFetch(this.#session, input, init, options)
  }

  serialize() {
    return this.#session.serialize()
  }
}
