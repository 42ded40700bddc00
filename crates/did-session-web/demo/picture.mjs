// `node demo/picture.mjs`: draws the picture of the page that the guide shows, in a headless Chromium.

import { join } from 'node:path'
import { launch } from '../tests/support/browser.mjs'
import { injected } from '../tests/support/injected.mjs'
import { PACKAGE } from '../tests/support/server.mjs'

const GUIDE = join(PACKAGE, '../../docs/guide/src')

const draw = async (world, colorScheme) => {
  const options = { colorScheme, viewport: { width: 960, height: 860 }, deviceScaleFactor: 1 }
  const context = await world.browser.newContext(options)
  try {
    const page = await context.newPage()
    await injected().inject(context)
    await page.goto(`${world.url}/demo/`)
    await page.locator('html[data-ready=true]').waitFor({ state: 'attached' })
    await page.getByRole('button', { name: 'Connect wallet', exact: true }).click()
    await page.getByRole('status').filter({ hasText: 'Connected.' }).first().waitFor()
    const path = join(GUIDE, `page-${colorScheme}.png`)
    await page.screenshot({ path })
    console.log(path)
  } finally {
    await context.close()
  }
}

const world = await launch()
try {
  for (const colorScheme of ['light', 'dark']) await draw(world, colorScheme)
} finally {
  await world.close()
}
