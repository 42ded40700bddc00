// Loads the parts that are WebAssembly, each once, and from where the page says if it does.

import { invalid } from './account.js'
import { viewOf } from './bytes.js'
import { reading } from './host.js'
import { PARTS } from './parts.js'

const NOT_THERE = 'call init with its URL first: see "Loading" in the README of did-session-web'
const FORBIDDEN = "the page's Content-Security-Policy needs 'wasm-unsafe-eval' in script-src"

/** What `init` was given, and the instances that are there or under way. */
const [given, started] = [new Map(), new Map()]

/** Where `fetch` reads no files: what reads those of the package, and those of `init`. */
let disk

export const readFrom = (reader) => {
  disk = reader
}

/** The URL of the script, which only classic scripts ask for, and only while they start. */
const script = (() => {
  const element = globalThis.document?.currentScript
  // what an element is named after must not stand in the place of the script
  if (String(element?.tagName).toUpperCase() === 'SCRIPT') return element.src
  return typeof globalThis.importScripts === 'function' ? globalThis.location?.href : undefined
})()

/** Vite before version 8 serves packages from a folder into which it copies scripts alone. */
const CACHED = /\/node_modules\/\.vite\/deps\/(?=[^/]+$)/

const urlOf = ({ file, url }) => {
  try {
    // Next gives what looks like a URL and has no origin: `fetch` knows the page's
    return url().href.replace(CACHED, '/node_modules/did-session-web/dist/')
  } catch {
    // a bundle without `import.meta.url`: the file lies beside it, as with all others
    if (script) return new URL(file, script)
    throw new Error(`it is not known where ${file} is; ${NOT_THERE}`)
  }
}

const kindOf = (value) => Object.prototype.toString.call(value).slice(8, -1)
const isModule = (value) => kindOf(value) === 'WebAssembly.Module'
const isBytes = (value) => ArrayBuffer.isView(value) || kindOf(value).endsWith('ArrayBuffer')
const isResponse = (value) => typeof value?.arrayBuffer === 'function' && 'ok' in value
const isUrl = (value) => typeof value === 'string' || ['URL', 'Request'].includes(kindOf(value))

const MAGIC = [0, 0x61, 0x73, 0x6d]

const compiledBytes = (bytes, what) => {
  const view = viewOf(bytes)
  if (MAGIC.every((byte, index) => view[index] === byte)) return WebAssembly.compile(bytes)
  throw new Error(`${what} is not WebAssembly; ${NOT_THERE}`)
}

const compiledResponse = async (response, what) => {
  if (!response.ok) throw new Error(`${what} is answered with ${response.status}; ${NOT_THERE}`)
  const type = response.headers.get('content-type')
  if (type === 'application/wasm' && typeof WebAssembly.compileStreaming === 'function') {
    return WebAssembly.compileStreaming(response)
  }
  return compiledBytes(await response.arrayBuffer(), what)
}

const moduleOf = async (name) => {
  const source = await given.get(name)
  if (source === undefined && disk !== undefined) {
    return compiledBytes(await disk.readOwn(PARTS[name]), PARTS[name].file)
  }
  if (isModule(source)) return source
  if (isBytes(source)) return compiledBytes(source, `the source that init was given for ${name}`)
  if (isResponse(source)) return compiledResponse(source, source.url)
  const place = source ?? urlOf(PARTS[name])
  const what = String(place.url ?? place)
  if (disk !== undefined && what.startsWith('file:')) {
    return compiledBytes(await disk.read(new URL(what)), what)
  }
  return compiledResponse(await fetch(place), what)
}

const there = new Set()

/** Whether a part can be called. */
export const isThere = (name) => there.has(name)

const start = async (name) => {
  try {
    const { after } = PARTS[name]
    const [module] = await Promise.all([moduleOf(name), after === undefined ? undefined : part(after)])
    const instance = await PARTS[name].start(module)
    there.add(name)
    return instance
  } catch (error) {
    // a network may come back
    started.delete(name)
    const said = error?.message ?? String(error)
    const why = /content.security|\bCSP\b/i.test(said) ? `${FORBIDDEN} (${said})` : said
    throw Object.assign(new Error(`WebAssembly cannot be loaded: ${why}`, { cause: error }), {
      name: 'DIDSessionError',
      code: 'not_loaded',
    })
  }
}

/** The instance of a part, which the first caller loads. */
export const part = (name) => {
  if (!started.has(name)) started.set(name, start(name))
  return started.get(name)
}

/** Whether somebody asked for a part already. */
export const isUnderWay = (name) => started.has(name)

/** Everything. */
export const all = () => Promise.all(Object.keys(PARTS).map(part))

/** The parts that judge a capability with a signature of a kind; `needsAll` as wasm says it. */
export const provers = (kind, needsAll) =>
  /^eip/.test(kind) && !needsAll ? part('ethereum') : all()

/**
 * What is needed to know an account and what is asked of it: keys of every kind are accounts, too,
 * and ReCaps are read in the last part.
 */
export const accounts = (account, { recap } = {}) =>
  account.startsWith('did:key:') || recap !== undefined ? all() : part('machine')

// in a list, or as a member of an object
const NUMBER = /(?:":|[[,])\s*(?:-|\d+[.eE]|\d{16})/

/** What is needed to read a JSON text: all numbers but short whole ones are read in the last part. */
export const numbersIn = async (json) => {
  if (json !== undefined && NUMBER.test(json)) await all()
}

/** Does it again with everything loaded, if it needed a part that was not there. */
export const withAll = async (work) => {
  try {
    return await work()
  } catch (error) {
    if (error.code !== 'not_loaded') throw error
    await all()
    return work()
  }
}

/** Begins to load a part that is needed soon; a caller that needs it is told what goes wrong. */
export const prefetch = (name) => {
  part(name).catch(() => undefined)
}

const take = (name, source) => {
  if (!Object.hasOwn(PARTS, name)) throw invalid(`init knows no part with the name ${name}`)
  if (![isModule, isBytes, isResponse, isUrl].some((is) => is(source))) {
    throw invalid(`init takes a URL, a Response, bytes or a WebAssembly.Module for ${name}`)
  }
  given.set(name, source)
}

/**
 * Loads the first part now rather than with the first call. What it is given (a URL, a Response,
 * bytes or a WebAssembly.Module) is that part, or an object of such by the names of the parts. A
 * part that is there, or under way, stays.
 */
export const init = async (source) => {
  reading('the argument of init', () => {
    const sources = kindOf(source) === 'Object' && !isResponse(source) ? source : { session: source }
    const named = Object.entries(sources).filter(([, value]) => value !== undefined)
    for (const [name, value] of named) take(name, value)
  })
  await part('session')
}
