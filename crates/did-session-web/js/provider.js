// The session key as a DID provider (EIP-2844), for the `DID` class of the npm package `dids`.

import { sign } from './did.js'

const LIFETIME_SECS = 600

const refused = (code, message) => Object.assign(new Error(message), { code })

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
    const [did] = params.did.split('#')
    if (did !== session.keyDid) throw refused(4100, `Unknown DID: ${did}`)
    const { cap, ...header } = params.protected ?? {}
    if (cap !== undefined && cap !== `ipfs://${session.cacaoCid}`) {
      throw refused(4100, 'the key signs under the capability of its session only')
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
    const { id, method, params } = request
    const answer = (body) => (id === undefined ? null : { jsonrpc: '2.0', id, ...body })
    if (!Object.hasOwn(methods, method)) {
      return answer({ error: { code: -32601, message: 'Method not found' } })
    }
    try {
      return answer({ result: await methods[method](session, params ?? {}) })
    } catch (error) {
      const code = typeof error.code === 'number' ? error.code : -32000
      return answer({ error: { code, message: error.message, data: { code: error.code } } })
    }
  },
})
