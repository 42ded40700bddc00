// What a file of tests needs that is built before. Run by `cargo xtask web test`, all of it is there;
// run by hand (`node --test tests/x.test.mjs`), what was built last is used, or it is said at once
// what to run.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { BUILT, PACKAGE } from './server.mjs'

const file = process.argv[1]?.match(/([^/\\]+)\.test\.mjs$/)?.[1] ?? ''
const BY_XTASK = `run \`${`cargo xtask web test ${file}`.trim()}\` once, which builds it`

const needed = (what, path) => {
  if (existsSync(path)) return path
  throw new Error(`${what} is not built: ${BY_XTASK} (${path} is missing)`)
}

/** What every page of the tests loads. */
export const needsPages = () => {
  for (const name of ['index.js', 'did_session_web_bg.wasm', 'rest.wasm']) {
    needed('the package', join(PACKAGE, 'dist', name))
  }
  needed('the bundle of the peer', join(BUILT, 'peer.js'))
  needed('the wallet of the demo', join(BUILT, 'demo-wallet.js'))
}

/** A program of the workspace: the one that a variable names, or the one that was built last. */
export const programOf = (variable, name) => {
  const named = process.env[variable]
  if (named) return named
  const suffix = process.platform === 'win32' ? '.exe' : ''
  return needed(`the program ${name}`, join(PACKAGE, '../../target/debug', `${name}${suffix}`))
}
