// Bytes as texts, and their SHA-256.

const encoder = new TextEncoder()

export const utf8 = (text) => encoder.encode(text)

/** The bytes of a buffer, or of any view into one. */
export const viewOf = (value) =>
  ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value)

export const base64 = (bytes) => {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** Without padding (RFC 4648, section 5). */
export const base64url = (bytes) =>
  base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** In lower case, without padding (RFC 4648, section 6). */
export const base32 = (bytes) => {
  let [text, bits, buffer] = ['', 0, 0]
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += BASE32[(buffer >> bits) & 31]
    }
    buffer &= (1 << bits) - 1
  }
  return bits > 0 ? text + BASE32[(buffer << (5 - bits)) & 31] : text
}

export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))

/** The value of `Content-Digest` (RFC 9530) in the one form of the convention. */
export const contentDigest = async (bytes) => `sha-256=:${base64(await sha256(bytes))}:`

/** The value in a proof for content that is a stream, whose digest nobody knows yet. */
export const STREAM = '*'

/** The digest of what a proof is for (docs/http.md, section 3). */
export const htdOf = async (method, uri, content, contentType) => {
  const lines = [`"@method": ${method}`, `"@target-uri": ${uri}`]
  if (content !== undefined) {
    lines.push(`"content-digest": ${content}`)
    if (contentType !== undefined) lines.push(`"content-type": ${contentType}`)
  }
  return base64url(await sha256(utf8(lines.join('\n'))))
}
