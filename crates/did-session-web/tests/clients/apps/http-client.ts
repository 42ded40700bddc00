// An application of a js-ceramic node: @ceramicnetwork/http-client.

import { CeramicClient } from '@ceramicnetwork/http-client'
import { Model } from '@ceramicnetwork/stream-model'
import type { ModelDefinition } from '@ceramicnetwork/stream-model'
import { ModelInstanceDocument } from '@ceramicnetwork/stream-model-instance'
import { TileDocument } from '@ceramicnetwork/stream-tile'
import type { DIDSession } from 'did-session-web/dids'

const definition: ModelDefinition = {
  version: '1.0',
  name: 'Note',
  accountRelation: { type: 'list' },
  schema: {
    type: 'object',
    properties: { text: { type: 'string', maxLength: 100 } },
    additionalProperties: false,
  },
}

export const run = async (session: DIDSession, url: string) => {
  const ceramic = new CeramicClient(url)
  ceramic.did = session.did
  const tile = await TileDocument.create(ceramic, { foo: 'bar' })
  await tile.update({ foo: 'boo' })
  const [controller] = tile.controllers

  const model = await Model.create(ceramic, definition)
  const note = await ModelInstanceDocument.create(ceramic, { text: 'first' }, { model: model.id })
  await note.replace({ text: 'second' })
  const single = await ModelInstanceDocument.single(ceramic, { model: model.id })
  await single.replace({ text: 'only' })
  const loaded = await TileDocument.load<{ foo: string }>(ceramic, tile.id)
  return { writes: 6, controller, result: [loaded.content.foo, note.content, single.content] }
}
