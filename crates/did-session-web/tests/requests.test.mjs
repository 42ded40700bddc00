// What is asked for beside resources: a ReCap (ERC-5573), and the grammar of EIP-4361 to the letter.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch } from './support/browser.mjs'

let world
before(async () => (world = await launch()))
after(() => world.close())

const inPage = (use) => world.inPage(use)

const PHOTOS = 'https://files.example/photos/'

test('abilities are asked for in words, and a stored session serves that grants them', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async (photos) => {
      const wallet = makeWallet()
      const recap = (...abilities) => ({
        att: { [photos]: Object.fromEntries(abilities.map((ability) => [ability, [{}]])) },
        prf: [],
      })
      const ask = async (...abilities) => {
        const { prompts, error } = await tryGet(wallet, { recap: recap(...abilities) })
        return error?.code ?? prompts
      }
      const both = await ask('crud/read', 'crud/update')
      const text = wallet.texts[0]
      const rest = [await ask('crud/read'), await ask('crud/read', 'crud/update')]
      const has = (more) =>
        ours.DIDSession.hasSessionFor(wallet.account, more === undefined ? undefined : { recap: more })
      const stored = [
        await has(recap('crud/update')),
        await has(recap('crud/delete')),
        await has(undefined),
      ]
      const more = await ask('crud/delete')
      // nothing but abilities
      const alone = makeWallet()
      const session = await ours.DIDSession.get(alone.account, await ourMethod(alone), {
        resources: [],
        recap: recap('crud/read'),
      })
      return { both, text, rest, stored, more, alone: session.authorizations }
    }, PHOTOS)
    assert.equal(seen.both, 1)
    const words = "I further authorize the stated URI to perform the following actions on my behalf: "
    assert.ok(seen.text.includes(`${words}(1) 'crud': 'read', 'update' for '${PHOTOS}'.`), seen.text)
    assert.match(seen.text, /- urn:recap:[\w-]+$/)
    assert.deepEqual(seen.rest, [0, 0])
    assert.deepEqual(seen.stored, [true, false, true])
    assert.equal(seen.more, 1)
    assert.equal(seen.alone.length, 1)
    assert.match(seen.alone[0], /^urn:recap:/)
  }))

test('what is not a ReCap is refused before the wallet is asked', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const wallet = makeWallet()
      const codes = []
      const circle = {}
      circle.att = circle
      const wrong = ['text', [], {}, { att: {} }, { att: [] }, circle, { att: { 'no uri': { 'a/b': [{}] } } }]
      for (const recap of wrong) codes.push((await tryGet(wallet, { recap })).error.code)
      return { codes, prompts: wallet.prompts }
    })
    assert.deepEqual(seen, { codes: Array(7).fill('invalid_option'), prompts: 0 })
  }))

test('what leaves the grammar is named, and refused where that is wanted', () =>
  inPage(async (page) => {
    const seen = await page.evaluate(async () => {
      const { DIDSession } = ours
      const options = { domain: 'my app', resources: ['app://notes', 'not a uri'] }
      const warnings = await DIDSession.warnings(options)
      const none = await DIDSession.warnings({ resources: ['app://notes'] })
      const wallet = makeWallet()
      const strict = await tryGet(wallet, { resources: ['not a uri'], strict: true })
      const loose = await tryGet(wallet, { resources: ['not a uri'] })
      const fine = await tryGet(wallet, { resources: ['app://notes'], strict: true })
      return {
        warnings: warnings.map(({ option, text, message }) => [option, text, typeof message]),
        none,
        outcomes: [strict.error?.code, strict.prompts, loose.prompts, fine.prompts],
      }
    })
    assert.deepEqual(seen.warnings, [
      ['domain', 'my app', 'string'],
      ['resources', 'not a uri', 'string'],
    ])
    assert.deepEqual(seen.none, [])
    assert.deepEqual(seen.outcomes, ['invalid_option', 0, 1, 1])
  }))
