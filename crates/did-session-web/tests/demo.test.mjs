// The demo, driven as a person would.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch } from './support/browser.mjs'
import { injected } from './support/injected.mjs'

let world
before(async () => (world = await launch()))
after(() => world.close())

const MAX_WAIT = 60_000

/** The demo in a profile of its own; `wallet` is injected as `window.ethereum`. */
const inDemo = async (wallet, use, options = {}) => {
  const context = await world.browser.newContext(options)
  context.setDefaultTimeout(MAX_WAIT)
  try {
    const page = await context.newPage()
    const errors = []
    page.on('pageerror', (error) => errors.push(String(error)))
    page.on('console', (line) => line.type() === 'error' && errors.push(line.text()))
    if (wallet !== undefined) await wallet.inject(context)
    await visit(page)
    await use(page, context)
    assert.deepEqual(errors, [], 'the page threw and logged nothing')
  } finally {
    await context.close()
  }
}

const ready = (page) => page.locator('html[data-ready=true]').waitFor({ state: 'attached' })

const visit = async (page) => {
  await page.goto(`${world.url}/demo/`)
  await ready(page)
}

const button = (page, name) => page.getByRole('button', { name, exact: true })
const status = (page, text) => page.getByRole('status').filter({ hasText: text }).first().waitFor()
const session = (page) => page.getByRole('region', { name: 'Your session' })
const keyOf = (page) => page.locator('#key').textContent()

const signAndVerify = async (page) => {
  await page.getByLabel('Message', { exact: true }).fill('Grüße, “world”')
  await button(page, 'Sign').click()
  await status(page, 'Signed')
  await button(page, 'Verify').click()
  await page.locator('#verdict.good').waitFor()
  assert.match(await page.locator('#verdict').textContent(), /^Valid: “Grüße, “world””, signed on/)
  // another text under the same signature
  const field = page.getByLabel('Signed message (JWS)')
  const jws = JSON.parse(await field.inputValue())
  const payload = Buffer.from(JSON.stringify({ message: 'forged' })).toString('base64url')
  await field.fill(JSON.stringify({ ...jws, payload }))
  await button(page, 'Verify').click()
  await page.locator('#verdict.bad').waitFor()
  assert.match(await page.locator('#verdict').textContent(), /^Not valid: /)
}

test('with an injected wallet: connect, reload, sign, verify, log out', async () => {
  const wallet = injected()
  await inDemo(wallet, async (page) => {
    await status(page, 'Not connected.')
    assert.equal(await button(page, 'Use a throw-away wallet').isVisible(), false)
    await button(page, 'Connect wallet').click()
    await status(page, 'Connected.')
    assert.equal(wallet.prompts, 1)
    const id = `did:pkh:eip155:1:${wallet.address}`
    assert.equal((await page.locator('#account').textContent()).toLowerCase(), id)
    assert.match(await keyOf(page), /^did:key:zDn/)
    assert.deepEqual(await page.locator('#resources li').allTextContents(), [
      'ceramic://*?model=notes',
      'ceramic://*?model=profile',
    ])
    const key = await keyOf(page)

    const countdown = await page.locator('#countdown').textContent()
    assert.match(countdown, /^[67] days \d\d:\d\d:\d\d$/)
    const changed = (old) => document.getElementById('countdown').textContent !== old
    await page.waitForFunction(changed, countdown)

    await page.reload()
    await ready(page)
    await status(page, 'Welcome back')
    assert.equal(await keyOf(page), key)
    await signAndVerify(page)
    assert.equal(wallet.prompts, 1, 'nothing after the first sign-in asks the wallet')

    await button(page, 'Log out').click()
    await status(page, 'Logged out.')
    assert.equal(await session(page).isVisible(), false)
    await page.reload()
    await ready(page)
    await status(page, 'Not connected.')
    await button(page, 'Connect wallet').click()
    await status(page, 'Connected.')
    assert.equal(wallet.prompts, 2)
    assert.notEqual(await keyOf(page), key)
  })
})

test('the user declines: it is said, and can be tried again', async () => {
  const wallet = injected()
  wallet.declines = true
  await inDemo(wallet, async (page) => {
    await button(page, 'Connect wallet').click()
    await page.getByRole('alert').filter({ hasText: 'You declined' }).waitFor()
    await status(page, 'Not connected.')
    wallet.declines = false
    await button(page, 'Connect wallet').click()
    await status(page, 'Connected.')
    assert.equal(await page.getByRole('alert').isVisible(), false)
  })
})

test('with the throw-away wallet, which says that it is a toy', () =>
  inDemo(undefined, async (page) => {
    assert.equal(await button(page, 'Connect wallet').isVisible(), false)
    assert.match(await page.locator('#toy-note').textContent(), /It is a toy/)
    await button(page, 'Use a throw-away wallet').click()
    await status(page, 'Connected.')
    assert.equal(await page.locator('#toy-session').isVisible(), true)
    const key = await keyOf(page)
    await page.reload()
    await ready(page)
    await status(page, 'Welcome back')
    assert.equal(await keyOf(page), key)
    assert.equal(await page.locator('#toy-session').isVisible(), true)
    await signAndVerify(page)
    await button(page, 'Log out').click()
    await status(page, 'Logged out.')
  }))

test('logged out in one tab, logged out in the other', () =>
  inDemo(injected(), async (page, context) => {
    await button(page, 'Connect wallet').click()
    await status(page, 'Connected.')
    const other = await context.newPage()
    await visit(other)
    await status(other, 'Welcome back')
    await button(other, 'Log out').click()
    await status(page, 'Logged out in another tab.')
    assert.equal(await session(page).isVisible(), false)
  }))

test('an expired session is shown as one, and does not sign', () =>
  inDemo(injected(), async (page) => {
    await button(page, 'Connect wallet').click()
    await status(page, 'Connected.')
    await page.evaluate(() => {
      const { now } = Date
      Date.now = () => now() + 8 * 24 * 60 * 60 * 1000
    })
    await status(page, 'The session has expired.')
    assert.equal(await page.locator('#badge').textContent(), 'expired')
    assert.equal(await button(page, 'Sign').isDisabled(), true)
  }))

test('with the keyboard only', () =>
  inDemo(injected(), async (page) => {
    const { keyboard } = page
    const focused = () => page.evaluate(() => document.activeElement.id)
    const tabTo = async (id) => {
      for (let steps = 0; steps < 12; steps += 1) {
        await keyboard.press('Tab')
        if ((await focused()) === id) return
      }
      assert.fail(`${id} is not reached by the keyboard`)
    }
    await tabTo('connect-injected')
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle)
    assert.equal(outline, 'solid', 'the focus is seen')
    await keyboard.press('Enter')
    await status(page, 'Connected.')
    assert.equal(await focused(), 'session-title')
    await tabTo('message')
    await keyboard.press('Control+A')
    await keyboard.type('typed')
    await tabTo('sign')
    await keyboard.press('Space')
    await status(page, 'Signed')
    assert.equal(await focused(), 'sign', 'the focus stays')
    await tabTo('verify')
    await keyboard.press('Enter')
    await page.locator('#verdict.good', { hasText: 'typed' }).waitFor()
    await page.locator('#session-title').focus()
    await tabTo('logout')
    await keyboard.press('Enter')
    await status(page, 'Logged out.')
    assert.equal(await focused(), 'connect-injected')
  }))

test('nothing is cut off on a narrow screen', () =>
  inDemo(
    undefined,
    async (page) => {
      const overflow = () =>
        page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      assert.equal(await overflow(), 0)
      await button(page, 'Use a throw-away wallet').click()
      await status(page, 'Connected.')
      await button(page, 'Sign').click()
      await status(page, 'Signed')
      assert.equal(await overflow(), 0)
    },
    { viewport: { width: 320, height: 640 } }
  ))
