// Both kinds of import: by a bundler, and by a plain `<script type="module">`; and what is published.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import * as esbuild from 'esbuild'
import { launch } from './support/browser.mjs'
import { injected } from './support/injected.mjs'
import { BUILT, PACKAGE } from './support/server.mjs'
import { copyParts } from './support/parts.mjs'

let world
let folder
before(async () => {
  await mkdir(BUILT, { recursive: true })
  folder = await mkdtemp(join(BUILT, 'modules-'))
  world = await launch()
})
after(async () => {
  await world.close()
  await rm(folder, { recursive: true, force: true })
})

const PROGRAM = `
const [address] = await ethereum.request({ method: 'eth_requestAccounts' })
const account = await getAccountId(ethereum, address)
const method = await EthereumWebAuth.getAuthMethod(ethereum, account)
const session = await DIDSession.get(account, method, { resources: ['ceramic://*'] })
const jws = await session.did.createJWS({ hello: 'world' })
const { payload } = await session.did.verifyJWS(jws, { issuer: session.id, capability: session.cacao })
document.title = JSON.stringify(payload)
`
const NAMES = '{ DIDSession, EthereumWebAuth, getAccountId }'

/** Opens a page with one script of the folder, and waits until it has signed. */
const runs = async (script) => {
  await writeFile(join(folder, 'index.html'), `<!doctype html>\n${script}\n`)
  const context = await world.browser.newContext()
  try {
    await injected().inject(context)
    const page = await context.newPage()
    const errors = []
    page.on('pageerror', (error) => errors.push(String(error)))
    await page.goto(`${world.url}/built/${basename(folder)}/index.html`)
    const signed = () => document.title !== ''
    await page.waitForFunction(signed, null, { timeout: 60_000 }).catch((error) => {
      throw new Error(`${error.message}; the page threw: ${errors.join('; ') || 'nothing'}`)
    })
    assert.equal(await page.title(), '{"hello":"world"}')
  } finally {
    await context.close()
  }
}

test('a plain <script type="module">', () =>
  runs(`<script type="module">import ${NAMES} from '/dist/index.js'\n${PROGRAM}</script>`))

test('bundled, the wasm file beside the bundle', async () => {
  await writeFile(join(folder, 'app.js'), `import ${NAMES} from 'did-session-web'\n${PROGRAM}`)
  const { warnings } = await esbuild.build({
    entryPoints: [join(folder, 'app.js')],
    outfile: join(folder, 'bundle.js'),
    bundle: true,
    format: 'esm',
    logLevel: 'silent',
    alias: { 'did-session-web': PACKAGE.replace(/\/$/, '') },
  })
  assert.deepEqual(warnings, [])
  await copyParts(join(PACKAGE, 'dist'), folder)
  await runs('<script type="module" src="bundle.js"></script>')
})

test('importing loads nothing, on a server too', async () => {
  const program = "await import('./dist/index.js').then((m) => console.log(typeof m.DIDSession.get))"
  const args = ['--input-type=module', '-e', program]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: PACKAGE })
  assert.equal(stdout.trim(), 'function')
})

test('what is published: the modules, their types, the wasm, README and licences, nothing else', async () => {
  const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--offline'], {
    cwd: PACKAGE,
  })
  const files = JSON.parse(stdout)[0].files.map(({ path }) => path)
  for (const name of ['index.js', 'index.d.ts', 'did_session_web_bg.wasm', 'did_session_web.js']) {
    assert.ok(files.includes(`dist/${name}`), name)
  }
  for (const name of ['LICENSE-APACHE', 'LICENSE-MIT']) assert.ok(files.includes(`dist/${name}`), name)
  for (const name of ['README.md', 'package.json']) assert.ok(files.includes(name), name)
  const strange = files.filter((name) => !/^(dist\/|README\.md$|package\.json$)/.test(name))
  assert.deepEqual(strange, [])
  const { exports } = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8'))
  for (const target of Object.values(exports).flatMap((e) => (e.types ? Object.values(e) : [e]))) {
    assert.ok(files.includes(target.replace('./', '')), target)
  }
})
