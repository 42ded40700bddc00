// Callers of one page that want the same account: one of them (the leader) asks the wallet, and the
// others wait for what becomes of it.

/** Open prompts, by database and slot. */
const open = new Map()

/** Becomes the leader, or returns the prompt to wait for. */
export const join = (name, asked) => {
  const known = open.get(name)
  if (known !== undefined) return { finish: undefined, wait: known.ended, isSame: known.asked === asked }
  let end
  const ended = new Promise((resolve) => (end = resolve))
  open.set(name, { asked, ended })
  return {
    /** Ends the prompt: `{}` for a session, `{error}`, or nothing if the leader is gone. */
    finish: (outcome) => {
      open.delete(name)
      end(outcome)
    },
  }
}
