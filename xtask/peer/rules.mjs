// The cases in which a rule of ours decides: read from the tables of rules.md.

import { readFileSync } from 'node:fs'

const file = new URL('./rules.md', import.meta.url)

/** name → { accept, codes }: our verdict, and the reasons that may come with a refusal. */
export function readRules() {
  const rules = new Map()
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, name, verdict, why] = line.split('|').map((cell) => cell.trim())
    if (why === undefined || name === 'Case' || name.startsWith('--')) continue
    const codes = [...verdict.matchAll(/`(\w+)`/g)].map(([, code]) => code)
    const accept = verdict === 'accepted'
    if (rules.has(name)) throw new Error(`rules.md names ${name} twice`)
    if (!accept && codes.length === 0) throw new Error(`rules.md: no verdict for ${name}`)
    rules.set(name, { accept, codes })
  }
  return rules
}

/**
 * Compares the two verdicts on one case. What is wrong as a text, or undefined; `ruled` tells
 * whether the verdict came from a rule. A rule for the kind of account goes before one for all.
 */
export function compare(rules, name, ours, theirs, kind) {
  const said = ours.valid ? 'accepts' : `refuses (${ours.code}: ${ours.detail ?? ''})`
  const rule = rules.get(`${kind}: ${name}`) ?? rules.get(name)
  if (rule === undefined) {
    if (ours.valid === theirs.accepted) return { ruled: false }
    const peer = theirs.accepted ? 'accepts' : `refuses (${theirs.error})`
    return { ruled: false, problem: `ours ${said}, the peer ${peer}, and no rule says so` }
  }
  const kept = rule.accept ? ours.valid : !ours.valid && rule.codes.includes(ours.code)
  if (kept) return { ruled: true }
  return { ruled: true, problem: `ours ${said}, the rule says ${rule.accept ? 'accept' : rule.codes}` }
}
