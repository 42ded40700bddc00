// The back/forward cache: a page is left, and comes back by history as it was. Whoever drives a browser
// runs scripts in its pages, which ends their stay there: this page drives itself, and tells what it
// sees.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { launchAlone } from './support/browser.mjs'
import { serve } from './support/server.mjs'

/** What is told: when the page is loaded, each time that it comes back, and by the other page. */
const TOLD = 4
const PATIENCE_MS = 120_000

/** What the page told, until it looked so often, or was loaded anew. */
const told = async (profile) => {
  const seen = []
  let [over, end] = [undefined, undefined]
  const heard = new Promise((resolve, reject) => ([over, end] = [resolve, reject]))
  const hear = (look) => {
    seen.push(look)
    if (seen.length === TOLD || (look.isBack && !look.persisted)) over()
  }
  // a page that must not be stored is not kept either
  const server = await serve(0, { cacheControl: 'no-cache', hear })
  const browser = await launchAlone(profile, `${server.url}/history.html`)
  const timer = setTimeout(() => end(new Error(`the page told only ${JSON.stringify(seen)}`)), PATIENCE_MS)
  browser.ended.then((code) => end(new Error(`the browser ended with ${code}`)))
  try {
    await heard
    return seen
  } finally {
    clearTimeout(timer)
    await browser.end()
    server.close()
  }
}

/** What the page told in a profile of its own. */
const toldAnew = async () => {
  const profile = await mkdtemp(join(tmpdir(), 'did-session-history-'))
  try {
    return await told(profile)
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Whether the page was not kept for a reason of the browser's own, which it does not tell. */
const isMasked = (look) => {
  const reasons = look.notRestoredReasons?.reasons ?? []
  return look.isBack && !look.persisted && reasons.length > 0 && reasons.every(({ reason }) => reason === 'masked')
}

const ATTEMPTS = 8

test('a page that nobody drives gets a session by one prompt, and finds it', async () => {
  const [first] = await toldAnew()
  assert.deepEqual([first.persisted, first.before, first.prompts, first.after], [false, false, 1, true])
})

test(`a page that comes back from the back/forward cache works on, and was in nobody's way`, async (t) => {
  let returned = false
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const looks = await toldAnew()
    if (looks.some(isMasked)) {
      t.diagnostic(`attempt ${attempt}: the page was not kept, for a reason of the browser's own that it masks`)
      returned ||= looks.length > 2
      continue
    }
    const [, second, other, third] = looks
    const why = ({ notRestoredReasons }) => `the page was kept: ${JSON.stringify(notRestoredReasons)}`
    assert.equal(second.persisted, true, why(second))
    assert.deepEqual([second.before, second.prompts, second.verifies, second.after], [true, 0, true, true])
    // another page deleted the database meanwhile, and this one stayed where it was
    assert.deepEqual(other, { outcome: 'deleted' })
    assert.equal(third.persisted, true, why(third))
    assert.deepEqual([third.before, third.prompts, third.verifies, third.after], [false, 1, true, true])
    return
  }
  // where it came back once, what it does then is what keeps it from coming back again
  assert.equal(returned, false, 'it is kept while another page deletes the database')
  t.skip(`in ${ATTEMPTS} attempts the browser kept no page, for a reason of its own that it masks`)
})
