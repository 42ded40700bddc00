// A page with a Content-Security-Policy: what the README says is enough, and needed.

import assert from 'node:assert/strict'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { launch } from './support/browser.mjs'
import { injected } from './support/injected.mjs'
import { BUILT, PACKAGE, serveFolder } from './support/server.mjs'

const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8')
const [, documented] = /^Content-Security-Policy: (.*)$/m.exec(readme)

const APPLICATION = `
import { DIDSession, EthereumWebAuth, getAccountId } from '/dist/index.js'

const run = async () => {
  const [address] = await ethereum.request({ method: 'eth_requestAccounts' })
  const account = await getAccountId(ethereum, address)
  const method = await EthereumWebAuth.getAuthMethod(ethereum, account)
  const session = await DIDSession.get(account, method, { resources: ['ceramic://*'] })
  const jws = await session.did.createJWS({ hello: 'world' })
  const options = { issuer: session.id, capability: session.cacao }
  const { payload } = await session.did.verifyJWS(jws, options)
  return payload
}
const outcome = await run().catch(({ code, message }) => ({ code, message }))
// what the policy stopped is told a little later
await new Promise((resolve) => setTimeout(resolve, 200))
await tell({ outcome, stopped })
`

let world
let folder
before(async () => {
  folder = await mkdtemp(join(BUILT, 'csp-'))
  await cp(join(PACKAGE, 'dist'), join(folder, 'dist'), { recursive: true })
  await writeFile(join(folder, 'app.js'), APPLICATION)
  const page = '<!doctype html><meta charset="utf-8" /><script type="module" src="app.js"></script>'
  await writeFile(join(folder, 'index.html'), page)
  world = await launch()
})
after(async () => {
  await world.close()
  await rm(folder, { recursive: true, force: true })
})

/** What came of the application under a policy, and what the policy stopped. */
const under = async (policy) => {
  const server = await serveFolder(folder, { 'content-security-policy': policy })
  const context = await world.browser.newContext()
  try {
    const wallet = injected()
    await wallet.inject(context)
    await context.addInitScript(() => {
      globalThis.stopped = []
      const note = ({ effectiveDirective, blockedURI }) => {
        // which the browser wants by itself
        if (blockedURI.endsWith('/favicon.ico')) return
        globalThis.stopped.push(`${effectiveDirective} ${blockedURI}`)
      }
      document.addEventListener('securitypolicyviolation', note)
    })
    // a policy can keep Playwright from evaluating anything in the page
    let tell
    const told = new Promise((resolve) => (tell = resolve))
    await context.exposeFunction('tell', (outcome) => tell(outcome))
    const page = await context.newPage()
    await page.goto(`${server.url}/`)
    return { ...(await told), prompts: wallet.prompts }
  } finally {
    await context.close()
    await server.close()
  }
}

test('the policy of the README is enough', async () => {
  const { outcome, stopped, prompts } = await under(documented)
  assert.deepEqual(outcome, { hello: 'world' })
  assert.deepEqual([stopped, prompts], [[], 1])
})

test('nothing in it can be left out, and the error says what is missing', async () => {
  assert.match(documented, / 'wasm-unsafe-eval'/)
  const { outcome, prompts } = await under(documented.replace(" 'wasm-unsafe-eval'", ''))
  assert.equal(outcome.code, 'not_loaded')
  assert.match(outcome.message, /Content-Security-Policy needs 'wasm-unsafe-eval' in script-src/)
  assert.equal(prompts, 0)

  const elsewhere = await under(documented.replace(/connect-src [^;]*/, "connect-src 'none'"))
  assert.equal(elsewhere.outcome.code, 'not_loaded')
  assert.match(elsewhere.stopped.join(), /connect-src .*did_session_web_bg\.wasm/)
})
