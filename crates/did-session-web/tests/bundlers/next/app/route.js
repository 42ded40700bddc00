// A route of the server: a request without a proof is refused.

import { createVerifier } from 'did-session-web/server'

const verifier = createVerifier({ origins: ['https://app.example'], domains: ['app.example'] })

export async function GET(request) {
  const verdict = await verifier.verify(request)
  return verdict.accepted ? new Response('come in', verdict) : verdict.response
}
