// Chromium, or Firefox where DID_SESSION_BROWSER says so, and pages in which both implementations and
// a wallet are at hand.

import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { chromium } from 'playwright-core'
import esr from 'playwright-core-esr'
import { needsPages } from './needs.mjs'
import { serve } from './server.mjs'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const isFirefox = process.env.DID_SESSION_BROWSER === 'firefox'

const executable = (variable, names) => {
  const named = process.env[variable]
  if (named) return named
  for (const name of names) {
    try {
      return execFileSync('which', [name], { encoding: 'utf8' }).trim()
    } catch {
      // the next name
    }
  }
  throw new Error(`no browser is installed; name one in ${variable}`)
}


/** Busy machines take their time. */
const MAX_WAIT = 180_000

/**
 * A browser as it is installed, by WebDriver BiDi. The extended support release is older than what
 * newer versions of Playwright ask of it.
 */
const ofFirefox = () => ({
  executablePath: executable('FIREFOX', ['firefox-esr', 'firefox']),
  // it ends a service worker after half a minute in which nobody sent it anything, whatever it does
  firefoxUserPrefs: { 'dom.serviceWorkers.idle_timeout': 600_000 },
})

const ofChromium = () => ({
  executablePath: executable('CHROMIUM', ['chromium', 'chromium-browser', 'google-chrome']),
  args: FLAGS,
})

const options = () => ({
  ...(isFirefox ? ofFirefox() : ofChromium()),
  headless: true,
  timeout: MAX_WAIT,
})

// what is missing is said at once, and not when something else waits already
needsPages()
options()

const engine = isFirefox ? esr._bidiFirefox : chromium

export const launchBrowser = () => engine.launch(options())

/** Sends a command of the DevTools protocol down the pipe of a browser; answers what it answers. */
const commands = ({ stdio: [, , , to, from] }) => {
  const waiting = new Map()
  let text = ''
  from.setEncoding('utf8').on('data', (data) => {
    const messages = (text + data).split('\0')
    text = messages.pop()
    for (const { id, result, error } of messages.map((message) => JSON.parse(message))) {
      const [resolve, reject] = waiting.get(id) ?? []
      if (error === undefined) resolve?.(result)
      else reject?.(new Error(error.message))
    }
  })
  return (method, params, sessionId) =>
    new Promise((resolve, reject) => {
      const id = waiting.size + 1
      waiting.set(id, [resolve, reject])
      to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
    })
}

/**
 * A browser with a profile of its own, at a page that drives itself: no script of a driver runs in it.
 * `end` ends it.
 */
export const launchAlone = async (directory, url) => {
  const { executablePath, args = [] } = options()
  // a page that the command line names has no history, for Chromium
  const own = isFirefox
    ? ['--headless', '--no-remote', '--profile', directory, url]
    : [...args, '--headless=new', '--remote-debugging-pipe', `--user-data-dir=${directory}`, 'about:blank']
  const running = spawn(executablePath, own, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] })
  const ended = new Promise((resolve) => running.once('exit', resolve))
  if (!isFirefox) {
    const command = commands(running)
    const { targetInfos } = await command('Target.getTargets')
    const { targetId } = targetInfos.find(({ type }) => type === 'page')
    const { sessionId } = await command('Target.attachToTarget', { targetId, flatten: true })
    await command('Page.enable', {}, sessionId)
    await command('Page.navigate', { url }, sessionId)
  }
  return {
    ended,
    async end() {
      running.kill()
      await ended
    },
  }
}

export const launch = async () => {
  const [server, browser] = await Promise.all([serve(), launchBrowser()])
  return {
    url: server.url,
    browser,

    /** A browser profile of its own: nothing is stored. */
    async context() {
      return browser.newContext()
    },

    /** A page in a profile of its own; nothing that it throws goes unseen. */
    async inPage(use) {
      const context = await browser.newContext()
      try {
        const page = await open(context, server.url)
        await use(page, context)
        assert.deepEqual(page.errors, [], 'the page threw nothing')
      } finally {
        await context.close()
      }
    },

    async close() {
      await browser.close()
      server.close()
    },
  }
}

/** Opens the page of the tests; what it throws or logs as an error fails the test. */
export const open = async (context, url, path = '/') => {
  context.setDefaultTimeout(MAX_WAIT)
  const page = await context.newPage()
  page.errors = []
  page.on('pageerror', (error) => page.errors.push(String(error)))
  await page.goto(url + path)
  await page.waitForFunction(() => globalThis.ready === true)
  return page
}
