// `did-session-web/server` as Node imports it: the same, and it reads its files.

import './load-node.js'

export * from './server.js'
