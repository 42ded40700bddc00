// Asking a wallet: an auth method of whatever origin, which may throw anything, or never answer.

import { readable } from './capability.js'
import { failure, inWords, isOurs, memberOf, NOT_GIVEN, reading } from './host.js'
import { after, atAbort, walletTimeout } from './patience.js'

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
const withPatience = (work, { signal, walletTimeout: seconds }) =>
  new Promise((resolve, reject) => {
    let isOver = false
    const stops = []
    const end = (settle) => (value) => {
      isOver = true
      for (const stop of stops) stop()
      settle(value)
    }
    stops.push(atAbort(signal, end(reject)))
    // a wallet is not asked for whom has gone
    if (isOver) return
    if (seconds !== undefined) {
      stops.push(after(seconds, () => end(reject)(walletTimeout(seconds))))
    }
    work().then(end(resolve), end(reject))
  })

/** The error of a call whose wallet gave nothing; `cause` is what was thrown. */
export const notSigned = ({ isDeclined, why, thrown }) => {
  const [code, what] = isDeclined
    ? ['declined', 'the user declined']
    : ['wallet_failed', `the wallet failed: ${why}`]
  const error = failure(code, `the issuer did not sign: ${what}`, NOT_GIVEN)
  return thrown === undefined ? error : Object.assign(error, { cause: thrown })
}

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
