// `node weigh.mjs FILE`: bytes of a file, raw and compressed as a server sends it.

import { readFileSync } from 'node:fs'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const bytes = readFileSync(process.argv[2])
const brotli = brotliCompressSync(bytes, {
  params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
})
const weight = {
  raw: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
  brotli: brotli.length,
}
console.log(JSON.stringify(weight))
