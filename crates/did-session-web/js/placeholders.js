// What stands in a part for functions of later ones, until those are there.

import { failure } from './host.js'

const LATER = ['machine', 'ethereum', 'signing', 'revocations', 'rest']

const missing = (name) => () => {
  throw failure('not_loaded', `the part ${name} of the WebAssembly is needed before it is loaded`)
}

/** The imports of a part, and placeholders for what later ones bring. */
export const withParts = (imports) => {
  for (const name of LATER) imports[name] = new Proxy({}, { get: () => missing(name) })
  return imports
}
