// The demo, driven as a person would.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isFirefox, launch } from './support/browser.mjs'
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
    await page.locator('#sign-hint').filter({ visible: true, hasText: 'Renew it' }).waitFor()
    assert.equal(await page.locator('#countdown').textContent(), 'none')
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
        page.evaluate(() => {
          // without a scroll bar, which takes its place in some browsers
          const { scrollWidth, clientWidth } = document.documentElement
          return scrollWidth - clientWidth
        })
      assert.equal(await overflow(), 0)
      await button(page, 'Use a throw-away wallet').click()
      await status(page, 'Connected.')
      await button(page, 'Sign').click()
      await status(page, 'Signed')
      assert.equal(await overflow(), 0)
    },
    { viewport: { width: 320, height: 640 } }
  ))

test('what the wallet signs is shown before it is asked, and the wallet is asked for just that', async () => {
  const wallet = injected()
  const { request } = wallet
  let asked
  wallet.request = (given) => {
    if (given.method === 'personal_sign') asked = Buffer.from(given.params[0].slice(2), 'hex').toString()
    return request(given)
  }
  await inDemo(wallet, async (page) => {
    const preview = page.locator('#preview')
    const before = await preview.textContent()
    assert.match(before, /^127\.0\.0\.1 wants you to sign in[^]*Resources:\n- ceramic:/)
    await button(page, 'Connect wallet').click()
    await status(page, 'Connected.')
    assert.equal(await preview.textContent(), asked, 'it was on the page when the wallet was asked')
    // the same lines, with what was not known filled in
    const fixed = before.split('\n').filter((line) => !line.includes('<'))
    for (const line of fixed) assert.ok(asked.includes(line), line)
    assert.equal(asked.split('\n').length, before.split('\n').length)
    // and again, with the account, before it is renewed
    const again = page.locator('#renew-preview')
    await page.getByText('What you will sign to renew').click()
    const known = await again.textContent()
    assert.ok(known.toLowerCase().includes(wallet.address) && known.includes('Chain ID: 1\n'), known)
    assert.ok(!known.includes('<your'), known)
    await button(page, 'Renew').click()
    await status(page, 'Renewed')
    for (const line of known.split('\n').filter((line) => !line.includes('<'))) {
      assert.ok(asked.toLowerCase().includes(line.toLowerCase()), line)
    }
  })
})

test('the key is not given away, and the page says so in words', () =>
  inDemo(undefined, async (page) => {
    await button(page, 'Use a throw-away wallet').click()
    await status(page, 'Connected.')
    await button(page, 'Try to read the key').click()
    await page.locator('#key-verdict.good', { hasText: 'The browser refused' }).waitFor()
    await status(page, 'The key was not read.')
  }))

test('renewal: a new key and a new week; a decline leaves the session, and status and session agree', async () => {
  const wallet = injected()
  await inDemo(wallet, async (page) => {
    await button(page, 'Connect wallet').click()
    await status(page, 'Connected.')
    const first = await keyOf(page)
    const countdown = page.locator('#countdown')
    const begin = await countdown.textContent()
    assert.match(begin, /^6 days 23:59:\d\d$/)
    await page.waitForFunction((text) => document.querySelector('#countdown').textContent !== text, begin)
    await button(page, 'Renew').click()
    await status(page, 'Renewed')
    const second = await keyOf(page)
    assert.notEqual(second, first)
    wallet.declines = true
    await button(page, 'Renew').click()
    await status(page, 'Not renewed')
    assert.deepEqual([await keyOf(page), wallet.prompts], [second, 3])
    assert.equal(await page.locator('#badge').textContent(), 'active')
    await signAndVerify(page)
    await status(page, 'the message is not valid')
  })
})

test('DIDs are short to the eye, whole to a reader and to the clipboard; code is copied, too', () =>
  inDemo(undefined, async (page, context) => {
    // Firefox lets nobody read the clipboard without a click of the user: there it is only seen what
    // the page wrote, and that the browser took it
    const written = []
    if (isFirefox) {
      await page.exposeFunction('writes', (text) => written.push(text))
      await page.evaluate(() => {
        const write = navigator.clipboard.writeText.bind(navigator.clipboard)
        navigator.clipboard.writeText = async (text) => {
          await write(text)
          await globalThis.writes(text)
        }
      })
    } else {
      await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    }
    await button(page, 'Use a throw-away wallet').click()
    await status(page, 'Connected.')
    const copied = () =>
      isFirefox ? written.at(-1) : page.evaluate(() => navigator.clipboard.readText())
    for (const [name, id] of [['Copy account', 'account'], ['Copy session key', 'key']]) {
      await button(page, name).click()
      await status(page, 'Copied the')
      assert.equal(await copied(), await page.locator(`#${id}`).textContent())
      const seen = await page.locator(`#${id}`).evaluate((it) => it.getBoundingClientRect().height)
      assert.ok(seen < 40, 'on one line')
    }
    await button(page, 'Copy the code: sign and verify').click()
    assert.match(await copied(), /verifyJWS\(/)
  }))

/** The contrast of two colours (WCAG 2.2), each as `rgb(…)`. */
const contrast = (...colours) => {
  const [low, high] = colours
    .map((colour) => {
      const [r, g, b] = colour.match(/[\d.]+/g).map((part) => {
        const level = Number(part) / 255
        return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    })
    .sort((one, other) => one - other)
  return (high + 0.05) / (low + 0.05)
}

for (const colorScheme of ['light', 'dark']) {
  test(`${colorScheme}, on a phone: nothing scrolls sideways, all is named, contrast is enough, nobody else is asked`, () =>
    inDemo(
      undefined,
      async (page) => {
        const others = []
        page.on('request', (one) => one.url().startsWith(world.url) || others.push(one.url()))
        await page.reload()
        await ready(page)
        await button(page, 'Use a throw-away wallet').click()
        await status(page, 'Connected.')
        await button(page, 'Sign').click()
        await button(page, 'Verify').click()
        await button(page, 'Try to read the key').click()
        await page.locator('#key-verdict.good').waitFor()
        const seen = await page.evaluate(() => {
          const shown = (element) => element.checkVisibility() && element.textContent.trim() !== ''
          const backOf = (element) => {
            const { backgroundColor } = getComputedStyle(element)
            return /, 0\)$|transparent/.test(backgroundColor) ? backOf(element.parentElement) : backgroundColor
          }
          const texts = [...document.querySelectorAll('h1, h2, p, dt, dd, code, button, label, output, figcaption, .badge, textarea')]
          const fields = [...document.querySelectorAll('button, textarea')].filter((one) => one.checkVisibility())
          return {
            overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
            colours: texts.filter(shown).map((it) => [it.id || it.className || it.tagName, getComputedStyle(it).color, backOf(it)]),
            lines: ['account', 'key'].map((id) => {
              const it = document.getElementById(id)
              return Math.round(it.getBoundingClientRect().height / parseFloat(getComputedStyle(it).lineHeight))
            }),
            unnamed: fields.filter((one) => one.textContent.trim() === '' && one.labels.length === 0).length,
            small: fields.filter((one) => one.getBoundingClientRect().height < 24).length,
            regions: [...document.querySelectorAll('section')].every((one) => document.getElementById(one.getAttribute('aria-labelledby'))),
            levels: [...document.querySelectorAll('h1, h2, h3')].map((one) => Number(one.tagName[1])),
            lang: document.documentElement.lang,
            twice: new Set([...document.querySelectorAll('[id]')].map(({ id }) => id)).size - document.querySelectorAll('[id]').length,
          }
        })
        assert.equal(seen.overflow, 0)
        assert.deepEqual(seen.lines, [1, 1], 'DIDs stand on one line')
        const pale = seen.colours.filter(([, colour, back]) => contrast(colour, back) < 4.5)
        assert.deepEqual(pale, [])
        assert.deepEqual([seen.unnamed, seen.small, seen.regions, seen.lang, seen.twice], [0, 0, true, 'en', 0])
        assert.ok(seen.levels.every((level, place) => level - (seen.levels[place - 1] ?? 0) <= 1), 'no level is skipped')
        assert.deepEqual(others, [], 'nothing is asked of another origin')
      },
      { viewport: { width: 360, height: 740 }, colorScheme }
    ))
}
