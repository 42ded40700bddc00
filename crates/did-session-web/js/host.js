// Errors, those that wasm throws among them.

const kinds = new WeakMap()
const ours = new WeakSet()

/** Marks an error as one of the package. */
export const known = (error) => {
  ours.add(error)
  return error
}

/** An error with a stable code. */
export const failure = (code, message, kind = 0) => {
  const error = known(Object.assign(new Error(message), { name: 'DIDSessionError', code }))
  if (kind !== 0) kinds.set(error, kind)
  return error
}

/** There is no stored session that can be used; the wallet gave none. */
export const [NOT_USABLE, NOT_GIVEN] = [1, 2]

export const kindOf = (error) => kinds.get(error)

/** An error of the store; `name` is that of the exception which the browser threw, if it did. */
export const storeFailure = (code, message, name) =>
  Object.assign(failure(code, message), name === undefined ? {} : { exception: name })

export const isOurs = (error) => ours.has(error)

/**
 * Reads what a caller gave. What its getter, trap, iterator or conversion throws becomes an error of
 * the package: `code` and `message` say what could not be read.
 */
export const reading = (what, read, code = 'invalid_option') => {
  try {
    return read()
  } catch (error) {
    if (ours.has(error)) throw error
    throw unread(what, error, code)
  }
}

/** The own members of an object, to which a polluted prototype adds none. */
export const ownOf = (what, value) =>
  reading(what, () => ({ __proto__: null, ...(typeof value === 'object' ? value : undefined) }))

/** As `reading`, for what is waited for. */
export const readingLater = async (what, read, code = 'invalid_option') => {
  try {
    return await read()
  } catch (error) {
    if (ours.has(error)) throw error
    throw unread(what, error, code)
  }
}

const unread = (what, cause, code) =>
  Object.assign(failure(code, `${what} cannot be read: ${inWords(cause)}`), { cause })

/** A member of something of a stranger's, whose getters may throw. */
export const memberOf = (value, name) => {
  try {
    return value?.[name]
  } catch {
    return undefined
  }
}

/** What the browser threw, in words. */
export const inWords = (error) => {
  try {
    return error instanceof Error || error instanceof DOMException
      ? `${error.name}: ${error.message}`
      : String(error)
  } catch {
    return 'it threw something that has no text'
  }
}
