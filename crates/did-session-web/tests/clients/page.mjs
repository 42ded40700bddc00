// The applications in a page, with a session of `get`: its key is one that no script can read.

import { DIDSession, EthereumWebAuth, getAccountId } from 'did-session-web/dids'
import { run as events } from './apps/events.ts'
import { run as http } from './apps/http-client.ts'
import { run as instances } from './apps/model-instance-client.ts'
import { run as models } from './apps/model-client.ts'

globalThis.write = async (url) => {
  const [address] = await ethereum.request({ method: 'eth_requestAccounts' })
  const account = await getAccountId(ethereum, address)
  const method = await EthereumWebAuth.getAuthMethod(ethereum, account)
  const results = []
  for (const run of [events, models, instances, http]) {
    // the first asks the wallet, the others find the session
    const session = await DIDSession.get(account, method, { resources: ['ceramic://*'] })
    results.push({ ...(await run(session, url)), id: session.id, key: session.did.id })
  }
  return results
}
