// The notes service of `examples/notes`: two instances that share their state, and browsers with a
// profile each. Log in here, log out there.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { after, before, test } from 'node:test'
import { launch } from './support/browser.mjs'
import { injected } from './support/injected.mjs'
import { programOf } from './support/needs.mjs'

const PATIENCE = 30_000
const SERVICE = programOf('NOTES_SERVICE', 'notes')

/** The service with two instances; resolves with their URLs. */
const start = () => {
  const options = ['--listen', '127.0.0.1:0', '--listen', '127.0.0.1:0']
  const service = spawn(SERVICE, options, { stdio: ['ignore', 'pipe', 'inherit'] })
  const urls = new Promise((resolve, reject) => {
    let said = ''
    service.on('error', reject)
    service.on('exit', (code) => reject(new Error(`the service ended with ${code}`)))
    service.stdout.on('data', (text) => {
      said += text
      const found = [...said.matchAll(/^Notes at (\S+)$/gm)].map(([, url]) => url)
      if (found.length === 2) resolve(found)
    })
  })
  return { urls, stop: () => service.kill() }
}

let world, service, here, there
before(async () => {
  service = start()
  ;[world, [here, there]] = await Promise.all([launch(), service.urls])
})
after(async () => {
  service.stop()
  await world.close()
})

/** A browser with a profile of its own; nothing that its page throws goes unseen. */
const inBrowser = async (url, wallet, use, options = {}) => {
  const context = await world.browser.newContext(options)
  context.setDefaultTimeout(PATIENCE)
  try {
    const page = await context.newPage()
    const errors = []
    page.on('pageerror', (error) => errors.push(String(error)))
    if (wallet !== undefined) await wallet.inject(context)
    await visit(page, url)
    await use(page)
    assert.deepEqual(errors, [], 'the page threw nothing')
  } finally {
    await context.close()
  }
}

const ready = (page) => page.locator('html[data-ready=true]').waitFor({ state: 'attached' })
const visit = async (page, url) => {
  await page.goto(url)
  await ready(page)
}
const button = (page, name) => page.getByRole('button', { name, exact: true })
const status = (page, text) => page.getByRole('status').filter({ hasText: text }).waitFor()
const notes = (page) => page.locator('#notes .text').allTextContents()
const devices = (page) => page.locator('#devices li')
const hasNote = (page, text) => page.locator('#notes .text', { hasText: text }).waitFor()

const signIn = async (page, name = 'Sign in with your wallet') => {
  await button(page, name).click()
  await status(page, 'You are signed in.')
}

const write = async (page, text) => {
  await page.getByLabel('New note').fill(text)
  await button(page, 'Add note').click()
  await status(page, 'The note is added.')
}

test('log in here and there, write here, read there, log out there from here', async () => {
  const wallet = injected()
  await inBrowser(here, wallet, (desk) =>
    inBrowser(there, wallet, async (phone) => {
      await signIn(desk)
      await write(desk, 'milk <b>and</b> bread')
      await signIn(phone)
      assert.deepEqual(await notes(phone), ['milk <b>and</b> bread'])
      assert.equal(wallet.prompts, 2, 'one prompt for each browser')

      // what one browser does, the other one shows without being asked
      await write(phone, 'from the other instance')
      await hasNote(desk, 'from the other instance')
      await devices(desk).nth(1).waitFor()
      assert.equal(await devices(desk).filter({ hasText: 'This browser' }).count(), 1)

      await devices(desk).getByRole('button').filter({ visible: true }).click()
      await status(desk, 'That browser is logged out.')
      await status(phone, 'This browser was logged out from elsewhere.')
      assert.equal(await phone.locator('#member').isVisible(), false)
      assert.equal(await devices(desk).count(), 1)
      await write(desk, 'still here')
      await phone.reload()
      await ready(phone)
      assert.equal(await button(phone, 'Sign in with your wallet').isVisible(), true)
    })
  )
})

test('what the other browser kept does not help it, on any instance', async () => {
  const wallet = injected()
  await inBrowser(here, wallet, (desk) =>
    inBrowser(here, wallet, async (thief) => {
      await signIn(thief)
      // a page that keeps its session whatever it is told
      await thief.evaluate(async () => {
        const { Session } = await import('./session.js')
        globalThis.session = await Session.stored()
      })
      const read = () =>
        thief.evaluate(() =>
          globalThis.session.json('/api/notes').then(
            () => 'read',
            (error) => error.reason
          )
        )
      assert.equal(await read(), 'read')
      await signIn(desk)
      await button(desk, 'Log out everywhere else').click()
      await status(desk, 'That browser is logged out.')
      assert.equal(await read(), 'revoked')
    })
  )
})

test('the session key cannot be read, and lasts over a reload', async () => {
  await inBrowser(here, injected(), async (page) => {
    await signIn(page)
    await page.reload()
    await ready(page)
    await page.locator('#member').waitFor()
    const key = await page.evaluate(async () => {
      const { kept } = await import('./bytes.js')
      const { privateKey } = await kept('session')
      const read = crypto.subtle.exportKey('pkcs8', privateKey)
      return { extractable: privateKey.extractable, read: await read.then(() => 'read', (e) => e.name) }
    })
    assert.deepEqual(key, { extractable: false, read: 'InvalidAccessError' })
  })
})

test('the demo wallet says what it is, and goes along to another browser', async () => {
  await inBrowser(here, undefined, (desk) =>
    inBrowser(there, undefined, async (phone) => {
      assert.match(await desk.locator('#demo-note').textContent(), /for nothing else/)
      await signIn(desk, 'Use a demo wallet')
      assert.equal(await desk.locator('#demo-badge').isVisible(), true)
      await write(desk, 'one')
      const item = desk.locator('#notes li')
      await button(desk, 'Edit').click()
      await item.getByLabel('Note', { exact: true }).fill('two')
      await button(desk, 'Save').click()
      await hasNote(desk, 'two')

      await desk.getByText('Take the demo wallet along').click()
      const link = await desk.locator('#demo-link').inputValue()
      await phone.goto('about:blank')
      await visit(phone, link.replace(here, there))
      await hasNote(phone, 'two')
      assert.equal(await phone.evaluate(() => location.hash), '', 'the key is not left there')
      await button(phone, 'Delete').click()
      await desk.locator('#no-notes').waitFor()

      await button(phone, 'Log out').click()
      await status(phone, 'You are logged out.')
      await devices(desk).nth(1).waitFor({ state: 'detached' })
      await write(desk, 'three')
    })
  )
})

test('the wallet signs again before others are logged out, if it signed long ago', async () => {
  const wallet = injected()
  await inBrowser(here, wallet, (desk) =>
    inBrowser(here, wallet, async (phone) => {
      await signIn(desk)
      await signIn(phone)
      await devices(desk).nth(1).waitFor()
      let asked = 0
      // as the server says after five minutes
      await desk.route('**/session/logout/others', (route) => {
        asked += 1
        if (asked > 1) return route.continue()
        const code = 'insufficient_user_authentication'
        return route.fulfill({
          status: 401,
          contentType: 'application/problem+json',
          headers: { 'www-authenticate': `DIDSession error="${code}", max_age="300"` },
          body: JSON.stringify({ title: 'Unauthorized', status: 401, code, max_age: 300 }),
        })
      })
      await button(desk, 'Log out everywhere else').click()
      await status(desk, 'logged out')
      await status(phone, 'This browser was logged out from elsewhere.')
      assert.equal(wallet.prompts, 3)
      assert.equal(await devices(desk).count(), 1, 'what was signed before is over, too')
      await write(desk, 'still here')
    })
  )
})

test('declined, and expired: it is said', async () => {
  const wallet = injected()
  await inBrowser(here, wallet, async (page) => {
    wallet.declines = true
    await button(page, 'Sign in with your wallet').click()
    await page.getByRole('alert').filter({ hasText: 'You declined' }).waitFor()
    wallet.declines = false
    await signIn(page)
    assert.match(await page.locator('#countdown').textContent(), /^59:\d\d$|^1:00:00$/)
    await page.evaluate(() => {
      const { now } = Date
      Date.now = () => now() + 2 * 60 * 60 * 1000
    })
    await status(page, 'The session has ended.')
    assert.equal(await page.locator('#member').isVisible(), false)
  })
})

test('with the keyboard, on a narrow screen', async () => {
  const options = { viewport: { width: 320, height: 640 } }
  await inBrowser(
    here,
    injected(),
    async (page) => {
      const overflow = () =>
        page.evaluate(() => {
          // without a scroll bar, which takes its place in some browsers
          const { scrollWidth, clientWidth } = document.documentElement
          return scrollWidth - clientWidth
        })
      assert.equal(await overflow(), 0)
      await button(page, 'Sign in with your wallet').focus()
      await page.keyboard.press('Enter')
      await status(page, 'You are signed in.')
      const focused = () => page.evaluate(() => document.activeElement.id)
      assert.equal(await focused(), 'notes-title')
      await page.keyboard.press('Tab')
      assert.equal(await focused(), 'text')
      await page.keyboard.type('typed')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await hasNote(page, 'typed')
      assert.equal(await focused(), 'text')
      assert.equal(await overflow(), 0)
    },
    options
  )
})
