// What happens to sessions, for whoever wants to know.

const listeners = new Set()

/** Hears of everything; answers how to stop. */
export const hear = (listener) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Whether anybody hears: only then is looked at what is only told. */
export const isHeard = () => listeners.size > 0

/**
 * Tells it; there is nothing secret in an event. `candidate` is a stored record that is not used.
 */
export const tell = (kind, about) => {
  if (!isHeard()) return
  const { session, candidate, issuer, profile, reason } = { __proto__: null, ...about }
  const event = { kind }
  const id = session?.id ?? issuer
  if (id !== undefined) event.id = id
  const name = session?.profile ?? profile
  if (name !== undefined && name !== null) event.profile = name
  const identity = (session ?? candidate)?.identity
  if (identity !== undefined) event.identity = identity
  if (reason !== undefined) event.reason = reason
  // those who come or go meanwhile change nothing
  for (const listener of [...listeners]) {
    try {
      listener({ ...event })
    } catch {
      // what a listener throws is its own matter
    }
  }
}
