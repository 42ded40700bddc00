// The examples of the README: they run in a page, and their types are right.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { isFirefox, launch } from './support/browser.mjs'
import { injected } from './support/injected.mjs'
import { BUILT, PACKAGE } from './support/server.mjs'

const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8')
const blocks = [...readme.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code)


// what the text around the examples has at hand
const TYPES = `
declare global {
  interface Window { ethereum: import('did-session-web').EthereumProvider }
  const accountId: string
  const authMethod: import('did-session-web').AuthMethod
  const solanaAddress: string
  const tezosAddress: string
  const stacksAddress: string
  const solanaProvider: import('did-session-web').SolanaProvider
  const tezosProvider: import('did-session-web').TezosProvider
  const stacksProvider: import('did-session-web').StacksProvider
}
export {}
`

// the rest of the API, as an application in TypeScript uses it
const USES = `
import {
  DIDSession, type Configuration, type EthereumProvider, type RenewalOptions, type SessionEvent,
  type StoredSession,
} from 'did-session-web'

declare const provider: EthereumProvider
const { signal } = new AbortController()
const wishes: RenewalOptions = {
  resources: ['app://notes'], profile: 'notes', renewBeforeSecs: 3600, signal, walletTimeoutSecs: 60,
}
const session: DIDSession = await DIDSession.renew(accountId, authMethod, wishes)
const profile: string = session.profile
const stranger: DIDSession = await DIDSession.signIn(authMethod, { resources: [], signal })
const statement: string = await DIDSession.revoke(accountId, { profile })
const stored: StoredSession[] = await DIDSession.list()
const names: (string | undefined)[] = stored.map((one) => one.profile ?? one.id)
const stop: () => void = DIDSession.onEvent((event: SessionEvent) => {
  if (event.kind === 'declined') console.log(event.id, event.profile, event.identity, event.reason)
  // @ts-expect-error there is no such kind
  if (event.kind === 'forgotten') console.log(event)
})
const configuration: Configuration = { store: 'memory', provider, unstorable: 'memory', domains: ['a.example'] }
await DIDSession.configure(configuration)
// @ts-expect-error an event has nothing secret
DIDSession.onEvent((event) => event.signature)
// @ts-expect-error the option is called walletTimeoutSecs
await DIDSession.get(accountId, authMethod, { resources: [], walletTimeout: 5 })
export { names, statement, stop, stranger }
`

const named = (code) => {
  const imports = /^import .*? from 'did-session-web'$/m.test(code)
  return imports ? code : `import { DIDSession } from 'did-session-web'\n${code}`
}

let world
before(async () => (world = await launch()))
after(() => world.close())

test('there are examples of everything that is documented', () => {
  assert.ok(blocks.length >= 10)
  const all = blocks.join('\n')
  const names =
    'get hasSessionFor remove authorize fromSession serialize hasSession isExpired expireInSecs ' +
    'authorizations isAuthorized createJWS verifyJWS onChange configure init EthereumWebAuth ' +
    'SolanaWebAuth TezosWebAuth StacksWebAuth WebauthnAuth fetch refusalOf warnings createVerifier'
  for (const name of names.split(' ')) assert.match(all, new RegExp(`\\b${name}\\b`), name)
})

/** A passkey for tests, which only Chromium has. */
const addAuthenticator = async (devtools) => {
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
    },
  })
}

test('every example runs, and logs what its comments say', async () => {
  const context = await world.browser.newContext()
  try {
    await injected().inject(context)
    const page = await context.newPage()
    // passkeys want a name, an address is none
    await page.goto(`${world.url.replace('127.0.0.1', 'localhost')}/`)
    if (!isFirefox) await addAuthenticator(await context.newCDPSession(page))
    await page.evaluate(async () => {
      const { EthereumWebAuth, getAccountId } = await import('/dist/index.js')
      const [address] = await ethereum.request({ method: 'eth_requestAccounts' })
      globalThis.accountId = await getAccountId(ethereum, address)
      globalThis.authMethod = await EthereumWebAuth.getAuthMethod(ethereum, accountId)
      const nobody = async () => {}
      const addresses = {
        solanaAddress: '7S3P4HxJpyyigGzodYwHtCxZyUQe9JiBMHyRWXArAaKv',
        tezosAddress: 'tz1VSUr8wwNhLAzempoch5d6hLRiTh8Cjcjb',
        stacksAddress: 'SP2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7',
      }
      Object.assign(globalThis, addresses, {
        solanaProvider: { signMessage: nobody },
        tezosProvider: { getActiveAccount: nobody, requestSignPayload: nobody },
        stacksProvider: { signatureRequest: nobody },
      })
    })
    // Firefox has no authenticator for tests
    const usesPasskey = (code) => code.includes('WebauthnAuth')
    for (const code of blocks.filter((code) => !(isFirefox && usesPasskey(code)))) {
      const body = named(code).replaceAll(
        /^import \{(.*?)\} from 'did-session-web(\/server)?'$/gm,
        (_, names, server) => `const {${names}} = await import('/dist${server ?? '/index'}.js')`
      )
      const lines = await page.evaluate(async (body) => {
        const lines = []
        const console = { log: (...values) => lines.push(values) }
        const AsyncFunction = (async () => {}).constructor
        await new AsyncFunction('console', body)(console)
        return lines.map((values) => JSON.stringify(values[0]) ?? String(values[0]))
      }, body)
      // lines of an example that are logged inside a callback are not waited for
      const said = [...code.matchAll(/^console\.log\(.*\)(?: \/\/ (.*))?$/gm)]
      const shown = lines.slice(0, said.length)
      said.forEach(([line, value], index) => {
        assert.notEqual(shown[index], undefined, line)
        if (value === undefined) return
        const expected = Function(`return (${value})`)()
        assert.deepEqual(JSON.parse(shown[index]), expected, line)
      })
    }
  } finally {
    await context.close()
  }
})

test('the types of every example are right, and wrong ones are found', async () => {
  await mkdir(BUILT, { recursive: true })
  const folder = await mkdtemp(join(BUILT, 'readme-'))
  const tsc = async (...files) => {
    const config = {
      compilerOptions: {
        strict: true,
        noEmit: true,
        target: 'es2022',
        module: 'es2022',
        moduleResolution: 'bundler',
        lib: ['es2022', 'dom'],
        types: [],
        paths: {
          'did-session-web': [join(PACKAGE, 'js/index.d.ts')],
          'did-session-web/server': [join(PACKAGE, 'js/server.d.ts')],
        },
      },
      files,
    }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const program = join(PACKAGE, 'node_modules/typescript/bin/tsc')
    const run = promisify(execFile)(process.execPath, [program, '-p', folder])
    return run.then(() => '', ({ stdout, stderr }) => stdout + stderr || 'tsc failed')
  }
  try {
    await writeFile(join(folder, 'globals.d.ts'), TYPES)
    const files = ['globals.d.ts']
    for (const [index, code] of blocks.entries()) {
      // the type of a caught error is a comment in JavaScript
      const typed = named(code).replaceAll(/\/\*\* @type \{(.*?)\} \*\/ \((\w+)\)/g, '($2 as $1)')
      files.push(`example${index}.ts`)
      await writeFile(join(folder, files.at(-1)), typed)
    }
    files.push('uses.ts')
    await writeFile(join(folder, 'uses.ts'), USES)
    assert.equal(await tsc(...files), '')
    const wrong = named("const session = await DIDSession.get(accountId, authMethod, { resources: 'all' })\n")
    await writeFile(join(folder, 'wrong.ts'), wrong)
    assert.match(await tsc('globals.d.ts', 'wrong.ts'), /wrong\.ts.*error TS2322/)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
