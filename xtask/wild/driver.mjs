// Runs the packages that other programs make sign-ins with against our command line, and prints one
// JSON document for each check: `node driver.mjs --cli PATH [--cases N] [--seed TEXT] [--only CHECK]`.
// `world.mjs`, `cli.mjs` and `wallet.mjs` are those of the live peer.

import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'

import { Cli } from './cli.mjs'
import { CHECKS } from './checks.mjs'
import { Random } from './world.mjs'

const { values } = parseArgs({
  options: {
    cli: { type: 'string' },
    cases: { type: 'string', default: '20' },
    seed: { type: 'string', default: randomBytes(6).toString('hex') },
    only: { type: 'string' },
  },
})

const SHOWN_FAILURES = 50

// the packages warn about what they then refuse
console.warn = console.error = () => {}

async function run(name, check, context) {
  const begun = performance.now()
  let passed = 0
  const failures = []
  const random = new Random(`${values.seed}/${name}`)
  for (let index = 0; index < context.cases; index++) {
    try {
      await check({ ...context, random })
      passed++
    } catch (error) {
      failures.push(`case ${index}: ${error.message}`)
    }
  }
  const shown = failures.slice(0, SHOWN_FAILURES)
  if (shown.length < failures.length) shown.push(`and ${failures.length - shown.length} more`)
  const seconds = (performance.now() - begun) / 1000
  console.log(JSON.stringify({ check: name, passed, failures: shown, note: '', seconds }))
}

if (values.cli === undefined) throw new Error('--cli is missing')
console.log(`seed ${values.seed}, ${values.cases} cases`)
const cli = new Cli(values.cli)
try {
  const context = { cli, cases: Number(values.cases) }
  for (const [name, check] of Object.entries(CHECKS)) {
    if (values.only === undefined || name.includes(values.only)) await run(name, check, context)
  }
} finally {
  cli.close()
}
