// esbuild leaves `new URL(…, import.meta.url)` as it is: the files lie beside the bundle. A classic
// script has no `import.meta.url`, and looks beside itself.

import assert from 'node:assert/strict'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import * as esbuild from 'esbuild'
import { PARTS } from '../support/parts.mjs'
import { begin, html, refused, worksBuilt } from './world.mjs'

const FILES = [...PARTS, 'toy.wasm']

let user
before(async () => (user = await begin('esbuild')))
after(() => user.end())

/** Bundles the application into a folder of its own. */
const bundle = async (name, options, script, files = FILES) => {
  const folder = join(user.folder, name)
  await mkdir(folder, { recursive: true })
  const { warnings } = await esbuild.build({
    entryPoints: [join(user.folder, 'app.js')],
    outdir: folder,
    bundle: true,
    minify: true,
    logLevel: 'silent',
    ...options,
  })
  for (const file of files) await copyFile(join(user.installed, 'dist', file), join(folder, file))
  await writeFile(join(folder, 'index.html'), html(script))
  return { folder, warnings }
}

const ESM = '<script type="module" src="app.js"></script>'
const CLASSIC = '<script src="app.js"></script>'

test('esm, the files beside the bundle', async () => {
  const { folder, warnings } = await bundle('esm', { format: 'esm' }, ESM)
  assert.deepEqual(warnings, [])
  await worksBuilt(user.world, folder)
})

test('iife, the files beside the bundle', async () => {
  const { folder, warnings } = await bundle('iife', { format: 'iife' }, CLASSIC)
  assert.deepEqual(warnings, [])
  await worksBuilt(user.world, folder)
})

test('iife, a script without an address: init is told where the files are', async () => {
  const { folder } = await bundle('told', { format: 'iife' }, '')
  const page = (before) => `<script type="module">
    ${before}
    const script = document.createElement('script')
    script.text = await (await fetch('app.js')).text()
    document.head.append(script)
  </script>`
  const later = { machine: '/machine.wasm', ethereum: '/ethereum.wasm', signing: '/signing.wasm', revocations: '/revocations.wasm', rest: '/rest.wasm', toy: '/toy.wasm' }
  const sources = JSON.stringify({ session: `/${PARTS[0]}`, ...later })
  await writeFile(join(folder, 'index.html'), html(page(`globalThis.wasm = ${sources}`)))
  await worksBuilt(user.world, folder)
  await writeFile(join(folder, 'index.html'), html(page('')))
  const { code, message } = await refused(user.world, folder)
  assert.equal(code, 'not_loaded')
  assert.match(message, /it is not known where \w+\.wasm is; call init with its URL/)
})

test('the files were not copied: the error says so, and what to do', async () => {
  const { folder } = await bundle('bare', { format: 'esm' }, ESM, [])
  const { code, message } = await refused(user.world, folder)
  assert.equal(code, 'not_loaded')
  assert.match(message, /\/\w+\.wasm is answered with 404; call init with its URL/)
})
