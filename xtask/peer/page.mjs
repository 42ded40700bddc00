// The few globals of a page that the peer's browser-only auth methods look at, for as long as a
// piece of work takes.

/** Runs `work` as if on a page of this host, with these credentials behind `navigator`. */
export async function onPage({ hostname, credentials }, work) {
  const location = { hostname, origin: `https://${hostname}`, toString: () => `https://${hostname}/` }
  const globals = { location, navigator: { credentials }, window: { location } }
  const before = Object.keys(globals).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)])
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
  }
  try {
    return await work()
  } finally {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) delete globalThis[name]
      else Object.defineProperty(globalThis, name, descriptor)
    }
  }
}
