// An application that signs events by itself: @ceramic-sdk/events.

import {
  InitEventPayload,
  SignedEvent,
  createSignedInitEvent,
  eventFromString,
  eventToContainer,
  eventToString,
  signEvent,
} from '@ceramic-sdk/events'
import { CeramicClient } from '@ceramic-sdk/http-client'
import { MODEL } from '@ceramic-sdk/model-protocol'
import type { DIDSession } from 'did-session-web/dids'
import type { DID } from 'dids'

export const run = async (session: DIDSession, url: string) => {
  const did: DID = session.did
  const client = new CeramicClient({ url })
  const event = await createSignedInitEvent(did, { hello: 'world' }, { model: MODEL, sep: 'model' })
  const init = await client.postEventType(SignedEvent, event)
  const patch = [{ op: 'replace', path: '/hello', value: 'you' }]
  const update = await signEvent(did, { id: init, prev: init, data: patch })
  const updated = await client.postEventType(SignedEvent, update)

  // and read again, verified by the session's DID
  const text = eventToString(SignedEvent, event)
  const read = await eventToContainer(did, InitEventPayload, eventFromString(SignedEvent, text))
  const [controller] = read.payload.header.controllers
  return { writes: 2, controller: String(controller), result: String(updated) }
}
