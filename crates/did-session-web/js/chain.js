// Asking a contract wallet's chain through the provider that the page has.

import { inWords } from './host.js'

/** How long a chain has for all that is asked of it. */
const PATIENCE_MS = 10_000

const withDeadline = (work, end) =>
  new Promise((resolve, reject) => {
    const left = Math.max(end - performance.now(), 0)
    const timer = setTimeout(() => reject(new Error('it did not answer in time')), left)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })

/** Why the chain did not answer everything; nothing if it did. */
const outageOf = async (asker, provider) => {
  const end = performance.now() + PATIENCE_MS
  const request = (method, params) =>
    withDeadline(Promise.resolve(provider.request({ method, params })), end)
  try {
    const chain = BigInt(await request('eth_chainId', [])).toString()
    for (const call of JSON.parse(asker.calls)) {
      if (call.chain !== chain) return `the wallet is on the chain eip155:${chain}`
      let [answer, isError] = [undefined, false]
      try {
        answer = await request('eth_call', call.params)
      } catch (error) {
        const { code, message, data } = error ?? {}
        if (typeof code !== 'number') return inWords(error)
        ;[answer, isError] = [{ code, message, data }, true]
      }
      const why = asker.outcome(JSON.stringify(answer ?? null), isError)
      if (why !== undefined) return why
    }
    return undefined
  } catch (error) {
    return inWords(error)
  }
}

/** Asks the chain what `asker` (a flow) wants to know, and tells it; returns its next step. */
export const askChain = async (asker, provider) =>
  provider === undefined ? asker.unasked() : asker.answered(await outageOf(asker, provider))
