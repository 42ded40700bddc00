// Capabilities by the package's own wasm, which is loaded with the first of them.

import * as wasm from './did_session_web.js'
import { all } from './load.js'

/** Reads a capability: a CAR with one root, or its block. */
export const readCapability = async (bytes, { isCar }) => {
  await all()
  const read = wasm.readCapability(bytes, isCar)
  const [facts, block] = [JSON.parse(read.facts), read.block]
  read.free()
  const verify = async ({ domain, time }) => wasm.judgeCapability(block, domain, time)
  return { ...facts, block, verify }
}
