// A node as the packages know it, in two dialects: that of @ceramic-sdk (`/ceramic`) and that of
// js-ceramic (`/api/v0`). It keeps streams in memory. What is signed is verified by `dids`, with
// the capability that was sent along, before anything is kept.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { SignedEvent, eventFromString, signedEventToCAR } from '@ceramic-sdk/events'
import { InitEventPayload } from '@ceramic-sdk/events'
import { AnchorStatus, SignatureStatus, StreamUtils } from '@ceramicnetwork/common'
import { StreamID } from '@ceramicnetwork/streamid'
import { getEIP191Verifier } from '@didtools/pkh-ethereum'
import * as dagCbor from '@ipld/dag-cbor'
import { DID } from 'dids'
import jsonpatch from 'fast-json-patch'
import KeyResolver from 'key-did-resolver'
import { base64 } from 'multiformats/bases/base64'
import * as Block from 'multiformats/block'
import { CID } from 'multiformats/cid'
import { sha256 as hasher } from 'multiformats/hashes/sha2'

const judge = new DID({ resolver: KeyResolver.getResolver() })
const verifiers = getEIP191Verifier()

const MODEL_TYPE = 2
const INSTANCE_TYPE = 3

/** Pages of any origin may write, as one of the packages does with credentials. */
const shared = ({ origin = '*' }) => ({
  'access-control-allow-origin': origin,
  'access-control-allow-credentials': 'true',
  'access-control-allow-headers': 'content-type',
  'access-control-allow-methods': 'GET, POST',
})

/** The value of a block, which must have this CID. */
const valueOf = async (bytes, cid) =>
  (await Block.create({ bytes, cid, codec: dagCbor, hasher })).value

const headerOf = ({ signatures: [{ protected: header }] }) =>
  JSON.parse(Buffer.from(header, 'base64url').toString())

/** What the tests compare of a write. */
export const told = ({ controller, kid, capability }) => ({
  controller,
  key: kid.split('#')[0],
  issuer: capability?.p.iss,
})

/** What was signed, for whom, by which key. */
const verified = async ({ jws, linkedBlock, cacaoBlock }, controllerOf) => {
  const payload = await valueOf(linkedBlock, jws.link)
  const { cap } = headerOf(jws)
  const capability =
    cacaoBlock && (await valueOf(cacaoBlock, CID.parse(cap.replace('ipfs://', ''))))
  const controller = payload.header?.controllers?.[0] ?? controllerOf(payload)
  const options = { issuer: controller, capability, verifiers }
  const { kid } = await judge.verifyJWS(jws, options)
  return { payload, controller, kid, capability }
}

const patched = (content, patch) =>
  jsonpatch.applyPatch(structuredClone(content ?? {}), patch).newDocument

export const standIn = async () => {
  const streams = new Map()
  /** What was written: `{controller, kid, capability}` of each signed write. */
  const writes = []

  const controllerOf = ({ id }) => {
    const stream = streams.get(String(id))
    if (stream === undefined) throw new Error(`no stream begins with ${id}`)
    return stream.controller
  }

  /** Keeps an event, signed or not, as the first of a stream or as a change of one. */
  const keep = async (event, cid, type) => {
    const signed = event.jws !== undefined
    const write = signed ? await verified(event, controllerOf) : { payload: event }
    const { payload } = write
    if (signed) writes.push(write)
    if (payload.prev !== undefined) {
      const stream = streams.get(String(payload.id))
      if (!signed) throw new Error('a change is not signed')
      if (String(stream.log.at(-1)) !== String(payload.prev)) throw new Error('not after the tip')
      stream.content = patched(stream.content, payload.data)
      stream.log.push(cid)
      return stream
    }
    const { header, data } = payload
    const known = streams.get(String(cid))
    if (known !== undefined) return known
    const stream = { type, header, content: data, controller: header.controllers[0], log: [cid] }
    streams.set(String(cid), stream)
    return stream
  }

  const of = (stream) => new StreamID(stream.type, stream.log[0])

  const named = (id) => {
    const stream = streams.get(String(StreamID.fromString(id).cid))
    if (stream === undefined) throw new Error(`no stream ${id}`)
    return stream
  }

  // --- @ceramic-sdk

  const modelOf = (header) => (header.model instanceof Uint8Array ? header.model : header.model.bytes)

  const states = {
    sdk(stream) {
      const content = { content: stream.content, metadata: {} }
      return {
        id: of(stream).toString(),
        event_cid: String(stream.log.at(-1)),
        controller: stream.controller,
        dimensions: { model: base64.encode(modelOf(stream.header)) },
        data: base64.encode(new TextEncoder().encode(JSON.stringify(content))),
      }
    },

    http(stream) {
      const { controllers, model, unique, ...header } = stream.header
      const metadata = { controllers, ...header }
      if (model !== undefined) metadata.model = StreamID.fromBytes(modelOf(stream.header))
      if (unique !== undefined) metadata.unique = unique
      return StreamUtils.serializeState({
        type: stream.type,
        content: stream.content ?? {},
        metadata,
        signature: SignatureStatus.SIGNED,
        anchorStatus: AnchorStatus.NOT_REQUESTED,
        log: stream.log.map((cid, index) => ({ cid, type: index === 0 ? 0 : 1 })),
      })
    },
  }

  const events = new Map()

  const typeOf = (header) =>
    StreamID.fromBytes(modelOf(header)).toString().startsWith('kh4q0ozorrga')
      ? MODEL_TYPE
      : INSTANCE_TYPE

  const sdk = {
    async 'POST /ceramic/events'({ data }) {
      const event = eventFromString(InitEventPayload, data)
      if (SignedEvent.is(event)) {
        const [cid] = signedEventToCAR(event).roots
        const { header } = await valueOf(event.linkedBlock, event.jws.link)
        await keep(event, cid, header?.model && typeOf(header))
        events.set(String(cid), data)
      } else {
        const encoded = InitEventPayload.encode(event)
        const { cid } = await Block.encode({ value: encoded, codec: dagCbor, hasher })
        await keep(encoded, cid, typeOf(encoded.header))
      }
    },
    'GET /ceramic/events': (_, id) => ({ id, data: events.get(id) }),
    'GET /ceramic/streams': (_, id) => states.sdk(named(id)),
  }

  // --- js-ceramic

  const cidOf = async (commit) =>
    commit.jws === undefined
      ? (await Block.encode({ value: commit, codec: dagCbor, hasher })).cid
      : signedEventToCAR(commit).roots[0]

  const answered = (stream) => ({ streamId: of(stream).toString(), state: states.http(stream) })

  const http = {
    async 'POST /api/v0/streams'({ type, genesis }) {
      const commit = StreamUtils.deserializeCommit(genesis)
      return answered(await keep(commit, await cidOf(commit), type))
    },
    async 'POST /api/v0/commits'({ commit: text }) {
      const commit = StreamUtils.deserializeCommit(text)
      return answered(await keep(commit, await cidOf(commit)))
    },
    'GET /api/v0/streams': (_, id) => answered(named(id)),
    'POST /api/v0/multiqueries': ({ queries }) =>
      Object.fromEntries(queries.map(({ streamId }) => [streamId, states.http(named(streamId))])),
  }

  const routes = { ...sdk, ...http }

  const server = createServer(async (request, response) => {
    const answer = (status, body) => {
      const fields = { ...shared(request.headers), 'content-type': 'application/json' }
      response.writeHead(status, fields)
      response.end(body === undefined ? '' : JSON.stringify(body))
    }
    if (request.method === 'OPTIONS') return answer(204)
    try {
      const chunks = []
      for await (const chunk of request) chunks.push(chunk)
      const text = Buffer.concat(chunks).toString()
      const { pathname } = new URL(request.url, 'http://node')
      const [, path, id] = /^(\/ceramic\/\w+|\/api\/v0\/\w+)(?:\/([^/]+))?$/.exec(pathname) ?? []
      const route = routes[`${request.method} ${path}`]
      if (route === undefined) return answer(404, { message: `no route ${pathname}` })
      const body = await route(text === '' ? undefined : JSON.parse(text), id)
      return answer(body === undefined ? 204 : 200, body)
    } catch (error) {
      return answer(400, { message: String(error), error: String(error) })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    writes,
    close: () => server.close(),
  }
}
