// The parts of the package that are WebAssembly: a file each, loaded when it is first needed.

import load from './did_session_web.js'
import { withParts } from './placeholders.js'
import { isJudging } from './rules.js'

/** What the first part exports, which the second is made of, and what that does, for the others. */
let [session, machine] = []

const later = async (module) => {
  await WebAssembly.instantiate(module, { machine })
}

/**
 * By name: the file; its URL, in the one form that bundlers understand, to the letter; and how an
 * instance is made of a compiled module.
 */
export const PARTS = {
  session: {
    file: 'did_session_web_bg.wasm',
    url: () => new URL('./did_session_web_bg.wasm', import.meta.url),
    start: async (module) => {
      session = await load({ module_or_path: module })
    },
  },
  // what judges and asks
  machine: {
    after: 'session',
    file: 'machine.wasm',
    url: () => new URL('./machine.wasm', import.meta.url),
    start: async (module) => {
      const { exports } = await WebAssembly.instantiate(module, withParts({ session }))
      machine = exports
      isJudging()
    },
  },
  // proofs of accounts of Ethereum
  ethereum: {
    after: 'machine',
    file: 'ethereum.wasm',
    url: () => new URL('./ethereum.wasm', import.meta.url),
    start: later,
  },
  // what session keys sign
  signing: {
    after: 'machine',
    file: 'signing.wasm',
    url: () => new URL('./signing.wasm', import.meta.url),
    start: later,
  },
  // what was revoked in this browser, and the statements that say so
  revocations: {
    after: 'signing',
    file: 'revocations.wasm',
    url: () => new URL('./revocations.wasm', import.meta.url),
    start: later,
  },
  // the other chains, keys of a seed, what others signed
  rest: {
    after: 'machine',
    file: 'rest.wasm',
    url: () => new URL('./rest.wasm', import.meta.url),
    start: later,
  },
}
