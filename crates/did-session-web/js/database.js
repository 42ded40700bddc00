// IndexedDB, and nothing that knows what a session is: connections that are kept, and one
// transaction at a time. What is decided between reading and writing is a plain function, so that
// nothing can be awaited there.

import { failure, inWords, storeFailure } from './host.js'

const VERSION = 1
const MAX_WAIT_MS = 5000

/** Open connections, and those on their way, by the name of the database. */
const connections = new Map()

export const thrown = (error) =>
  error?.code === undefined || typeof error.code === 'number'
    ? storeFailure('store_failed', inWords(error), error?.name)
    : error

/** Whether the browser cannot keep sessions or keys: a page may keep them in memory then. */
export const isUnstorable = ({ code }) =>
  code === 'key_not_storable' || code === 'storage_unavailable'

/** What a call is told of a database. */
export const databaseFailure = (what, name, error) => {
  const message = `the store failed: cannot ${what} the database ${name}: ${error.message}`
  return Object.assign(failure(error.code ?? 'store_failed', message), { cause: error })
}

const forget = (name, db) => {
  if (connections.get(name)?.db === db) connections.delete(name)
  db.close()
}

const closeAll = () => {
  for (const [name, { db }] of connections) if (db !== undefined) forget(name, db)
}

// a page with an open connection cannot go into the back/forward cache
globalThis.addEventListener?.('pagehide', closeAll)

const factory = () => {
  let found
  try {
    found = globalThis.indexedDB
  } catch (error) {
    throw storeFailure('storage_unavailable', `there is no IndexedDB here: ${inWords(error)}`)
  }
  if (found) return found
  const reason = 'the global object has no indexedDB'
  throw storeFailure('storage_unavailable', `there is no IndexedDB here: ${reason}`)
}

const versionOf = async (name) => {
  const all = await factory()
    .databases?.()
    .catch(() => [])
  return all?.find((database) => database.name === name)?.version ?? 'a later one'
}

const open = (name, store) =>
  new Promise((resolve, reject) => {
    const request = factory().open(name, VERSION)
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      const message = `the database ${name} did not open within ${MAX_WAIT_MS / 1000}s`
      reject(storeFailure('database_blocked', message))
    }, MAX_WAIT_MS)
    // also when it comes late: a new database must get its object store all the same, or it would
    // stay without one for ever
    request.onupgradeneeded = () => request.result.createObjectStore(store)
    request.onerror = async () => {
      clearTimeout(timer)
      const { error } = request
      if (error?.name !== 'VersionError') return reject(thrown(error))
      const found = await versionOf(name)
      const message = `the database ${name} has version ${found}, but this code knows only version ${VERSION}: load the page again`
      return reject(storeFailure('database_newer', message))
    }
    request.onsuccess = () => {
      clearTimeout(timer)
      const db = request.result
      if (isLate) return db.close()
      const stores = [...db.objectStoreNames]
      if (!stores.includes(store)) {
        db.close()
        const message = `the database ${name} has no object store ${store}; it has ${JSON.stringify(stores)}`
        return reject(storeFailure('database_foreign', message))
      }
      // a page that wants to delete it, or to change its version, does not wait for this one
      db.onversionchange = () => forget(name, db)
      db.onclose = () => forget(name, db)
      return resolve(db)
    }
  })

const connect = async (name, store) => {
  const known = connections.get(name)
  if (known !== undefined) return known.opening
  const entry = { db: undefined, opening: undefined }
  entry.opening = open(name, store).then(
    (db) => {
      if (connections.get(name) === entry) entry.db = db
      return db
    },
    (error) => {
      if (connections.get(name) === entry) connections.delete(name)
      throw thrown(error)
    }
  )
  connections.set(name, entry)
  return entry.opening
}

/** Begins a transaction, on a new connection if the kept one was closed meanwhile. */
const begin = async (name, store, mode, use) => {
  for (let isAgain = false; ; isAgain = true) {
    const db = await connect(name, store)
    let transaction
    try {
      transaction = db.transaction(store, mode, { durability: 'strict' })
    } catch (error) {
      if (isAgain || error?.name !== 'InvalidStateError') throw thrown(error)
      forget(name, db)
      continue
    }
    return use(transaction, transaction.objectStore(store))
  }
}

const whyAborted = (transaction) =>
  transaction.error === null
    ? storeFailure('store_failed', 'AbortError: the database was closed meanwhile', 'AbortError')
    : thrown(transaction.error)

/**
 * Reads the record of a key, and those of other keys that `others` picks of all; calls `done` with
 * what was found, as `{key, value}` or `{key, error}`, in the order of the keys.
 */
const readAll = (objects, { key, others }, done, failed) => {
  const found = new Map()
  let [outstanding, keys] = [0, undefined]
  const settle = () => {
    if (outstanding > 0 || keys === undefined) return
    done(keys.filter((one) => found.has(one)).map((one) => ({ __proto__: null, key: one, ...found.get(one) })))
  }
  const get = (one, isKnown) => {
    outstanding += 1
    const request = objects.get(one)
    request.onsuccess = () => {
      outstanding -= 1
      if (isKnown || request.result !== undefined) found.set(one, { value: request.result })
      settle()
    }
    request.onerror = (event) => {
      // one unreadable record must not abort what is done to the others
      event.preventDefault()
      event.stopPropagation()
      outstanding -= 1
      found.set(one, { error: request.error })
      settle()
    }
  }
  if (key !== undefined) get(key, false)
  const listing = objects.getAllKeys()
  listing.onsuccess = () => {
    try {
      const all = listing.result
      const more = others(all.filter((one) => one !== key))
      // an `undefined` can be stored, too
      if (key !== undefined && all.includes(key) && outstanding === 0 && !found.has(key)) {
        found.set(key, { value: undefined })
      }
      keys = all
      for (const one of more) get(one, true)
      settle()
    } catch (error) {
      failed(error)
    }
  }
}

/** Whether there is such a database; `true` if the browser does not tell. */
const exists = async (name) => {
  if (connections.has(name)) return true
  const databases = await factory()
    .databases?.()
    .catch(() => undefined)
  return databases?.some((database) => database.name === name) ?? true
}

/** As `read`, but makes no database if there is none: then nothing is stored. */
export const readIfThere = async (name, store, wanted) =>
  (await exists(name)) ? read(name, store, wanted) : []

/** One transaction: `use` is given its object store, how to resolve and to reject, and itself. */
const run = (name, store, mode, use) =>
  begin(
    name,
    store,
    mode,
    (transaction, objects) =>
      new Promise((resolve, reject) => {
        transaction.onabort = () => reject(whyAborted(transaction))
        use(objects, resolve, reject, transaction)
      })
  )

/** Reads what lies under a key and those that `others` picks; resolves as soon as it is there. */
export const read = (name, store, wanted) =>
  run(name, store, 'readonly', (objects, resolve, reject) =>
    readAll(objects, wanted, resolve, reject)
  )

/** All keys. */
export const keysIn = (name, store) =>
  run(name, store, 'readonly', (objects, resolve) => {
    const listing = objects.getAllKeys()
    listing.onsuccess = () => resolve(listing.result)
  })

/**
 * Reads as `read` does, and writes what `decide` says (`{put: [key, value]}`, `{remove: key}`), in
 * one transaction: nobody else writes in between. When this resolves, what was written is there
 * for good.
 */
export const update = (name, store, wanted, decide) =>
  run(name, store, 'readwrite', (objects, resolve, reject, transaction) => {
    const undo = (error) => {
      reject(
        error?.name === 'DataCloneError'
          ? storeFailure(
              'key_not_storable',
              `this browser cannot store a session key: ${error.message}`
            )
          : thrown(error)
      )
      try {
        transaction.abort()
      } catch {
        // it is over already
      }
    }
    transaction.oncomplete = () => resolve()
    const write = (entries) => {
      try {
        for (const decided of decide(entries)) {
          const { put, remove } = { __proto__: null, ...decided }
          if (put !== undefined) objects.put(put[1], put[0])
          else objects.delete(remove)
        }
      } catch (error) {
        undo(error)
      }
    }
    readAll(objects, wanted, write, undo)
  })
