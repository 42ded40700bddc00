// The public API for pages that hand `session.did` to packages which expect the class `DID` of the
// npm package `dids`: everything of the main entry, and what only that class has.

import { invalid, textOf } from './account.js'
import { borrowed, delegation } from './borrowed.js'
import { ownOf, reading, readingLater } from './host.js'
import { DIDSession as Session } from './index.js'
import { guard, internals } from './internal.js'
import { KeyDID, keyOf, providerOf } from './key-did.js'
import { seedKey, seedSession } from './seeds.js'
import { all, init as initFirst, isThere } from './load.js'
import { onlyKnown } from './texts.js'

export * from './index.js'

/** Loads everything now: what is put together by hand is judged at once. */
export const init = async (source) => {
  await initFirst(source)
  await all()
}

export { getResolver } from './resolve.js'

/** A DID whose key is that of a seed, or a new one. */
export const createDIDKey = async (seed) => {
  await all()
  const bytes = seed ?? crypto.getRandomValues(new Uint8Array(32))
  return new KeyDID(reading('the seed', () => seedKey(bytes)))
}

const idOf = (did) => textOf('the DID', reading('the DID', () => did?.id))

/** The DID with this capability, which is judged. */
export const createDIDCacao = async (didKey, cacao) => {
  await all()
  if (keyOf(didKey) !== undefined) return didKey.withCapability(cacao)
  delegation(cacao, idOf(didKey))
  return readingLater('the DID', async () => {
    const did = didKey.withCapability(cacao)
    await did.authenticate()
    return did
  })
}

/** What signs for a session that is put together: of a seed, or of a DID. */
const partsOf = ({ cacao, keySeed, did }) => {
  if (keySeed !== undefined) {
    const session = seedSession(keySeed, cacao)
    if (did === undefined || did.id === session.keyDid) return session
    throw invalid('keySeed is not the seed of the DID that is given')
  }
  if (typeof did?.id !== 'string') throw invalid('keySeed or did must be given')
  const { cacaoCid } = delegation(cacao, did.id)
  const own = keyOf(did)
  if (own?.cacaoCid === cacaoCid) return own
  const held = did.hasCapability ? delegation(did.capability, did.id) : undefined
  if (held?.cacaoCid === cacaoCid) return borrowed(did, cacao)
  throw invalid('the DID that is given does not have the capability')
}

const sessionOf = (parts) => {
  if (typeof parts !== 'object' || parts === null) throw invalid('cacao must be given, and a key')
  try {
    const known = ['cacao', 'keySeed', 'did']
    return reading('the session', () => partsOf(onlyKnown(ownOf('the session', parts), known)))
  } catch (error) {
    if (isThere('session')) throw error
    // nothing of the module is there before it is loaded
    const message = 'the wasm module is not loaded: await init() first'
    throw Object.assign(new Error(message, { cause: error }), {
      name: 'DIDSessionError',
      code: 'not_loaded',
    })
  }
}

export class DIDSession extends Session {
  #did

  /** Of a capability and its key, both of which the page has: judged as a session string is. */
  constructor(parts, session) {
    super(guard, parts === guard ? session : sessionOf(parts))
    this.#did = parts === guard ? undefined : parts.did
  }

  static async initDID(didKey, cacao) {
    return createDIDCacao(didKey, cacao)
  }

  // not a promise, as all others are
  static onEvent(listener) {
    return Session.onEvent(listener)
  }

  get did() {
    return (this.#did ??= new KeyDID(internals.get(this)))
  }

  get provider() {
    return providerOf(internals.get(this))
  }
}

const adopted = (answer) =>
  answer instanceof Session ? new DIDSession(guard, internals.get(answer)) : answer

// whatever returns a session there returns one of this class here
for (const name of Object.getOwnPropertyNames(Session)) {
  const call = Session[name]
  if (typeof call !== 'function' || Object.hasOwn(DIDSession, name)) continue
  const value = async (...given) => {
    // what is put together by hand afterwards is judged at once
    const [answer] = await Promise.all([Reflect.apply(call, Session, given), all()])
    return adopted(answer)
  }
  Object.defineProperty(DIDSession, name, { value, writable: true, configurable: true })
}
