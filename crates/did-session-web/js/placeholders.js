// What stands in the first part for functions of the later ones, until those are there.

import { failure } from './host.js'

const LATER = ['ethereum', 'rest']

const missing = (name) => () => {
  throw failure('not_loaded', `the part ${name} of the WebAssembly is needed before it is loaded`)
}

/** The imports of the first part, and placeholders for what the others bring. */
export const withParts = (imports) => {
  for (const name of LATER) imports[name] = new Proxy({}, { get: () => missing(name) })
  return imports
}
