// Loads the wasm module, once.

import load from './did_session_web.js'

let loading

/**
 * Loads the module now rather than with the first call. `source` (a URL, a Response, bytes or a
 * WebAssembly.Module) is for bundlers that do not know `new URL(…, import.meta.url)`.
 */
export const init = (source) => {
  loading ??= load(source === undefined ? undefined : { module_or_path: source }).catch((error) => {
    // a network may come back
    loading = undefined
    throw Object.assign(new Error(`the wasm module cannot be loaded: ${error?.message ?? error}`), {
      name: 'DIDSessionError',
      code: 'not_loaded',
      cause: error,
    })
  })
  return loading.then(() => undefined)
}
