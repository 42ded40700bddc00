// The files of WebAssembly that the package brings, by name.

import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'

export const PARTS = ['did_session_web_bg', 'machine', 'ethereum', 'signing', 'revocations', 'rest'].map(
  (name) => `${name}.wasm`,
)

/** Copies them beside a bundle. */
export const copyParts = async (dist, folder) => {
  for (const file of PARTS) await copyFile(join(dist, file), join(folder, file))
}
