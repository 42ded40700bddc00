// The package as its users have it: packed by `npm pack`, installed from the tarball.

import { execFile } from 'node:child_process'
import { appendFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { BUILT, PACKAGE } from './server.mjs'

const run = promisify(execFile)

/** npm without a network, and without a word about versions of its own. */
const npm = (folder, ...args) =>
  run('npm', [...args, '--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
  })

/** What `npm pack` says of the package: its files with their sizes, and the tarball. */
export const pack = async (folder, to) => {
  const { stdout } = await npm(folder, 'pack', '--json', '--pack-destination', to)
  const [told] = JSON.parse(stdout)
  return { ...told, tarball: join(to, told.filename) }
}

const bytes = (...parts) => Uint8Array.from(parts.flat())
const section = (id, ...content) => {
  const length = content.length
  // LEB128 of two bytes
  return [id, (length & 0x7f) | 0x80, length >> 7, ...content]
}
const text = (value) => [value.length, ...new TextEncoder().encode(value)]

/**
 * A module whose `answer()` is 42. It is larger than what bundlers put into scripts.
 */
const toy = () =>
  bytes(
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, 1, 0x60, 0, 1, 0x7f),
    section(3, 1, 0),
    section(7, 1, ...text('answer'), 0, 0),
    section(10, 1, 4, 0, 0x41, 42, 0x0b),
    section(0, ...text('room'), ...new Array(12_000).fill(0))
  )

const TOY_PART = `
PARTS.toy = {
  file: 'toy.wasm',
  url: () => new URL('./toy.wasm', import.meta.url),
  start: (module) => WebAssembly.instantiate(module, {}),
}
`

/** A copy of the package with a second part, which only those load who ask for it. */
const withToy = async (folder) => {
  await cp(join(PACKAGE, 'dist'), join(folder, 'dist'), { recursive: true })
  await cp(join(PACKAGE, 'README.md'), join(folder, 'README.md'))
  await writeFile(join(folder, 'dist/toy.wasm'), toy())
  await writeFile(join(folder, 'dist/toy.js'), "export { part } from './load.js'\n")
  await appendFile(join(folder, 'dist/parts.js'), TOY_PART)
  const manifest = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8'))
  delete manifest.devDependencies
  Object.assign(manifest.exports, { './toy': './dist/toy.js', './toy.wasm': './dist/toy.wasm' })
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
}

/**
 * A project of a user, with the package installed from its tarball and `files` beside. With `toy` it
 * is the package with a second part. `under` is a folder whose own packages it has, too.
 */
export const project = async (name, { toy = false, files = {}, under = BUILT } = {}) => {
  await mkdir(under, { recursive: true })
  const root = await mkdtemp(join(under, `${name}-`))
  const [source, folder] = [join(root, 'package'), join(root, 'project')]
  await Promise.all([mkdir(source), mkdir(folder)])
  if (toy) await withToy(source)
  const { tarball } = await pack(toy ? source : PACKAGE, root)
  const manifest = { name: 'a-project', version: '1.0.0', private: true, type: 'module' }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  await npm(folder, 'install', tarball)
  return {
    folder,
    installed: join(folder, 'node_modules/did-session-web'),
    remove: () => rm(root, { recursive: true, force: true }),
  }
}
