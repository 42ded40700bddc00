// DID documents, which a did:key and a did:pkh have without any lookup.

import * as wasm from './did_session_web.js'
import { isWellFormed } from './account.js'
import { all } from './load.js'
import { documentOf } from './pkh.js'

const JSON_TYPE = 'application/did+json'
const JSON_LD_TYPE = 'application/did+ld+json'

const found = (contentType, didDocument) => ({
  didResolutionMetadata: { contentType },
  didDocument,
  didDocumentMetadata: {},
})

/** What a resolver answers (DID Resolution 0.3, section 4.2), if there is no document. */
const failed = (error, message) => ({
  didResolutionMetadata: message === undefined ? { error } : { error, message },
  didDocument: null,
  didDocumentMetadata: {},
})

/** The document of a did:key, or of a DID URL of one, as `key-did-resolver` writes it. */
export const resolveKey = (didUrl, accept = JSON_TYPE) => {
  try {
    return found(accept, JSON.parse(wasm.didDocument(didUrl, accept)))
  } catch (error) {
    if (error.code === 'unsupported_representation') return failed('representationNotSupported')
    return failed('invalidDid', error.message)
  }
}

/** The document of a did:pkh, or of a DID URL of one. */
const resolvePkh = (didUrl, accept = JSON_TYPE) => {
  if (accept !== JSON_TYPE && accept !== JSON_LD_TYPE) return failed('representationNotSupported')
  const [did] = didUrl.split(/[?#]/)
  const document = documentOf(did, accept === JSON_LD_TYPE)
  if (document === undefined) return failed('invalidDid', `${did} is not a valid did:pkh`)
  return found(accept, document)
}

const METHODS = { key: resolveKey, pkh: resolvePkh }

/** Resolves a DID URL; rejects if there is no document, as the npm package `dids` does. */
export const resolve = async (didUrl) => {
  if (typeof didUrl !== 'string' || !isWellFormed(didUrl)) throw notResolved('a DID', 'it is not a text')
  const [, method] = /^did:([a-z0-9]+):/.exec(didUrl) ?? []
  await all()
  const result = Object.hasOwn(METHODS, method ?? '')
    ? METHODS[method](didUrl)
    : failed(method === undefined ? 'invalidDid' : 'unsupportedDidMethod')
  const { error, message } = result.didResolutionMetadata
  if (error === undefined) return result
  const why = message === undefined ? error : `${error}, ${message}`
  throw notResolved(didUrl, why)
}

const notResolved = (didUrl, why) =>
  Object.assign(new Error(`Failed to resolve ${didUrl}: ${why}`), { code: 'not_resolved' })

/** Resolvers by DID method, as the npm package `did-resolver` takes them. */
export const getResolver = () => {
  const resolver = (resolveOne) => async (did, parsed, registry, options) => {
    await all()
    return resolveOne(did, options?.accept)
  }
  return { key: resolver(resolveKey), pkh: resolver(resolvePkh) }
}
