// `did-session-web/dids` as Node imports it: the same, and it reads its files.

import './load-node.js'

export * from './dids.js'
