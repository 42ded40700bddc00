// OrbisDB with did-session replaced by ours: its own sign-in then makes sessions of ours.

import { OrbisDB } from '@useorbis/db-sdk'
import { OrbisEVMAuth, OrbisKeyDidAuth } from '@useorbis/db-sdk/auth'
import * as ours from 'did-session-web/dids'

const MODEL = 'kjzl6hvfrbw6c5he7glhpkdzymvjbq2cmwhd3rb4yo3gqs9sp3jlwk2dfgu2x4q'

const connected = async (url, auth) => {
  const orbis = new OrbisDB({ ceramic: { gateway: url }, nodes: [{ gateway: url }] })
  await orbis.connectUser({ auth, saveSession: true })
  const written = await orbis.ceramic.createDocument({ model: MODEL, content: { text: 'first' } })
  const { content } = await orbis.ceramic.updateDocument(written.id, { text: 'second' })
  return { orbis, content }
}

/** Signs in as the package does: a session is put together, written down and restored. */
export const run = async (given, url, account) => {
  const { orbis, content } = await connected(url, new OrbisEVMAuth(account))
  const { session } = orbis.ceramic
  if (!(session instanceof ours.DIDSession)) throw new Error('the session is not ours')
  const again = new OrbisDB({ ceramic: { gateway: url }, nodes: [{ gateway: url }] })
  await again.connectUser({ serializedSession: orbis.serializedSession })
  await again.ceramic.createDocument({ model: MODEL, content: { text: 'third' } })
  return { writes: 3, controller: session.id, result: content.text, key: session.did.id }
}

/** A user who is a key: no wallet, no capability. */
export const runAsKey = async (given, url) => {
  const auth = await OrbisKeyDidAuth.createRandom()
  const { orbis, content } = await connected(url, auth)
  return { writes: 2, controller: orbis.did.id, result: content.text }
}
