// Asking a wallet: an auth method of whatever origin, which may throw anything, or never answer.

import { readable } from './capability.js'
import { failure, inWords, isOurs, reading } from './host.js'

/** A member of something that was thrown, whose getters may throw in turn. */
const memberOf = (thrown, name) => {
  try {
    return thrown?.[name]
  } catch {
    return undefined
  }
}

/**
 * The user's no: EIP-1193 has a code for it, WebAuthn a name, libraries have names of their own, and
 * the rest says so in its message.
 */
const isDecline = (thrown) => {
  // a signal or a time ended it, whatever the reason is called
  if (isOurs(thrown)) return false
  const [code, name] = [memberOf(thrown, 'code'), memberOf(thrown, 'name')]
  const names = ['NotAllowedError', 'UserRejectedRequestError', 'AbortedBeaconError']
  if (code === 4001 || code === 'ACTION_REJECTED' || names.includes(name)) return true
  const told = memberOf(thrown, 'message') ?? thrown
  if (typeof told !== 'string') return false
  const message = told.toLowerCase()
  // wallets of Stacks throw just this word
  if (message === 'cancel') return true
  const words = ['reject', 'denied', 'declin', 'cancel', 'abort']
  return message.includes('user') && words.some((word) => message.includes(word))
}

const messageOf = (thrown) => {
  const message = memberOf(thrown, 'message') ?? thrown
  return typeof message === 'string' ? message : 'it threw something without a message'
}

/** Something of what a wallet answered, whose getters may throw in turn. */
export const answerOf = (read) => reading("the wallet's answer", read, 'wallet_failed')

/** Ends with the signal, or after so many seconds, whatever the wallet does. */
const withPatience = (work, { signal, walletTimeout }) =>
  new Promise((resolve, reject) => {
    const abort = () =>
      reject(failure('aborted', `the call was aborted: ${inWords(memberOf(signal, 'reason'))}`))
    const timer =
      walletTimeout === undefined
        ? undefined
        : setTimeout(
            () =>
              reject(
                failure('wallet_timeout', `the wallet did not answer within ${walletTimeout} seconds`)
              ),
            walletTimeout * 1000
          )
    const end = (settle) => (value) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      settle(value)
    }
    if (signal?.aborted) return abort()
    signal?.addEventListener('abort', abort, { once: true })
    return work().then(end(resolve), end(reject))
  })

/**
 * What the method answers to what is asked, as the JSON of a capability: `{text, tell, kind}`, or
 * `{thrown, isDeclined, why}`. `given` are the caller's options, which stay as they are.
 */
export const askWallet = async (method, given, asked, patience) => {
  try {
    const options = { ...given, ...asked }
    const answer = await withPatience(async () => method(options), patience)
    try {
      const { text, tell } = readable(answer)
      return { text, tell, kind: JSON.parse(text).s?.t }
    } catch (error) {
      return { text: undefined, isDeclined: false, why: `its answer is not usable: ${inWords(error)}` }
    }
  } catch (thrown) {
    return { text: undefined, thrown, isDeclined: isDecline(thrown), why: messageOf(thrown) }
  }
}
