// The application that every bundler bundles: a session with the wallet of the page, a signature,
// and the second part. What came of it is `outcome`.

import { DIDSession, EthereumWebAuth, getAccountId, init } from 'did-session-web'
import { part } from 'did-session-web/toy'

const run = async () => {
  if (globalThis.wasm !== undefined) await init(globalThis.wasm)
  const { ethereum } = globalThis
  const [address] = await ethereum.request({ method: 'eth_requestAccounts' })
  const account = await getAccountId(ethereum, address)
  const method = await EthereumWebAuth.getAuthMethod(ethereum, account)
  const session = await DIDSession.get(account, method, { resources: ['ceramic://*'] })
  const jws = await session.did.createJWS({ hello: 'world' })
  const options = { issuer: session.id, capability: session.cacao }
  const { payload } = await session.did.verifyJWS(jws, options)
  const toy = await part('toy')
  return { key: session.did.id, payload, answer: toy.exports.answer() }
}

export const outcome = run().catch(({ code, message }) => ({ code, message }))
outcome.then((outcome) => Object.assign(globalThis, { outcome }))
