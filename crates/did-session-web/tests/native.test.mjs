// What a page signs with a key that never leaves the browser, the native command line verifies.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { launch } from './support/browser.mjs'
import { programOf } from './support/needs.mjs'

const CLI = programOf('DID_SESSION_CLI', 'did-session')

let world, folder
before(async () => {
  world = await launch()
  folder = await mkdtemp(join(tmpdir(), 'did-session-web-'))
})
after(async () => {
  await world.close()
  await rm(folder, { recursive: true, force: true })
})

const verify = async (jws, capability, issuer) => {
  const file = join(folder, 'capability.json')
  await writeFile(file, JSON.stringify(capability))
  const args = ['verify', '-', '--json', '--capability', file, '--issuer', issuer]
  const run = spawnSync(CLI, args, { input: jws, encoding: 'utf8' })
  assert.equal(run.error, undefined)
  return { status: run.status, ...JSON.parse(run.stdout) }
}

test('a JWS of a stored key, made after a reload, verifies natively', () =>
  world.inPage(async (page) => {
    const seed = await page.evaluate(async () => {
      const wallet = makeWallet()
      await ours.DIDSession.get(wallet.account, await ourMethod(wallet), { resources })
      return wallet.seed
    })
    await page.reload()
    await page.waitForFunction(() => globalThis.ready)
    const made = await page.evaluate(async (seed) => {
      const wallet = makeWallet(seed)
      const method = await ourMethod(wallet)
      const { did, id, cacao } = await ours.DIDSession.get(wallet.account, method, { resources })
      const jws = await did.createJWS({ hello: 'world' })
      const [{ protected: header, signature }] = jws.signatures
      const compact = `${header}.${jws.payload}.${signature}`
      return { compact, id, cacao, key: did.id, prompts: wallet.prompts }
    }, seed)
    assert.equal(made.prompts, 0)
    assert.match(made.key, /^did:key:zDn/, 'a P-256 key')
    const verdict = await verify(made.compact, made.cacao, made.id)
    assert.equal(verdict.status, 0, JSON.stringify(verdict))
    assert.equal(verdict.valid, true)
    assert.equal(verdict.issuer, made.id)

    const [header, , signature] = made.compact.split('.')
    const other = await verify(`${header}.e30.${signature}`, made.cacao, made.id)
    assert.equal(other.status, 1)
    assert.equal(other.code, 'invalid_signature')
  }))
