// A session whose key another DID holds: what `new DIDSession({ cacao, did })` has.

import * as wasm from './did_session_web.js'
import { base64url, utf8 } from './bytes.js'
import { givenText } from './capability.js'
import { failure } from './host.js'

const compactOf = ({ payload, signatures: [{ protected: header, signature }] }) =>
  `${header}.${payload}.${signature}`

/** Judges a capability for this key; returns what it says. */
export const delegation = (cacao, key) => {
  const judged = wasm.judgeDelegation(givenText(cacao), key)
  const facts = { ...JSON.parse(judged.facts), car: judged.car }
  judged.free()
  return facts
}

/** The capability is judged, for the key of the DID. */
export const borrowed = (did, cacao) => {
  const { expiresAt, car, ...facts } = delegation(cacao, did.id)
  const optionsOf = (header) => ({ protected: header === undefined ? {} : JSON.parse(header) })
  const signBase64url = async (payload, header) =>
    compactOf(await did.createJWS(payload, optionsOf(header)))
  return {
    ...facts,
    keyDid: did.id,
    cacao,
    car: async () => car,

    get isExpired() {
      return expiresAt !== undefined && expiresAt < Date.now()
    },

    get expiresInSecs() {
      return expiresAt === undefined ? undefined : Math.max(0, (expiresAt - Date.now()) / 1000)
    },

    isAuthorized(resources) {
      const granted = (resource) => facts.authorizations.includes(resource)
      return !this.isExpired && resources.every(granted)
    },

    serialize() {
      throw failure('secure_session', 'Secure sessions cannot be serialized')
    },

    signBase64url,

    signText: (payload, header) => signBase64url(base64url(utf8(payload)), header),

    async signDag(payload, header) {
      const { jws, ...blocks } = await did.createDagJWS(payload, optionsOf(header))
      return { ...blocks, jws: compactOf(jws), link: jws.link.bytes }
    },

    async prove() {
      throw failure('no_session_key', 'the key belongs to the DID that was given, so it cannot prove requests')
    },
  }
}
