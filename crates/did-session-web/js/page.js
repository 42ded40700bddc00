// What is the same for a whole page: where sessions are kept, and which domains it accepts.

import { Revocations } from './revocations.js'
import { Store } from './store.js'

const made = (configuration) => {
  const store = new Store(configuration)
  return {
    store,
    revocations: new Revocations(store),
    domains: configuration.domains,
    provider: configuration.provider,
  }
}

let current

/** The page as it is configured. */
export const page = () =>
  (current ??= made({ __proto__: null, algorithm: 'P-256', unstorable: 'refuse', domains: [] }))

export const setPage = (configuration) => {
  current = made(configuration)
}
