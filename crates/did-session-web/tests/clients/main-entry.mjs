// The DID of the main entry, which is not a `DID` of dids, where packages ask for its methods only.

import { ModelClient } from '@ceramic-sdk/model-client'
import { CeramicClient } from '@ceramicnetwork/http-client'
import { TileDocument } from '@ceramicnetwork/stream-tile'
import { DIDSession } from 'did-session-web'

export const run = async (given, url) => {
  const { did } = await DIDSession.fromSession(given.serialize())
  const client = new ModelClient({ ceramic: url, did })
  const model = await client.createDefinition({
    version: '2.0',
    name: 'Note',
    accountRelation: { type: 'list' },
    interface: false,
    implements: [],
    schema: { type: 'object', properties: {}, additionalProperties: false },
  })
  const { header } = await client.getPayload(model)
  const ceramic = new CeramicClient(url)
  ceramic.did = did
  const tile = await TileDocument.create(ceramic, { foo: 'bar' })
  await tile.update({ foo: 'boo' })
  return { writes: 3, controller: header.controllers[0], result: tile.content.foo }
}
