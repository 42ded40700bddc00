// Node: its `fetch` reads no files, and the parts are files.

import { readFile } from 'node:fs/promises'
import { readFrom } from './load.js'

// not the form that bundlers look for: it stays the place of this very file
const here = import.meta.url

/** Where a bundler put the file; else beside this one, as it was installed. */
const places = [
  ({ url }) => new URL(url().href),
  ({ file }) => new URL(`${here.slice(0, here.lastIndexOf('/') + 1)}${file}`),
]

/** The first place that has the file. What the last one says is what is told. */
const readOwn = async (part) => {
  let missing
  for (const place of places) {
    try {
      const url = place(part)
      if (url.protocol === 'file:') return await readFile(url)
    } catch (error) {
      missing = error
    }
  }
  throw missing
}

readFrom({ read: readFile, readOwn })
