// Runs the packages that other programs make sign-ins with against our command line, and prints one
// JSON document for each check: `node driver.mjs --cli PATH [--cases N] [--seed TEXT] [--only CHECK]`.
// What is not in this folder stands in that of the live peer.

import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'

import { Cli } from './cli.mjs'
import { CHECKS } from './checks-texts.mjs'
import { CHECKS as OF_RECAPS } from './checks-recap.mjs'
import { run } from './run.mjs'

const { values } = parseArgs({
  options: {
    cli: { type: 'string' },
    cases: { type: 'string', default: '20' },
    seed: { type: 'string', default: randomBytes(6).toString('hex') },
    only: { type: 'string' },
  },
})

// the packages warn about what they then refuse
console.warn = console.error = () => {}

if (values.cli === undefined) throw new Error('--cli is missing')
console.log(`seed ${values.seed}, ${values.cases} cases`)
const cli = new Cli(values.cli)
try {
  const context = { cli, cases: Number(values.cases), now: Date.now() }
  await run({ ...CHECKS, ...OF_RECAPS }, context, values)
} finally {
  cli.close()
}
