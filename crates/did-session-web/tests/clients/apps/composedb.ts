// An application with a GraphQL schema: @composedb/client.

import { ComposeClient } from '@composedb/client'
import type { DIDSession } from 'did-session-web/dids'

const definition = {
  models: {
    Note: {
      id: 'kjzl6hvfrbw6c5he7glhpkdzymvjbq2cmwhd3rb4yo3gqs9sp3jlwk2dfgu2x4q',
      interface: false,
      implements: [],
      accountRelation: { type: 'list' as const },
    },
  },
  objects: { Note: { text: { type: 'string' as const, required: true } } },
  enums: {},
  accountData: { noteList: { type: 'connection' as const, name: 'Note' } },
}

type Answer = Record<string, { document: { id: string; text: string } } | undefined>

export const run = async (session: DIDSession, url: string) => {
  const client = new ComposeClient({ ceramic: url, definition })
  client.setDID(session.did)
  const ask = async (name: string, query: string, variables: Record<string, unknown>) => {
    const { data, errors } = await client.executeQuery<Answer>(query, variables)
    const document = data?.[name]?.document
    if (document === undefined) throw new Error(`${name}: ${String(errors)}`)
    return document
  }
  const created = await ask(
    'createNote',
    'mutation ($i: CreateNoteInput!) { createNote(input: $i) { document { id text } } }',
    { i: { content: { text: 'first' } } }
  )
  const updated = await ask(
    'updateNote',
    'mutation ($i: UpdateNoteInput!) { updateNote(input: $i) { document { id text } } }',
    { i: { id: created.id, content: { text: 'second' } } }
  )
  return { writes: 2, controller: client.id, result: [created.text, updated.text] }
}
