// webpack 5, without a line of configuration: for pages, and for Node.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import webpack from 'webpack'
import { begin, html, worksBuilt } from './world.mjs'

let user
before(async () => (user = await begin('webpack')))
after(() => user.end())

const build = async (config) => {
  const compiler = webpack({ context: user.folder, entry: './app.js', ...config })
  const stats = await promisify(compiler.run.bind(compiler))()
  await promisify(compiler.close.bind(compiler))()
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true })
  assert.deepEqual(errors.map(({ message }) => message), [])
  // of a large file it tells, and of nothing else
  const others = warnings.filter(({ message }) => !/size limit|performance/.test(message))
  assert.deepEqual(others.map(({ message }) => message), [])
}

for (const mode of ['production', 'development']) {
  test(`webpack, ${mode}`, async () => {
    const path = join(user.folder, mode)
    await build({ mode, output: { path, filename: 'bundle.js' } })
    await writeFile(join(path, 'index.html'), html('<script src="bundle.js"></script>'))
    await worksBuilt(user.world, path)
  })
}

test('webpack, a program for Node', async () => {
  const path = join(user.folder, 'node')
  const program = `
    import { init } from 'did-session-web'
    import { part } from 'did-session-web/toy'
    const told = async () => [await init(), (await part('toy')).exports.answer()]
    told().then(([, answer]) => console.log(answer), (error) => console.log(error.message))
  `
  await writeFile(join(user.folder, 'program.js'), program)
  await build({
    mode: 'production',
    target: 'node',
    entry: './program.js',
    output: { path, filename: 'program.cjs' },
  })
  const { stdout } = await promisify(execFile)(process.execPath, [join(path, 'program.cjs')])
  assert.equal(stdout.trim(), '42')
})
