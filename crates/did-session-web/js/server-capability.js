// Capabilities by the package's own wasm, which is loaded with the first of them.

import * as wasm from './did_session_web.js'
import { init } from './load.js'

let loading

/** Where the module is a file; some workers know no URL of their own. */
const fileUrl = () => {
  try {
    const url = new URL('did_session_web_bg.wasm', import.meta.url)
    return url.protocol === 'file:' ? url : undefined
  } catch {
    return undefined
  }
}

/** Node's `fetch` reads no files. */
const loaded = () => {
  loading ??= (async () => {
    const url = fileUrl()
    if (url === undefined) return init()
    const { readFile } = await import('node:fs/promises')
    return init(await readFile(url))
  })().catch((error) => {
    loading = undefined
    throw error
  })
  return loading
}

/** Reads a capability: a CAR with one root, or its block. */
export const readCapability = async (bytes, { isCar }) => {
  await loaded()
  const read = wasm.readCapability(bytes, isCar)
  const [facts, block] = [JSON.parse(read.facts), read.block]
  read.free()
  const verify = async ({ domain, time }) => wasm.judgeCapability(block, domain, time)
  return { ...facts, block, verify }
}
