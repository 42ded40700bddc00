// An application that keeps documents: @ceramic-sdk/model-instance-client.

import { StreamID } from '@ceramic-sdk/identifiers'
import { ModelInstanceClient } from '@ceramic-sdk/model-instance-client'
import type { DIDSession } from 'did-session-web/dids'

const model = StreamID.fromString('kjzl6hvfrbw6c5he7glhpkdzymvjbq2cmwhd3rb4yo3gqs9sp3jlwk2dfgu2x4q')

export const run = async (session: DIDSession, url: string) => {
  const client = new ModelInstanceClient({ ceramic: url, did: session.did })
  const created = await client.createInstance({ model, content: { text: 'first' } })
  const streamID = created.baseID.toString()
  await client.updateDocument({ streamID, newContent: { text: 'second' }, shouldIndex: true })
  const { content, metadata } = await client.getDocumentState(streamID)

  // one for each account: its first event is not signed
  const single = await client.createSingleton({ model, controller: session.did })
  await client.updateDocument({ streamID: single.baseID.toString(), newContent: { text: 'only' } })
  return { writes: 3, controller: String(metadata.controller), result: content?.text }
}
