// Capabilities by the package's own wasm, which is loaded with the first of them.

import * as wasm from './did_session_web.js'
import { init } from './load.js'

/** Reads a capability: a CAR with one root, or its block. */
export const readCapability = async (bytes, { isCar }) => {
  await init()
  const read = wasm.readCapability(bytes, isCar)
  const verify = async ({ domain, time }) => wasm.judgeCapability(read.block, domain, time)
  return { ...read, verify }
}
