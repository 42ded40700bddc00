// What happens to sessions, for whoever wants to know.

const listeners = new Set()

/** Hears of everything; answers how to stop. */
export const hear = (listener) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Tells it; there is nothing secret in an event. */
export const tell = (kind, about) => {
  if (listeners.size === 0) return
  const { session, issuer, profile, reason } = { __proto__: null, ...about }
  const event = { kind }
  const id = session?.id ?? issuer
  if (id !== undefined) event.id = id
  const name = session?.profile ?? profile
  if (name !== undefined && name !== null) event.profile = name
  if (session !== undefined) event.identity = session.identity
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
