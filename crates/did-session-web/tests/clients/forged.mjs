// Writes that were changed after they were signed: what the stand-in node says to them.

import { SignedEvent, createSignedInitEvent } from '@ceramic-sdk/events'
import { CeramicClient } from '@ceramic-sdk/http-client'
import { MODEL } from '@ceramic-sdk/model-protocol'
import { DIDSession } from 'did-session-web/dids'

export const run = async (given, url) => {
  const client = new CeramicClient({ url })
  const sign = (did, header) =>
    createSignedInitEvent(did, { hello: 'world' }, { model: MODEL, sep: 'model', ...header })
  const said = async (event) =>
    client.postEventType(SignedEvent, event).then(() => 'accepted', ({ message }) => message)
  const event = await sign(given.did)
  const other = await sign(given.did, { context: MODEL })
  const [{ protected: header }] = event.jws.signatures
  const { signature } = other.jws.signatures[0]
  const strange = [`did:pkh:eip155:1:0x${'1'.repeat(40)}`]
  const result = [
    await said({ ...event, jws: { ...event.jws, signatures: [{ protected: header, signature }] } }),
    await said({ ...event, linkedBlock: other.linkedBlock }),
    await said(await sign(given.did, { controllers: strange })),
  ]
  return { writes: 0, controller: given.id, result, is: given instanceof DIDSession }
}
