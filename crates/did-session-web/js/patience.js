// Waiting for what may never come, no longer than a caller wants to.

import { failure, inWords, isOurs, memberOf, reading } from './host.js'

/** The most that timers count to, in milliseconds; with more they ring at once. */
const LONGEST_MS = 2 ** 31 - 1

/** Rings after so many seconds, or never where no timer counts so far; answers how to stop it. */
export const after = (secs, ring) => {
  const ms = secs * 1000
  const timer = ms > LONGEST_MS ? undefined : setTimeout(ring, ms)
  return () => clearTimeout(timer)
}

const [ABORTED, WALLET_TIMEOUT] = ['aborted', 'wallet_timeout']

export const walletTimeout = (secs) =>
  failure(WALLET_TIMEOUT, `the wallet did not answer within ${secs} seconds`)

/** Whether one caller did not want to wait any longer, which is nothing to the others. */
export const isImpatience = (error) =>
  isOurs(error) && (error.code === ABORTED || error.code === WALLET_TIMEOUT)

/** Ends with the error of a call that its signal ends; answers how to stop it. */
export const atAbort = (signal, end) => {
  if (signal === undefined) return () => undefined
  const abort = () =>
    end(failure(ABORTED, `the call was aborted: ${inWords(memberOf(signal, 'reason'))}`))
  reading('the option signal', () => {
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort)
  })
  return () => {
    try {
      signal.removeEventListener('abort', abort)
    } catch {
      // who hears of it then has ended already
    }
  }
}
