// The packages that sites give `session.did` to, as they are published: each application of
// `clients/apps` writes to a stand-in node, which verifies by `dids` what our session signed, and
// its types are right.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { access, cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { promisify } from 'node:util'
import * as esbuild from 'esbuild'
import { launch, open } from './support/browser.mjs'
import { injected } from './support/injected.mjs'
import { BUILT as BUILT_PAGES, PACKAGE } from './support/server.mjs'
import { copyParts } from './support/parts.mjs'

const FOLDER = join(PACKAGE, 'tests/clients')
const INSTALLED = join(FOLDER, 'node_modules')
const BUILT = join(INSTALLED, '.apps')

const run = promisify(execFile)
const there = await access(join(INSTALLED, '@ceramic-sdk')).then(() => true, () => false)
const [major] = process.versions.node.split('.').map(Number)
const missing = there ? undefined : 'not installed: `npm ci` in tests/clients'
// what the packages themselves ask for
const skip = major < 20 ? 'the packages need Node 20' : missing

const APPS = (await readdir(join(FOLDER, 'apps'))).map((file) => file.replace('.ts', '')).sort()

const MAIN = './main-entry.mjs'
const FORGED = './forged.mjs'

/** What the applications did, by name. */
const outcomes = async (names, flags = []) => {
  const options = { cwd: FOLDER, maxBuffer: 1 << 26 }
  const { stdout } = await run(process.execPath, [...flags, 'run.mjs', ...names], options)
  return JSON.parse(stdout.trim().split('\n').at(-1))
}

let done
before(async () => {
  if (skip) return
  // as npm would unpack it
  const installed = join(INSTALLED, 'did-session-web')
  await rm(installed, { recursive: true, force: true })
  await mkdir(installed)
  for (const part of ['dist', 'package.json']) {
    await cp(join(PACKAGE, part), join(installed, part), { recursive: true })
  }
  await esbuild.build({
    entryPoints: APPS.map((name) => join(FOLDER, 'apps', `${name}.ts`)),
    outdir: BUILT,
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    target: 'node20',
  })
  done = await outcomes([...APPS.map((name) => join(BUILT, `${name}.mjs`)), MAIN, FORGED])
})

/** Every write was signed by the session's key, for the account, under its capability. */
const assertWritten = (outcome, expected) => {
  assert.equal(outcome.error, undefined)
  assert.deepEqual(outcome.result, expected.result)
  assert.equal(outcome.controller, outcome.did)
  assert.equal(outcome.seen.length, expected.writes)
  for (const { controller, key, issuer } of outcome.seen) {
    assert.deepEqual([controller, key], [expected.controller ?? outcome.did, outcome.key])
    assert.equal(issuer?.toLowerCase(), outcome.did)
  }
}

const RESULTS = {
  'model-client': 'a note',
  'model-instance-client': 'second',
  composedb: ['first', 'second'],
  'http-client': ['boo', { text: 'second' }, { text: 'only' }],
  orbis: 'second',
}

for (const name of APPS) {
  test(`${name}: every write is signed by the session, and verified by dids`, { skip }, () => {
    const outcome = done[join(BUILT, `${name}.mjs`)]
    const expected = { writes: outcome.writes, result: RESULTS[name] ?? outcome.result }
    assert.ok(outcome.error !== undefined || outcome.writes > 0)
    assertWritten(outcome, expected)
  })
}

test('the DID of the main entry will do where its methods are asked for', { skip }, () => {
  assertWritten(done[MAIN], { writes: 3, result: 'boo' })
})

test('in a page: a session of get writes, and the wallet is asked once', { skip }, async () => {
  const folder = join(BUILT_PAGES, 'clients')
  await esbuild.build({
    entryPoints: [join(FOLDER, 'page.mjs')],
    outfile: join(folder, 'page.js'),
    bundle: true,
    format: 'esm',
    // what these packages expect of a bundler: Node's names
    define: { global: 'globalThis' },
    banner: { js: 'globalThis.process ??= { env: {} }' },
    logLevel: 'silent',
  })
  await copyParts(join(PACKAGE, 'dist'), folder)
  const script = '<script type="module">import "./page.js"; globalThis.ready = true</script>'
  await writeFile(join(folder, 'index.html'), `<!doctype html>\n${script}\n`)
  const { standIn, told } = await import('./clients/stand-in.mjs')
  const [world, node, wallet] = [await launch(), await standIn(), injected()]
  try {
    const context = await world.browser.newContext()
    await wallet.inject(context)
    const page = await open(context, world.url, '/built/clients/index.html')
    const results = await page.evaluate((url) => globalThis.write(url), node.url)
    const [{ id, key }] = results
    assert.match(key, /^did:key:zDn/, 'a key of WebCrypto')
    assert.equal(wallet.prompts, 1)
    const writes = results.reduce((sum, result) => sum + result.writes, 0)
    assert.equal(node.writes.length, writes)
    for (const write of node.writes.map(told)) {
      assert.deepEqual(write, { controller: id, key, issuer: id })
    }
  } finally {
    await world.close()
    node.close()
    await rm(folder, { recursive: true, force: true })
  }
})

test('what was changed, or is for another account, the node refuses', { skip }, () => {
  const outcome = done[FORGED]
  assert.equal(outcome.error, undefined)
  const [signature, block, controller] = outcome.result
  assert.match(signature, /invalid_signature/)
  assert.match(block, /hash/)
  assert.match(controller, /Failed to resolve|not a valid verificationMethod/)
  assert.deepEqual(outcome.seen, [])
})

test('with did-session replaced by ours, OrbisDB signs in by itself', { skip }, async () => {
  const names = ['./alias.mjs#run', './alias.mjs#runAsKey']
  const seen = await outcomes(names, ['--import', './drop-in.mjs'])
  assertWritten(seen[names[0]], { writes: 3, result: 'second' })
  const { error, ...asKey } = seen[names[1]]
  assert.equal(error, undefined)
  assert.equal(asKey.result, 'second')
  assert.equal(asKey.seen.length, 2)
  for (const { controller, key, issuer } of asKey.seen) {
    assert.deepEqual([controller, key, issuer], [asKey.controller, asKey.controller, undefined])
  }
})

/** What tsc says of all applications, `did-session-web/dids` being what is named here. */
const typeErrors = async (types, more = []) => {
  const config = {
    compilerOptions: {
      strict: true,
      skipLibCheck: false,
      noEmit: true,
      target: 'es2022',
      module: 'esnext',
      moduleResolution: 'bundler',
      lib: ['es2022', 'dom', 'dom.iterable'],
      types: [],
      paths: types === undefined ? {} : { 'did-session-web/dids': [types] },
    },
    files: [...APPS.map((name) => join(FOLDER, 'apps', `${name}.ts`)), ...more],
  }
  const file = join(FOLDER, `tsconfig.${types === undefined ? 'ours' : 'peer'}.json`)
  await writeFile(file, JSON.stringify(config))
  try {
    const program = join(PACKAGE, 'node_modules/typescript/bin/tsc')
    const options = { cwd: FOLDER, maxBuffer: 1 << 26 }
    const ended = await run(process.execPath, [program, '-p', file], options).catch((error) => error)
    assert.ok(ended.code === undefined || ended.code === 2, `${ended.stderr}`)
    return ended.stdout.split('\n').filter((line) => line.includes(': error TS'))
  } finally {
    await rm(file)
  }
}

/** The examples of the README that need `dids`, in a file. */
const readmeExamples = async () => {
  const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8')
  const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code)
  assert.equal(blocks.length, 1)
  const given = `declare const accountId: string
declare const authMethod: import('did-session-web/dids').AuthMethod
`
  const file = join(FOLDER, 'readme.ts')
  await writeFile(file, given + blocks[0])
  return file
}

const inPackage = (line) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(line)?.[1]

test('tsc of each application, strict, without skipLibCheck', { skip }, async (t) => {
  const examples = await readmeExamples()
  const [ours, peer] = await Promise.all([
    typeErrors(undefined, [examples]),
    typeErrors('./node_modules/did-session/dist/index.d.ts'),
  ]).finally(() => rm(examples))
  const own = ours.filter((line) => inPackage(line) === undefined)
  assert.deepEqual(own, [], 'the applications compile')
  const of = (name) => ours.filter((line) => inPackage(line) === name)
  assert.deepEqual(of('did-session-web'), [], 'our types compile')

  // what else fails is the types of other packages: it fails with the peer's session as well
  const strange = ours.filter((line) => !peer.includes(line))
  assert.deepEqual(strange, [], 'nothing fails that compiles with did-session')
  const names = [...new Set(ours.map(inPackage))]
  const counts = names.map((name) => `${name} ${of(name).length}`)
  t.diagnostic(`types of other packages that do not compile by themselves, and do not with
did-session 4.0.0 either: ${counts.join(', ') || 'none'}; with it, ${peer.length} in all`)
})

test('a wrong type is found', { skip }, async () => {
  const file = join(FOLDER, 'apps/wrong.ts')
  const program = join(PACKAGE, 'node_modules/typescript/bin/tsc')
  await writeFile(
    file,
    `import { DIDSession } from 'did-session-web/dids'
declare const session: DIDSession
export const wrong: number = session.did
new DIDSession({ cacao: session.cacao })
`
  )
  try {
    const flags = '--strict --noEmit --skipLibCheck --target es2022 --module esnext'.split(' ')
    const args = [program, ...flags, '--moduleResolution', 'bundler', file]
    const ended = await run(process.execPath, args, { cwd: FOLDER }).catch((error) => error)
    assert.match(ended.stdout, /wrong\.ts\(3,/)
    assert.match(ended.stdout, /wrong\.ts\(4,/)
  } finally {
    await rm(file)
  }
})
