// `node firefox-runner.mjs MODULE…`: what cargo runs tests for wasm32 with, so that they run in
// Firefox without a driver of its own. The runner of wasm-bindgen, named by
// WASM_BINDGEN_TEST_RUNNER, serves the page; this opens it and waits for the verdict.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

process.env.DID_SESSION_BROWSER = 'firefox'
const { launchBrowser } = await import('./browser.mjs')

const patience = Number(process.env.WASM_BINDGEN_TEST_TIMEOUT ?? 300) * 1000

const runner = spawn(process.env.WASM_BINDGEN_TEST_RUNNER, process.argv.slice(2), {
  env: { ...process.env, NO_HEADLESS: '1', WASM_BINDGEN_TEST_ADDRESS: '127.0.0.1:0' },
  stdio: ['ignore', 'pipe', 'inherit'],
})
const ended = new Promise((resolve) => runner.once('exit', (code) => resolve(code ?? 1)))

/** The page, once the runner serves it; nothing where it ends before. */
const address = async () => {
  for await (const line of createInterface(runner.stdout)) {
    const served = /tests are now available at (http:\S+)/.exec(line)
    if (served !== null) return served[1]
    console.log(line)
  }
  return undefined
}

const verdictOf = async (url) => {
  const browser = await launchBrowser()
  try {
    console.log(`Firefox ${browser.version()}`)
    const page = await browser.newPage()
    const told = () => page.evaluate(() => document.getElementById('output')?.textContent ?? '')
    await page.goto(url)
    let text = ''
    for (const end = Date.now() + patience; Date.now() < end; ) {
      text = await told()
      if (/^test result: .*$/m.test(text)) break
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    console.log(text)
    return /^test result: ok\./m.test(text)
  } finally {
    await browser.close()
  }
}

let isOk
try {
  const url = await address()
  isOk = url === undefined ? (await ended) === 0 : await verdictOf(url)
} finally {
  runner.kill()
}
process.exit(isOk ? 0 : 1)
