// Node: its `fetch` reads no files, and the parts are files.

import { readFile } from 'node:fs/promises'
import { readFilesWith } from './load.js'

readFilesWith(readFile)
