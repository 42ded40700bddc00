// The rules of judgement, which are kept until the part that judges is loaded.

import * as wasm from './did_session_web.js'

let [wanted, isThere] = [undefined, false]

const apply = () => {
  if (!isThere || wanted === undefined) return
  const rules = new wasm.Rules()
  for (const [name, ...values] of wanted) rules[name](...values)
  wasm.configure(rules)
}

/** `calls` are those that make the rules, by the names of their methods. */
export const setRules = (calls) => {
  wanted = calls
  apply()
}

/** To be called when the part that judges is loaded, before it judges anything. */
export const isJudging = () => {
  isThere = true
  apply()
}
