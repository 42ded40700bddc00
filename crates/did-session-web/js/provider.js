// The session key as a DID provider (EIP-2844), for the `DID` class of the npm package `dids`.

import { sign } from './did.js'
import { known, ownOf, readingLater } from './host.js'
import { text } from './options.js'

const LIFETIME_SECS = 600

const refused = (code, message) => known(Object.assign(new Error(message), { code }))

const methods = {
  async did_authenticate(session, params) {
    const payload = {
      did: session.keyDid,
      aud: params.aud,
      nonce: params.nonce,
      paths: params.paths,
      exp: Math.floor(Date.now() / 1000) + LIFETIME_SECS,
    }
    return sign(session, payload, undefined, true)
  },

  async did_createJWS(session, params) {
    const [did] = text('did', params.did).split('#')
    if (did !== session.keyDid) throw refused(4100, `Unknown DID: ${did}`)
    const { cap, ...header } = ownOf('protected', params.protected)
    if (cap !== undefined && cap !== `ipfs://${session.cacaoCid}`) {
      throw refused(4100, 'the key signs only under the capability of its session')
    }
    const options = { protected: header }
    return { jws: await sign(session, params.payload, options, cap === undefined) }
  },

  async did_decryptJWE() {
    throw refused(4100, 'Decryption not supported')
  },
}

export const createProvider = (session) => ({
  isDidProvider: true,

  async send(request) {
    const { id, method, params } = ownOf('the request', request)
    const answer = (body) => (id === undefined ? null : { jsonrpc: '2.0', id, ...body })
    if (typeof method !== 'string' || !Object.hasOwn(methods, method)) {
      return answer({ error: { code: -32601, message: 'Method not found' } })
    }
    try {
      const given = ownOf('params', params)
      return answer({ result: await readingLater('params', () => methods[method](session, given)) })
    } catch (error) {
      const code = typeof error.code === 'number' ? error.code : -32000
      return answer({ error: { code, message: error.message, data: { code: error.code } } })
    }
  },
})
