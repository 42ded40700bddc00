// Capabilities of Ethereum accounts, read and judged by the packages of the peer: what `dids` and
// those below it do, for a verifier without wasm.

import { Cacao } from '@didtools/cacao'
import { getEIP191Verifier } from '@didtools/pkh-ethereum'
import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'

const cidOf = async (block) => CID.createV1(0x71, await sha256.digest(block))

/** The block of the root of a CAR: parts with their length in front, the header first. */
const rootOf = async (bytes) => {
  let at = 0
  const part = () => {
    let length = 0
    for (let shift = 0; ; shift += 7) {
      if (at >= bytes.length) throw new Error('the CAR is cut off')
      const byte = bytes[at++]
      length |= (byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    at += length
    if (at > bytes.length) throw new Error('the CAR is cut off')
    return bytes.subarray(at - length, at)
  }
  const { version, roots } = dagCbor.decode(part())
  const entry = part()
  const block = entry.subarray(36)
  const cid = await cidOf(block)
  if (version !== 1 || roots.length !== 1 || !cid.equals(roots[0])) throw new Error('not one root')
  return block
}

const seconds = (date) => Date.parse(date) / 1000

export const readCapability = async (bytes, { isCar }) => {
  const block = isCar ? await rootOf(bytes) : bytes
  const cacao = dagCbor.decode(block)
  const { iss, aud, domain, nonce, resources = [], iat, exp } = cacao.p
  return {
    cid: (await cidOf(block)).toString(),
    block,
    issuer: iss,
    audience: aud,
    identity: (await cidOf(dagCbor.encode(cacao.p))).toString(),
    domain,
    nonce,
    resources,
    issuedAt: seconds(iat),
    expiresAt: exp === undefined ? undefined : seconds(exp),
    async verify({ time }) {
      const atTime = new Date(time * 1000)
      const options = { verifiers: getEIP191Verifier(), atTime, expPhaseOutSecs: 0 }
      await Cacao.verify(cacao, options).catch((error) => {
        throw Object.assign(error, { code: 'not_verified' })
      })
    },
  }
}
