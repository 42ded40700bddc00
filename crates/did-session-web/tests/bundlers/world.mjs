// What the tests of all bundlers do: the project of a user, and its application in Chromium.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { launch } from '../support/browser.mjs'
import { injected } from '../support/injected.mjs'
import { project } from '../support/packed.mjs'
import { PARTS } from '../support/parts.mjs'
import { serveFolder } from '../support/server.mjs'

const source = (name) => readFile(new URL(`./app/${name}`, import.meta.url), 'utf8')

/** A page that runs one script. */
export const html = (script) =>
  `<!doctype html><meta charset="utf-8" /><title>An application</title>\n${script}\n`

/** A project with the application, and a browser. */
export const begin = async (name, files = {}, under = undefined) => {
  const application = { 'app.js': await source('app.js'), 'index.html': await source('index.html') }
  const [user, world] = await Promise.all([
    project(name, { toy: true, files: { ...application, ...files }, under }),
    launch(),
  ])
  return {
    ...user,
    world,
    async end() {
      await world.close()
      await user.remove()
    },
  }
}

const MAX_WAIT = 120_000

/** Opens the application with a wallet of its own, and hands on what came of it, twice. */
const twice = async (world, url) => {
  const context = await world.browser.newContext()
  try {
    const wallet = injected()
    await wallet.inject(context)
    const page = await context.newPage()
    const [errors, files] = [[], []]
    page.on('pageerror', (error) => errors.push(String(error)))
    const outcomeOf = async (open) => {
      files.length = 0
      await open()
      // what a development server bundles on the way reloads the page
      await page.waitForFunction(() => globalThis.outcome !== undefined, null, { timeout: MAX_WAIT })
      return page.evaluate(() => globalThis.outcome)
    }
    const first = await outcomeOf(() => page.goto(url))
    page.on('request', (request) => {
      if (/\.wasm$/.test(new URL(request.url()).pathname)) files.push(request.url())
    })
    const again = await outcomeOf(() => page.reload())
    return { first, again, prompts: wallet.prompts, errors, files }
  } finally {
    await context.close()
  }
}

/** The application works: one prompt, the same key after a reload, each part fetched once. */
export const works = async (world, url) => {
  const { first, again, prompts, errors, files } = await twice(world, url)
  assert.equal(first.message, undefined, `${first.code}: ${first.message}`)
  assert.deepEqual([first.payload, first.answer], [{ hello: 'world' }, 42])
  assert.match(first.key, /^did:key:zDn/)
  assert.deepEqual(again, first, 'the session is found after a reload')
  assert.equal(prompts, 1)
  assert.deepEqual(errors, [])
  // the parts and the toy, each once; some bundlers leave nothing of their names
  const wanted = PARTS.length + 1
  assert.deepEqual([files.length, new Set(files).size], [wanted, wanted], files.join(', '))
  return files
}

/** The folder of a built application works. */
export const worksBuilt = async (world, folder) => {
  const server = await serveFolder(folder)
  try {
    return await works(world, `${server.url}/`)
  } finally {
    await server.close()
  }
}

/** The application says why it cannot be. */
export const refused = async (world, folder, headers) => {
  const server = await serveFolder(folder, headers)
  try {
    const { first, prompts } = await twice(world, `${server.url}/`)
    assert.equal(prompts, 0)
    return first
  } finally {
    await server.close()
  }
}
