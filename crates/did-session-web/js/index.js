// The public API: the names of the npm package `did-session`, over what wasm judges. Nothing is
// loaded until the first call needs it, so importing this is free, on servers too.

import { accountText } from './account.js'
import { askChain } from './chain.js'
import { listen } from './changes.js'
import { createDID } from './did.js'
import { hear, isHeard, tell } from './events.js'
import { provenFetch } from './fetch.js'
import { drive } from './flow.js'
import { failure, kindOf, known, NOT_USABLE, reading } from './host.js'
import { guard, internals } from './internal.js'
import { accounts, all, init, isUnderWay, part, prefetch } from './load.js'
import {
  functionOf, isPlain, profileOf, read, readConfiguration, requestOf, rulesOf, sameAs, text, texts,
} from './options.js'
import { page, setPage } from './page.js'
import { createProvider } from './provider.js'
import { setRules } from './rules.js'
import { Session } from './session.js'
import { askWallet, notSigned } from './wallet.js'
import * as wasm from './did_session_web.js'

export { getAccountIdByDID } from './account.js'
export { EthereumWebAuth, getAccountId } from './ethereum.js'
export { init } from './load.js'
export { WebauthnAuth } from './passkey.js'
export { refusalOf } from './refusal.js'
export { SolanaWebAuth } from './solana.js'
export { StacksWebAuth } from './stacks.js'
export { TezosWebAuth } from './tezos.js'

const method = (value) => functionOf('authMethod', value)

/** The stored session, if it can be used; otherwise throws why it cannot. */
const find = async (account, options) => {
  const here = page()
  const look = (request, call) =>
    drive(wasm.Flow.find(account, request, options.profile), here, call)
  let { resources } = options
  if (resources.length === 0 && options.recap === undefined) {
    // whatever it grants: judged by the same rules as if just that had been asked for
    resources = (await look(undefined, { isFirstLook: true })).authorizations
  }
  return look(requestOf(options, here.domains, resources))
}

/** Whether nothing is stored, which the first part alone can say of what is plain. */
const isAbsent = async (account, options) => {
  await init()
  if (isUnderWay('machine')) return false
  const [here, key] = [page(), wasm.plainKey(account, options.profile)]
  if (key === undefined || !isPlain(options, here.domains)) return false
  if (await here.store.isEmpty({ key, profile: options.profile })) return true
  // of an account of Ethereum, most probably
  if (key.startsWith('eip155:')) prefetch('ethereum')
  return false
}

const slotOf = (account, profile) => JSON.parse(wasm.slotAt(account, profile))

/** Empties a slot. If there are listeners, what is removed is looked at first. */
const forget = async (store, slot) => {
  // a caller that is overtaken again and again does not look any more
  for (let looks = isHeard() ? 3 : 0; ; looks -= 1) {
    const loaded = looks > 0 ? await store.load(slot).catch(() => undefined) : undefined
    const candidate = loaded?.candidate
    const removed = await store.remove(slot, loaded)
    if (removed) tell('removed', { ...slot, candidate })
    candidate?.free()
    if (removed !== undefined) return
  }
}

/** Whether a capability names these resources; whether it is valid is not asked. */
export const cacaoContainsResources = (cacao, resources) =>
  reading('the capability', () => {
    const granted = Object.hasOwn(cacao.p, 'resources') ? (cacao.p.resources ?? []) : []
    const names = texts('cacao.p.resources', granted)
    return texts('resources', resources).every((resource) => names.includes(resource))
  })

export class DIDSession {
  #session
  #did

  constructor(key, session) {
    if (key !== guard) {
      const message = 'use DIDSession.get, DIDSession.authorize or DIDSession.fromSession'
      throw known(Object.assign(new TypeError(message), { code: 'invalid_option' }))
    }
    this.#session = session
    internals.set(this, session)
  }

  static async get(accountId, authMethod, options) {
    const [account, ask, wishes] = [accountText(accountId), method(authMethod), read(options)]
    if (account.startsWith('eip155:')) prefetch('ethereum')
    await accounts(account, wishes)
    const here = page()
    const request = requestOf(wishes, here.domains)
    const session = await drive(wasm.Flow.get(account, request, wishes.profile), here, {
      method: ask,
      options: wishes,
      asked: sameAs(wishes),
    })
    return new DIDSession(guard, session)
  }

  static async renew(accountId, authMethod, options) {
    const [account, ask] = [accountText(accountId), method(authMethod)]
    const wishes = read(options, { isRenewal: true })
    await accounts(account, wishes)
    const here = page()
    const request = requestOf(wishes, here.domains)
    const flow = wasm.Flow.renew(account, request, wishes.profile, wishes.renewBefore)
    const session = await drive(flow, here, {
      method: ask,
      options: wishes,
      asked: sameAs(wishes),
    })
    return new DIDSession(guard, session)
  }

  static async signIn(authMethod, options) {
    const [ask, wishes] = [method(authMethod), read(options)]
    await all()
    const here = page()
    const request = requestOf(wishes, here.domains)
    const session = await drive(wasm.Flow.signIn(request, wishes.profile), here, {
      method: ask,
      options: wishes,
    })
    return new DIDSession(guard, session)
  }

  static async authorize(authMethod, options) {
    const [ask, wishes] = [method(authMethod), read(options)]
    await all()
    const authorization = new wasm.Authorization(requestOf(wishes, page().domains))
    tell('asked')
    const asked = JSON.parse(authorization.asked)
    const answer = await askWallet(ask, wishes.given, asked, wishes)
    if (answer.text === undefined) {
      const error = notSigned(answer)
      tell('declined', { reason: error.code })
      throw error
    }
    let asks = authorization.answer(answer.text)
    while (asks) asks = await askChain(authorization, page().provider)
    const session = new Session(authorization.finish())
    tell('granted', { session })
    return new DIDSession(guard, session)
  }

  static async hasSessionFor(accountId, resources) {
    return (await DIDSession.whyNoSession(accountId, resources)) === undefined
  }

  static async whyNoSession(accountId, resources) {
    const [account, wishes] = [accountText(accountId), read(resources)]
    if (await isAbsent(account, wishes)) {
      return { code: wasm.absence(false), message: wasm.absence(true) }
    }
    await accounts(account, wishes)
    try {
      await find(account, wishes)
      return undefined
    } catch (error) {
      if (kindOf(error) !== NOT_USABLE) throw error
      return { code: error.code, message: error.message }
    }
  }

  static async warnings(options) {
    const wishes = read(options)
    await all()
    return JSON.parse(wasm.warnings(requestOf(wishes, page().domains)))
  }

  static async remove(accountId, options) {
    const [account, profile] = [accountText(accountId), profileOf(options)]
    await accounts(account)
    const { store } = page()
    const { key, issuer, slot } = slotOf(account, profile)
    let slots = [{ key, issuer, slot, profile }]
    if (profile === undefined) {
      const stored = (await store.list()).slots.filter((one) => one.issuer === issuer)
      slots = [...stored, ...slots.filter((one) => stored.every((other) => other.key !== one.key))]
    }
    for (const one of slots) await forget(store, one)
  }

  static async revoke(accountId, options) {
    const [account, profile] = [accountText(accountId), profileOf(options)]
    await accounts(account)
    const { store, revocations } = page()
    const slot = slotOf(account, profile)
    // one that is revoked and still stored makes its statement again, for servers without it
    const unaware = { ...page(), revocations: { ledgers: async () => [] } }
    const session = await drive(wasm.Flow.find(account, undefined, profile), unaware)
    const statement = await session.revocation()
    await revocations.record((ledger) => wasm.revocationIn(ledger, session.held))
    // a newer one that was stored while the key signed stays
    const loaded = await store.load(slot)
    const isThere = loaded.candidate?.identity === session.identity
    const removed = isThere && (await store.remove(slot, loaded))
    loaded.candidate?.free()
    tell('revoked', { session })
    if (removed) tell('removed', { session })
    return statement
  }

  static async list() {
    await part('machine')
    const { slots } = await page().store.list()
    return slots.map(({ issuer, profile }) =>
      profile ? { id: issuer, profile } : { id: issuer }
    )
  }

  static async fromSession(session) {
    text('session', session)
    await all()
    return new DIDSession(guard, new Session(wasm.fromSession(session)))
  }

  static async configure(options) {
    const configuration = readConfiguration(options)
    await (configuration.provider === undefined && configuration.algorithm === 'P-256' ? init() : all())
    setRules(rulesOf(configuration))
    setPage(configuration)
  }

  static async onChange(listener) {
    functionOf('listener', listener)
    await part('machine')
    return listen(page().store.databases, listener)
  }

  static onEvent(listener) {
    return hear(functionOf('listener', listener))
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
    throw failure('no_expiry', 'Session does not expire')
  }

  get expireInSecs() {
    return this.expiresInSecs
  }

  get authorizations() {
    return this.#session.authorizations
  }

  isAuthorized(resources) {
    return this.#session.isAuthorized(texts('resources', resources ?? []))
  }

  get id() {
    return this.#session.id
  }

  get profile() {
    return this.#session.profile ?? 'default'
  }

  get cacao() {
    return this.#session.cacao
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
