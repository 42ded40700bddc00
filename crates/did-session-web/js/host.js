// Errors, those that wasm throws among them.

const kinds = new WeakMap()

/** An error with a stable code. */
export const failure = (code, message, kind = 0) => {
  const error = Object.assign(new Error(message), { name: 'DIDSessionError', code })
  if (kind !== 0) kinds.set(error, kind)
  return error
}

/** There is no stored session that can be used; the wallet gave none. */
export const [NOT_USABLE, NOT_GIVEN] = [1, 2]

export const kindOf = (error) => kinds.get(error)

/** An error of the store; `name` is that of the exception which the browser threw, if it did. */
export const storeFailure = (code, message, name) =>
  Object.assign(failure(code, message), name === undefined ? {} : { exception: name })

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
