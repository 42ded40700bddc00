// The package as Node imports it: the same, and it reads its files.

import './load-node.js'

export * from './index.js'
