// A component of the server: it judges what a session signed, and asks for the second part.

import { DIDSession } from 'did-session-web'
import { createVerifier } from 'did-session-web/server'
import { part } from 'did-session-web/toy'

export const dynamic = 'force-dynamic'

export default async function Page({ searchParams }) {
  const { session: text } = await searchParams
  const session = await DIDSession.fromSession(text)
  const jws = await session.did.createJWS({ hello: 'server' })
  const options = { issuer: session.id, capability: session.cacao, domain: 'app.example' }
  const { payload } = await session.did.verifyJWS(jws, options)
  const verifier = createVerifier({ origins: ['https://app.example'], domains: ['app.example'] })
  const toy = await part('toy')
  const told = { payload, answer: toy.exports.answer(), verifier: typeof verifier.verify }
  return <pre id="told">{JSON.stringify(told)}</pre>
}
