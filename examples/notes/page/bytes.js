// Bytes as texts.

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

export const utf8 = (text) => new TextEncoder().encode(text)

export const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))

export const base64url = (bytes) =>
  base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

export const fromBase64 = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))

export const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')

export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))

export const base58 = (bytes) => {
  let number = BigInt(`0x0${hex(bytes)}`)
  let text = ''
  for (; number > 0n; number /= 58n) text = BASE58[Number(number % 58n)] + text
  const zeros = bytes.findIndex((byte) => byte !== 0)
  return '1'.repeat(zeros < 0 ? bytes.length : zeros) + text
}

/** A value for each name, in the IndexedDB of this browser: keys are kept as keys, not as bytes. */
const database = () =>
  new Promise((resolve, reject) => {
    const opening = indexedDB.open('notes', 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore('kept')
    opening.onsuccess = () => resolve(opening.result)
    opening.onerror = () => reject(opening.error)
  })

const inStore = async (mode, use) => {
  const opened = await database()
  try {
    return await new Promise((resolve, reject) => {
      const transaction = opened.transaction('kept', mode)
      const request = use(transaction.objectStore('kept'))
      transaction.oncomplete = () => resolve(request.result)
      transaction.onabort = () => reject(transaction.error)
    })
  } finally {
    opened.close()
  }
}

export const keep = (name, value) => inStore('readwrite', (store) => store.put(value, name))
export const kept = (name) => inStore('readonly', (store) => store.get(name))
export const forget = (name) => inStore('readwrite', (store) => store.delete(name))
