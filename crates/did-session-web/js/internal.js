// What the modules of the package know of a session and pages do not.

import { Session } from './session.js'
import * as wasm from './did_session_web.js'

/** Only code that has it can make sessions. */
export const guard = Symbol('made by get, authorize and fromSession only')

/** What signs for a session. */
export const internals = new WeakMap()

/** What signs for the session of a string, which is judged; the module must be loaded. */
export const restore = (text) => new Session(wasm.fromSession(text))
