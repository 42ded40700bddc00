// An application that publishes a model: @ceramic-sdk/model-client.

import { ModelClient } from '@ceramic-sdk/model-client'
import type { ModelDefinition } from '@ceramic-sdk/model-protocol'
import type { DIDSession } from 'did-session-web/dids'

const definition: ModelDefinition = {
  version: '2.0',
  name: 'Note',
  accountRelation: { type: 'list' },
  interface: false,
  implements: [],
  schema: {
    type: 'object',
    properties: { text: { type: 'string', maxLength: 100 } },
    additionalProperties: false,
  },
}

export const run = async (session: DIDSession, url: string) => {
  const client = new ModelClient({ ceramic: url, did: session.did })
  const model = await client.createDefinition(definition)
  const payload = await client.getPayload(model)
  const newContent = { ...definition, description: 'a note' }
  const { content } = await client.updateDefinition({ streamID: model.toString(), newContent })
  const [controller] = payload.header.controllers
  return { writes: 2, controller: String(controller), result: content?.description }
}
