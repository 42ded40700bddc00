// The peer's own code, timed on the inputs that our benchmarks measure: one JSON line for each row.
// `node bench.mjs INPUTS [SECONDS]`

import { readFileSync } from 'node:fs'

import { Cacao, CacaoBlock } from '@didtools/cacao'
import { getEIP191Verifier } from '@didtools/pkh-ethereum'
import { DIDSession } from 'did-session'
import { DID } from 'dids'
import { Ed25519Provider } from 'key-did-provider-ed25519'
import KeyDidResolver from 'key-did-resolver'

const inputs = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const seconds = Number(process.argv[3] ?? 1)
const verifiers = getEIP191Verifier()
const atTime = new Date(inputs.now)
// the package reads the clock where it cannot be told the time
Date.now = () => inputs.now

const reader = new DID({ resolver: KeyDidResolver.getResolver() })
const cacao = inputs.eip191
const session = await DIDSession.fromSession(inputs.session)
const seed = Uint8Array.from(Buffer.from(inputs.seed, 'hex'))
const signer = new DID({
  provider: new Ed25519Provider(seed),
  resolver: KeyDidResolver.getResolver(),
  capability: cacao,
})
await signer.authenticate()
const { issuer } = inputs

const rows = {
  'P5': () => Cacao.verify(cacao, { verifiers, atTime }),
  'P7': () => reader.verifyJWS(inputs.jws),
  'P8': () =>
    reader.verifyJWS(inputs.jwsWithCapability, { issuer, capability: cacao, verifiers, atTime }),
  'P9': () => signer.createJWS(inputs.payload),
  'P10': () => DIDSession.fromSession(inputs.session),
  'P11': () => session.serialize(),
  'P12': () => CacaoBlock.fromCacao(cacao),
  'P13': () => reader.resolve(inputs.did),
  'P14': () => reader.verifyJWS(inputs.jwsEs256),
}

const nanoseconds = async (work, batch) => {
  const begun = process.hrtime.bigint()
  for (let i = 0; i < batch; i++) await work()
  return Number(process.hrtime.bigint() - begun) / batch
}

// the least of many short batches: a shared machine can only make one longer
for (const [id, work] of Object.entries(rows)) {
  try {
    await nanoseconds(work, 20)
    const batch = Math.max(1, Math.ceil(3e6 / (await nanoseconds(work, 20))))
    const until = process.hrtime.bigint() + BigInt(Math.round(seconds * 1e9))
    let least = Infinity
    while (process.hrtime.bigint() < until) least = Math.min(least, await nanoseconds(work, batch))
    console.log(JSON.stringify({ id, ns: least }))
  } catch (error) {
    console.log(JSON.stringify({ id, error: String(error?.message ?? error) }))
  }
}
