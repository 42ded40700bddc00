// An application of OrbisDB: @useorbis/db-sdk, whose own sessions are those of did-session.

import { OrbisDB } from '@useorbis/db-sdk'
import type { DIDSession } from 'did-session-web/dids'

const MODEL = 'kjzl6hvfrbw6c5he7glhpkdzymvjbq2cmwhd3rb4yo3gqs9sp3jlwk2dfgu2x4q'

export const run = async (session: DIDSession, url: string) => {
  const orbis = new OrbisDB({ ceramic: { gateway: url }, nodes: [{ gateway: url }] })
  const { user } = await orbis.connectUser({ serializedSession: session.serialize() })
  const { id } = await orbis.ceramic.createDocument({ model: MODEL, content: { text: 'first' } })
  const { content } = await orbis.ceramic.updateDocument(id, { text: 'second' })
  return { writes: 2, controller: user.did.toLowerCase(), result: content.text }
}
