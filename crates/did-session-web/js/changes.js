// Telling other tabs and workers what changed, and hearing it from them.

import { storeFailure } from './host.js'
import * as wasm from './did_session_web.js'

const channelOf = (database) => {
  if (typeof BroadcastChannel !== 'function') {
    const reason = 'there is no BroadcastChannel here: the global object has none'
    throw storeFailure('storage_unavailable', `changes cannot be observed: ${reason}`)
  }
  return new BroadcastChannel(`did-session:${database}`)
}

/** `slot` is what wasm says of it. */
export const announce = (database, { issuer, profile }, change) => {
  let channel
  try {
    channel = channelOf(database)
  } catch {
    return
  }
  channel.postMessage(profile ? { issuer, profile, change } : { issuer, change })
  channel.close()
}

/** What a message says, if it is one of ours: any script of the origin can write here. */
const changeIn = (data) => {
  const { issuer, profile, change } = { __proto__: null, ...data }
  if (change !== 'saved' && change !== 'removed') return undefined
  if (typeof issuer !== 'string' || !(profile === undefined || typeof profile === 'string')) {
    return undefined
  }
  try {
    const slot = JSON.parse(wasm.slotAt(issuer, profile))
    const heard = { id: slot.issuer, change }
    return slot.profile === null ? heard : { ...heard, profile: slot.profile }
  } catch {
    return undefined
  }
}

/** Listens for changes of these databases; returns a function that stops it. */
export const listen = (databases, hear) => {
  const channels = databases.map(channelOf)
  for (const channel of channels) {
    channel.onmessage = ({ data }) => {
      const change = changeIn(data)
      if (change === undefined) return
      try {
        hear(change)
      } catch {
        // a listener that throws must not stop the others
      }
    }
  }
  return () => {
    for (const channel of channels) {
      channel.onmessage = null
      channel.close()
    }
  }
}
