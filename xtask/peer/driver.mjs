// Runs the checks of the live peer against our command line and prints one JSON document for
// each: `node driver.mjs --cli PATH [--cases N] [--seed TEXT] [--now ISO] [--only CHECK]`.

import './world.mjs'

import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'

import * as checks from './checks.mjs'
import { CHECKS as OF_KINDS } from './checks-kinds.mjs'
import { Cli } from './cli.mjs'
import { KINDS } from './kinds.mjs'
import { readRules } from './rules.mjs'
import { run } from './run.mjs'
import * as tamper from './tamper.mjs'
import { spoilers } from './tamper-kinds.mjs'

const { values } = parseArgs({
  options: {
    cli: { type: 'string' },
    cases: { type: 'string', default: '20' },
    seed: { type: 'string', default: randomBytes(6).toString('hex') },
    now: { type: 'string', default: new Date().toISOString() },
    only: { type: 'string' },
  },
})

const CHECKS = {
  'our sessions in the peer': checks.ourSessions,
  "the peer's sessions in ours": checks.peerSessions,
  'expired sessions': checks.expiredSessions,
  'cid and signed text': checks.inspected,
  'spoiled capabilities': checks.spoiledCapabilities,
  'spoiled signatures': checks.spoiledSignatures,
  'spoiled session strings': checks.spoiledSessions,
  'did:key documents': checks.documents,
  ...OF_KINDS,
}

function knownRules() {
  const rules = readRules()
  const names = new Set([...Object.keys(tamper.CAPABILITY), ...Object.keys(tamper.SIGNATURE)])
  for (const kind of KINDS) {
    for (const name of Object.keys(spoilers(kind))) names.add(name).add(`${kind}: ${name}`)
  }
  for (const name of rules.keys()) {
    if (!names.has(name)) throw new Error(`rules.md names ${name}, which no file of spoiled cases has`)
  }
  return rules
}

if (values.cli === undefined) throw new Error('--cli is missing')
console.log(`seed ${values.seed}, now ${values.now}, ${values.cases} cases`)
const cli = new Cli(values.cli)
try {
  const context = { cli, cases: Number(values.cases), now: Date.parse(values.now), rules: knownRules() }
  await run(CHECKS, context, values)
} finally {
  cli.close()
}
