// Runs checks and prints one JSON document for each. A check is a generator of cases: a name, and work
// that throws what it found wrong.

import { Random } from './world.mjs'

const SHOWN_FAILURES = 50

/** All of them, or those whose names hold `only`. */
export async function run(checks, context, { seed, only }) {
  for (const [name, check] of Object.entries(checks)) {
    if (only === undefined || name.includes(only)) await runOne(name, check, context, seed)
  }
}

async function runOne(name, check, context, seed) {
  const begun = performance.now()
  let passed = 0
  let decided = 0
  const failures = []
  const random = new Random(`${seed}/${name}`)
  for (const [label, work] of check({ ...context, random, ruled: () => decided++ })) {
    try {
      await work()
      passed++
    } catch (error) {
      failures.push(`${label}: ${error.message}`)
    }
  }
  const note = decided > 0 ? `${decided} decided by rules.md` : ''
  const shown = failures.slice(0, SHOWN_FAILURES)
  if (shown.length < failures.length) shown.push(`and ${failures.length - shown.length} more`)
  const seconds = (performance.now() - begun) / 1000
  console.log(JSON.stringify({ check: name, passed, failures: shown, note, seconds }))
}
