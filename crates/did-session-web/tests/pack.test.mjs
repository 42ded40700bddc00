// What `npm pack` packs: every file by name, the size, and what two linters of packages say.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { pack } from './support/packed.mjs'
import { BUILT, PACKAGE } from './support/server.mjs'
import { PARTS } from './support/parts.mjs'

/** Beside the JavaScript of `js/`. */
const OTHERS = [
  'README.md',
  'dist/LICENSE-APACHE',
  'dist/LICENSE-MIT',
  'dist/did_session_web.js',
  'dist/did_session_web_bg.wasm',
  'dist/ethereum.wasm',
  'dist/machine.wasm',
  'dist/rest.wasm',
  'dist/revocations.wasm',
  'dist/signing.wasm',
  'package.json',
]

/** Bytes of the tarball at most: it has all chains, wasm included. */
const MAX_PACKED = 560_000

let folder
let packed
before(async () => {
  folder = await mkdtemp(join(BUILT, 'pack-'))
  packed = await pack(PACKAGE, folder)
})
after(() => rm(folder, { recursive: true, force: true }))

const bin = async (name, ...args) => {
  const program = join(PACKAGE, 'node_modules', name)
  const run = promisify(execFile)(process.execPath, [program, ...args], { cwd: PACKAGE })
  return run.then(
    ({ stdout }) => ({ stdout, status: 0 }),
    ({ stdout, stderr, code }) => ({ stdout: stdout + stderr, status: code })
  )
}

test('these files, and no other', async () => {
  const sources = await readdir(join(PACKAGE, 'js'))
  const expected = [...OTHERS, ...sources.map((name) => `dist/${name}`)].sort()
  assert.deepEqual(packed.files.map(({ path }) => path).sort(), expected)
})

test('what the manifest names is there', async () => {
  const manifest = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8'))
  const targets = (value) => (typeof value === 'string' ? [value] : Object.values(value).flatMap(targets))
  const files = new Set(packed.files.map(({ path }) => `./${path}`))
  const named = [manifest.main, manifest.types, ...manifest.sideEffects, ...targets(manifest.exports)]
  assert.deepEqual(named.filter((path) => !files.has(path)), [])
  for (const [name, target] of Object.entries(manifest.exports)) {
    if (typeof target !== 'string') assert.equal(Object.keys(target)[0], 'types', name)
  }
})

test('it weighs what it did', (t) => {
  const { size, unpackedSize } = packed
  t.diagnostic(`${size} bytes packed, ${unpackedSize} unpacked, ${packed.files.length} files`)
  assert.ok(size < MAX_PACKED, `${size} bytes`)
})

test('publint finds nothing', async () => {
  const { stdout, status } = await bin('publint/src/cli.js', packed.tarball, '--strict')
  assert.equal(status, 0, stdout)
  assert.match(stdout, /All good/)
})

test('arethetypeswrong finds nothing', async () => {
  // an ES module alone; a wasm file has no types
  const wasm = PARTS.map((file) => `./${file}`)
  const args = ['--format', 'json', '--profile', 'esm-only', '--exclude-entrypoints', ...wasm]
  const attw = '@arethetypeswrong/cli/dist/index.js'
  const { stdout, status } = await bin(attw, packed.tarball, ...args)
  assert.equal(status, 0, stdout)
  const { analysis } = JSON.parse(stdout)
  assert.deepEqual(Object.keys(analysis.entrypoints).sort(), ['.', './dids', './package.json', './server'])
  assert.equal(analysis.types.kind, 'included')
})
