// Pages with our entry for `dids`, bundled as sites bundle it.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import * as esbuild from 'esbuild'
import { launch, open } from './browser.mjs'
import { BUILT, PACKAGE } from './server.mjs'
import { copyParts } from './parts.mjs'

export const launchWithDids = async () => {
  await mkdir(BUILT, { recursive: true })
  const folder = await mkdtemp(join(BUILT, 'dids-'))
  await esbuild.build({
    entryPoints: [join(PACKAGE, 'tests/support/dids.entry.js')],
    outfile: join(folder, 'page.js'),
    bundle: true,
    format: 'esm',
    // the peer's dependencies know Node's name of the global object
    define: { global: 'globalThis' },
    logLevel: 'silent',
  })
  await copyParts(join(PACKAGE, 'dist'), folder)
  const page = '<!doctype html>\n<meta charset="utf-8" />\n<script type="module" src="page.js"></script>\n'
  await writeFile(join(folder, 'index.html'), page)
  const world = await launch()
  return {
    /** A page in a profile of its own. */
    async inPage(use) {
      const context = await world.browser.newContext()
      try {
        await use(await open(context, world.url, `/built/${basename(folder)}/index.html`))
      } finally {
        await context.close()
      }
    },

    async close() {
      await world.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
