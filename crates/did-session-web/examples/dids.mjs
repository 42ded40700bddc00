// A request that proves its session (docs/http.md), made with the npm package `dids` and none of
// our code. Run: node examples/dids.mjs URL < session-string, where the session string is that of
// `serialize` of the npm package `did-session`.

import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { DIDSession } from 'did-session'
import { CID } from 'multiformats/cid'

const sha256 = (data, encoding) => createHash('sha256').update(data).digest(encoding)

/**
 * The fields of a request that proves the session of a `DID` with a capability. The content is
 * bytes, or nothing; the nonce is the newest of `DID-Session-Nonce`.
 */
export const proofFields = async (did, { method, url, content, contentType, nonce }) => {
  const fields = {}
  const lines = [`"@method": ${method}`, `"@target-uri": ${url}`]
  if (content !== undefined && content.length > 0) {
    fields['content-digest'] = `sha-256=:${sha256(content, 'base64')}:`
    lines.push(`"content-digest": ${fields['content-digest']}`)
    if (contentType !== undefined) {
      fields['content-type'] = contentType
      lines.push(`"content-type": ${contentType}`)
    }
  }
  const claims = {
    htd: sha256(lines.join('\n'), 'base64url'),
    iat: Math.floor(Date.now() / 1000),
    jti: randomBytes(12).toString('base64url'),
    ...(nonce === undefined ? {} : { nonce }),
  }
  // `alg`, `cap` and `kid` are set by `dids`
  const jws = await did.createJWS(claims, { protected: { typ: 'did-session-proof+jwt' } })
  const [{ protected: header, signature }] = jws.signatures
  fields.authorization = `DIDSession ${header}.${jws.payload}.${signature}`
  return fields
}

const varint = (value) =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))]

/** The capability of the `DID` as a CAR with one root, to be registered or sent along. */
export const capabilityCar = async (did) => {
  const { jws, cacaoBlock } = await did.createDagJWS({})
  const [{ protected: header }] = jws.signatures
  const { cap } = JSON.parse(Buffer.from(header, 'base64url'))
  const cid = CID.parse(cap.replace('ipfs://', '')).bytes
  // {"roots": [CID], "version": 1} in DAG-CBOR
  const start = [0xa2, 0x65, ...Buffer.from('roots'), 0x81, 0xd8, 0x2a, 0x58, cid.length + 1, 0]
  const head = [...start, ...cid, 0x67, ...Buffer.from('version'), 1]
  const block = [...cid, ...cacaoBlock]
  return Uint8Array.from([...varint(head.length), ...head, ...varint(block.length), ...block])
}

/** Asks once, and once more with the nonce that the server wants. */
export const ask = async (did, request) => {
  const { method, url, content } = request
  const capability = Buffer.from(await capabilityCar(did)).toString('base64url')
  let response
  for (let nonce, times = 0; times < 2; times += 1) {
    const fields = await proofFields(did, { ...request, nonce })
    const headers = { ...fields, 'did-session-capability': capability }
    response = await fetch(url, { method, headers, body: content, redirect: 'error' })
    nonce = response.headers.get('did-session-nonce') ?? undefined
    if (response.status !== 401 || nonce === undefined) break
  }
  return response
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const session = await DIDSession.fromSession(readFileSync(0, 'utf8').trim())
  const response = await ask(session.did, { method: 'GET', url: process.argv[2] })
  console.log(response.status, await response.text())
}
