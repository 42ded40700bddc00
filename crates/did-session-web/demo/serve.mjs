// `node serve.mjs [PORT]`: the demo on loopback, until it is stopped.

import { serve } from '../tests/support/server.mjs'

const { url } = await serve(Number(process.argv[2] ?? 0))
console.log(`the demo: ${url}/demo/  (Ctrl-C ends it)`)
