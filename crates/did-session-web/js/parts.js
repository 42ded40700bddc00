// The parts of the package that are WebAssembly: a file each, loaded when it is first needed.

import load from './did_session_web.js'

/** What the first part exports, which the others are made of. */
let session

const later = async (module) => {
  await WebAssembly.instantiate(module, { session })
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
  // proofs of accounts of Ethereum
  ethereum: {
    after: 'session',
    file: 'ethereum.wasm',
    url: () => new URL('./ethereum.wasm', import.meta.url),
    start: later,
  },
  // the other chains, keys of a seed, what others signed
  rest: {
    after: 'session',
    file: 'rest.wasm',
    url: () => new URL('./rest.wasm', import.meta.url),
    start: later,
  },
}
