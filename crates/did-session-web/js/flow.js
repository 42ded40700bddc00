// Carries out what the machine in wasm wants next, over the store, the locks and the wallet. The
// order of the steps is decided there, and nowhere else.

import { askChain } from './chain.js'
import { tell } from './events.js'
import { failure, kindOf, NOT_GIVEN } from './host.js'
import { generate, isEd25519 } from './keys.js'
import { numbersIn, part, provers, withAll } from './load.js'
import { lockPrompt } from './locks.js'
import { after, atAbort, isImpatience } from './patience.js'
import { join } from './prompts.js'
import { Session } from './session.js'
import { askWallet, notSigned } from './wallet.js'
import * as wasm from './did_session_web.js'

const { Step } = wasm

const LATE = 'late'
const ABORTED = 'aborted'

/** What one call holds on its way. */
class Driver {
  #flow
  #page
  #call
  #loaded
  #ledgers
  #made
  #replaces
  #refused
  #prompt
  #lock
  #thrown
  #shared
  #aborted

  /**
   * `call`: `method` and `options` if a wallet may be asked, `asked` if callers share a prompt,
   * `isFirstLook` if what is found is looked at again.
   */
  constructor(flow, page, call) {
    this.#flow = flow
    this.#page = page
    this.#call = call
  }

  get #slot() {
    const { key, issuer, slot, profile } = this.#flow
    return { key, issuer, slot, profile }
  }

  async run() {
    try {
      let step = this.#flow.start()
      for (;;) {
        this.#tellRefusal()
        if (step === Step.Done) return this.#found()
        step = await this.#carryOut(step)
      }
    } catch (error) {
      this.#tellRefusal()
      throw this.#inFull(error)
    } finally {
      this.#prompt?.finish(undefined)
      this.#lock?.release()
      this.#loaded?.candidate?.free()
      this.#flow.free()
    }
  }

  async #carryOut(step) {
    const flow = this.#flow
    switch (step) {
      case Step.Load:
        return this.#load()
      case Step.Join:
        return this.#join()
      case Step.Lock:
        return this.#takeLock()
      case Step.MakeKey:
        this.#made = await generate(this.#page.store.algorithm)
        return flow.made(this.#made.raw, isEd25519(this.#page.store.algorithm))
      case Step.AskRevocations:
        return this.#revocations()
      case Step.AskChain:
        return askChain(flow, this.#page.provider)
      case Step.Ask:
        return this.#isLost() ? flow.lockLost() : this.#ask()
      case Step.Refresh:
        return this.#refresh()
      case Step.Save:
        return this.#isLost() ? flow.lockLost() : this.#save()
      default:
        throw failure('out_of_step', `the flow wants ${step}, which is not known here`)
    }
  }

  #isLost() {
    return this.#lock !== undefined && !this.#lock.isHeld()
  }

  async #load() {
    this.#loaded?.candidate?.free()
    this.#loaded = undefined
    // most records are asked about next: both databases are read at once
    this.#ledgers = this.#page.revocations.ledgers()
    this.#ledgers.catch(() => undefined)
    const loaded = await this.#page.store.load(this.#slot)
    this.#loaded = loaded
    if (loaded.candidate !== undefined) {
      await provers(loaded.candidate.kind, loaded.candidate.needsAll)
      // what lies in a browser's database is not the page's alone
      return this.#flow.loaded(loaded.candidate, undefined)
    }
    if (loaded.why === undefined) return this.#flow.empty()
    return this.#flow.unreadable(new TextEncoder().encode(loaded.seen), loaded.why)
  }

  async #revocations() {
    const reading = this.#ledgers ?? this.#page.revocations.ledgers()
    // what is asked about later may have been revoked meanwhile
    this.#ledgers = undefined
    const ledgers = await reading
    if (ledgers.length > 0) await part('revocations')
    for (const ledger of ledgers) await numbersIn(ledger)
    return this.#flow.revocations(ledgers)
  }

  async #join() {
    const { asked } = this.#call
    if (asked === undefined) return this.#flow.leaderGone()
    const joined = join(`${this.#page.store.database} ${this.#flow.key}`, asked)
    if (joined.finish !== undefined) {
      this.#prompt = joined
      return this.#flow.lead()
    }
    const outcome = await this.#wait(joined.wait, this.#flow.wait)
    if (outcome === LATE || outcome === ABORTED) return this.#flow.timedOut()
    if (outcome === undefined || !joined.isSame) return this.#flow.leaderGone()
    if (outcome.error === undefined) return this.#flow.given()
    this.#shared = outcome.error
    return this.#flow.notGiven()
  }

  /** Waits for somebody else: so many seconds, and not beyond the caller's signal. */
  async #wait(work, secs) {
    const stops = []
    const ends = new Promise((resolve) => {
      if (secs !== undefined) stops.push(after(secs, () => resolve(LATE)))
      const abort = (error) => {
        this.#aborted = error
        resolve(ABORTED)
      }
      stops.push(atAbort(this.#call.options?.signal, abort))
    })
    try {
      return await Promise.race([work, ends])
    } finally {
      for (const stop of stops) stop()
    }
  }

  async #takeLock() {
    // a lock that was lost does not block the next one
    this.#lock?.release()
    this.#lock = undefined
    const taken = lockPrompt(this.#page.store, this.#slot, this.#flow.wait)
    const lock = await this.#wait(taken)
    if (lock === ABORTED) {
      taken.then((late) => late?.release()).catch(() => undefined)
      return this.#flow.busy()
    }
    this.#lock = lock
    return this.#lock === undefined ? this.#flow.busy() : this.#flow.locked()
  }

  async #ask() {
    const { method, options } = this.#call
    const { issuer, profile } = this.#flow
    const about = { issuer, profile }
    tell('asked', about)
    const asked = JSON.parse(this.#flow.asked)
    const answer = await askWallet(method, options.given, asked, options)
    if (answer.text !== undefined) {
      await provers(answer.kind, await withAll(async () => wasm.needsAll(answer.text, answer.tell())))
      return this.#flow.answer(answer.text, answer.tell())
    }
    this.#thrown = answer.thrown
    tell('declined', { ...about, reason: answer.isDeclined ? 'declined' : 'wallet_failed' })
    return this.#flow.noAnswer(answer.isDeclined, answer.why)
  }

  /** Keeps what a contract said beside the record; if it cannot, the contract is asked again. */
  async #refresh() {
    const { candidate, pair, raw } = this.#loaded
    const record = { text: candidate.json, pair, raw, evidence: this.#flow.evidence }
    await this.#page.store.save(this.#slot, record, this.#loaded).catch(() => undefined)
    return this.#flow.refreshed()
  }

  async #save() {
    const { record: text, evidence, isNew, isRenewal } = this.#flow
    this.#replaces = isRenewal ? 'renewed' : isNew ? undefined : 'replaced'
    const record = { ...this.#made, text, evidence }
    const isSaved = await this.#page.store.save(this.#slot, record, this.#loaded)
    return isSaved ? this.#flow.saved() : this.#flow.conflict()
  }

  #found() {
    const { wasAsked, profile } = this.#flow
    const { pair } = wasAsked ? this.#made : this.#loaded
    const { algorithm } = this.#page.store
    const session = new Session(this.#flow.takeSession(), { pair, algorithm, profile })
    if (wasAsked) tell('granted', { session })
    if (wasAsked && this.#replaces !== undefined) tell(this.#replaces, { session })
    if (!wasAsked && !this.#call.isFirstLook) tell('reused', { session })
    this.#end({ error: undefined })
    return session
  }

  #end(outcome) {
    this.#prompt?.finish(outcome)
    this.#prompt = undefined
  }

  /** The error of a call; `cause` is what the wallet threw. */
  #inFull(error) {
    if (this.#aborted !== undefined) {
      return notSigned({ isDeclined: false, why: this.#aborted.message, thrown: this.#aborted })
    }
    if (kindOf(error) !== NOT_GIVEN) return error
    // the caller that asked the wallet was told this, for the same request
    if (this.#shared !== undefined) return this.#shared
    if (this.#thrown !== undefined) error.cause = this.#thrown
    if (!isImpatience(this.#thrown)) this.#end({ error })
    return error
  }

  /** The slot is looked at more than once: a refusal for the same reason is told once. */
  #tellRefusal() {
    const refusal = this.#flow.takeRefusal()
    if (refusal === undefined) return
    const { code } = JSON.parse(refusal)
    const refused = `${code} ${this.#loaded?.tag}`
    // that there is no session is no event of one
    if (code === 'no_session' || refused === this.#refused) return
    this.#refused = refused
    const { issuer, profile } = this.#flow
    tell('refused', { issuer, profile, reason: code, candidate: this.#loaded?.candidate })
  }
}

/** Runs a flow to its end, which is a session, or an error. */
export const drive = (flow, page, call) =>
  new Driver(flow, page, { __proto__: null, ...call }).run()
