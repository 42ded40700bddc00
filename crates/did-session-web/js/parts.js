// The parts of the package that are WebAssembly: a file each, loaded when it is first needed.

import load from './did_session_web.js'

/**
 * By name: the file; its URL, in the one form that bundlers understand, to the letter; and how an
 * instance is made of a compiled module.
 */
export const PARTS = {
  session: {
    file: 'did_session_web_bg.wasm',
    url: () => new URL('./did_session_web_bg.wasm', import.meta.url),
    start: (module) => load({ module_or_path: module }),
  },
}
