// Events: what happens to sessions, for listeners.

const listeners = new Set()

/** Listens to all events; returns a function that stops it. */
export const hear = (listener) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Whether there are listeners: what only events need is looked at only then. */
export const isHeard = () => listeners.size > 0

/**
 * Tells the listeners; an event holds nothing secret. `candidate` is a stored record that is not used.
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
  // listeners that are added or removed meanwhile change nothing
  for (const listener of [...listeners]) {
    try {
      listener({ ...event })
    } catch {
      // a listener that throws must not stop the others
    }
  }
}
