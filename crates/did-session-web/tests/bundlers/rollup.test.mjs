// Rollup leaves `new URL(…, import.meta.url)` as it is: the files lie beside the bundle, copied, or
// put there by a plugin.

import assert from 'node:assert/strict'
import { copyFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import nodeResolve from '@rollup/plugin-node-resolve'
import { importMetaAssets } from '@web/rollup-plugin-import-meta-assets'
import { rollup } from 'rollup'
import { PARTS } from '../support/parts.mjs'
import { begin, html, worksBuilt } from './world.mjs'

let user
before(async () => (user = await begin('rollup')))
after(() => user.end())

const build = async (name, format, script, plugins = []) => {
  const dir = join(user.folder, name)
  const warnings = []
  const bundle = await rollup({
    input: join(user.folder, 'app.js'),
    plugins: [nodeResolve({ browser: true }), ...plugins],
    onwarn: ({ message }) => warnings.push(message),
  })
  await bundle.write({ dir, format, name: 'application', entryFileNames: 'app.js' })
  await bundle.close()
  assert.deepEqual(warnings, [])
  await writeFile(join(dir, 'index.html'), html(script))
  return dir
}

const copyFiles = async (dir) => {
  for (const file of [...PARTS, 'toy.wasm']) {
    await copyFile(join(user.installed, 'dist', file), join(dir, file))
  }
}

test('Rollup, esm, the files copied', async () => {
  const dir = await build('copied', 'es', '<script type="module" src="app.js"></script>')
  await copyFiles(dir)
  await worksBuilt(user.world, dir)
})

test('Rollup, iife, the files copied', async () => {
  const dir = await build('iife', 'iife', '<script src="app.js"></script>')
  await copyFiles(dir)
  await worksBuilt(user.world, dir)
})

test('Rollup, esm, by a plugin that puts files beside the bundle', async () => {
  const script = '<script type="module" src="app.js"></script>'
  const dir = await build('assets', 'es', script, [importMetaAssets()])
  const emitted = await readdir(join(dir, 'assets'))
  assert.equal(emitted.filter((name) => name.endsWith('.wasm')).length, PARTS.length + 1, emitted.join(', '))
  await worksBuilt(user.world, dir)
})
