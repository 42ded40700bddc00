// Vite, of today and of before it bundled with Rolldown: the development server, which bundles
// dependencies into a folder of its own, and the build. Without a line of configuration.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import * as vite8 from 'vite'
import * as vite7 from 'vite7'
import { begin, works, worksBuilt } from './world.mjs'

let user
before(async () => (user = await begin('vite')))
after(() => user.end())

const config = (more) => ({ root: user.folder, configFile: false, logLevel: 'error', ...more })

for (const vite of [vite8, vite7]) {
  const [major] = vite.version.split('.')

  const develops = async (more) => {
    // what another version bundled
    await rm(join(user.folder, 'node_modules/.vite'), { recursive: true, force: true })
    const server = await vite.createServer(config({ server: { host: '127.0.0.1', port: 0 }, ...more }))
    try {
      await server.listen()
      const { port } = server.httpServer.address()
      await works(user.world, `http://127.0.0.1:${port}/`)
    } finally {
      await server.close()
    }
  }

  test(`Vite ${major}, development`, () => develops({}))

  test(`Vite ${major}, development, the package as it is`, () =>
    develops({ optimizeDeps: { exclude: ['did-session-web'] } }))

  test(`Vite ${major}, build`, async () => {
    const outDir = join(user.folder, `built${major}`)
    await vite.build(config({ build: { outDir } }))
    await worksBuilt(user.world, outDir)
  })
}
