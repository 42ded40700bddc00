// What bundlers call an alias: whoever imports did-session gets ours.

import { register } from 'node:module'

const hooks = `export const resolve = (name, context, next) =>
  next(name === 'did-session' ? 'did-session-web/dids' : name, name === 'did-session'
    ? { ...context, parentURL: ${JSON.stringify(import.meta.url)} } : context)`
register(`data:text/javascript,${encodeURIComponent(hooks)}`)
