// A session of this browser: a key that no script can read, and the capability by which a wallet
// lets that key act. Every request carries a proof that the key signs, as `docs/http.md` of the
// repository describes it; numbers in comments are its sections.

import { base58, base64, base64url, forget, fromBase64, keep, kept, sha256, utf8 } from './bytes.js'

const NAME = 'session'
const EC = { name: 'ECDSA', namedCurve: 'P-256' }
const IDEMPOTENT = ['GET', 'HEAD', 'PUT', 'DELETE']
const CAR = 'application/vnd.ipld.car'
const JOSE = 'application/jose'

/** What the server refused, by its code (7). */
export class Refused extends Error {
  constructor(problem) {
    super(problem.detail ?? 'The server refused the request.')
    this.code = problem.code
    this.reason = problem.reason
  }
}

/** The newest nonce of the server (4), for all sessions of this page. */
let nonce

const now = () => Math.floor(Date.now() / 1000)

const post = async (path, body) => {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(await response.text())
  return response.json()
}

/** did:key of a P-256 key: its multicodec (0x1200, as a varint) and its compressed point. */
const didOf = async (publicKey) => {
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))
  const compressed = [2 + (point[64] & 1), ...point.slice(1, 33)]
  return `did:key:z${base58(Uint8Array.of(0x80, 0x24, ...compressed))}`
}

const errorOf = (response) => {
  const challenge = response.headers.get('www-authenticate') ?? ''
  // other schemes may stand beside it in one value
  return challenge.match(/(?:^|,)\s*DIDSession\s+(?:\w+="[^"]*"\s*,\s*)*error="(\w+)"/i)?.[1]
}

const problemOf = async (response) => {
  const type = response.headers.get('content-type') ?? ''
  if (type.startsWith('application/problem+json')) return new Refused(await response.json())
  return new Error((await response.text()) || `The server answered ${response.status}.`)
}

export class Session {
  #record

  constructor(record) {
    this.#record = record
  }

  /** The account, as a DID. */
  get issuer() {
    return this.#record.issuer
  }

  /** The session key, as a did:key. */
  get key() {
    return this.#record.key
  }

  /** Until when the wallet lets the key act: seconds since 1970. */
  get expiresAt() {
    return this.#record.expiresAt
  }

  get isDemo() {
    return this.#record.isDemo
  }

  /** The session that this browser keeps, if it has one that has not expired. */
  static async stored() {
    const record = await kept(NAME)
    if (record === undefined) return undefined
    if (record.expiresAt <= now()) return void (await forget(NAME))
    return new Session(record)
  }

  /** Logs in: the wallet signs once that a key of this browser may act for it. */
  static async logIn(wallet) {
    // `false`: the private key cannot be read, not even by this page
    const pair = await crypto.subtle.generateKey(EC, false, ['sign'])
    return Session.#ask(wallet, pair.privateKey, await didOf(pair.publicKey))
  }

  /** Has the wallet sign again for the same key, and ends what it signed before. */
  async renew(wallet) {
    const renewed = await Session.#ask(wallet, this.#record.privateKey, this.key)
    await this.fetch('/session/logout', { method: 'POST' })
    return renewed
  }

  static async #ask(wallet, privateKey, key) {
    const account = await wallet.account()
    const { text, domain } = await post('/api/sign-in', { key, account })
    const signature = await wallet.sign(text)
    const { cid, car } = await post('/api/sign-in/capability', { text, signature })
    const record = { privateKey, key, cid, car, domain, isDemo: wallet.isDemo }
    const content = { method: 'POST', type: CAR, body: fromBase64(car) }
    const login = await new Session(record).fetch('/session/login', content)
    const answer = await login.json()
    Object.assign(record, { issuer: answer.issuer, expiresAt: answer.expires_at })
    await keep(NAME, record)
    return new Session(record)
  }

  /** Ends this session, here in any case. */
  async logOut() {
    await forget(NAME)
    await this.fetch('/session/logout', { method: 'POST' })
  }

  /** Ends other sessions of the account, by a statement that this one signs (8). */
  async logOutOthers(identities) {
    const { issuer: iss, domain, cid, key } = this.#record
    const [, fragment] = key.split('did:key:')
    const header = { alg: 'ES256', kid: `${key}#${fragment}` }
    const statement = await this.#sign(
      { ...header, cap: `ipfs://${cid}`, typ: 'did-session-revocation+jwt' },
      // members and identities in the order of RFC 8785
      { domain, iat: now(), iss, revoke: [...identities].sort() }
    )
    const content = { method: 'POST', type: JOSE, body: utf8(statement) }
    await this.fetch('/session/logout/others', content)
  }

  async devices() {
    const response = await this.fetch('/session/devices')
    return (await response.json()).devices
  }

  /** `fetch` with a proof, and with what the server asks for before it takes one, once each (7). */
  async fetch(path, { method = 'GET', type, body, signal } = {}) {
    const url = new URL(path, location.href).href
    const done = new Set()
    for (;;) {
      const headers = await this.#prove(method, url, type, body)
      const options = { method, headers, body, signal, credentials: 'omit', redirect: 'error' }
      const response = await fetch(url, options)
      nonce = response.headers.get('did-session-nonce') ?? nonce
      if (response.ok) return response
      const error = errorOf(response)
      const again =
        error === 'use_nonce' ||
        error === 'capability_required' ||
        (error === 'replayed' && IDEMPOTENT.includes(method))
      if (!again || done.has(error)) throw await problemOf(response)
      if (error === 'capability_required') await this.#register()
      done.add(error)
    }
  }

  async json(path, method = 'GET', value) {
    const body = value === undefined ? undefined : utf8(JSON.stringify(value))
    const type = body && 'application/json'
    const response = await this.fetch(path, { method, type, body })
    return response.status === 204 ? undefined : response.json()
  }

  /** A server that was restarted, or another one, does not know the capability yet. */
  async #register() {
    const content = { method: 'POST', type: CAR, body: fromBase64(this.#record.car) }
    await this.fetch('/session/capability', content)
  }

  /** The header fields of a proven request: (2) and (3). */
  async #prove(method, url, type, body) {
    const headers = {}
    const lines = [`"@method": ${method}`, `"@target-uri": ${url}`]
    if (body?.length > 0) {
      headers['content-type'] = type
      headers['content-digest'] = `sha-256=:${base64(await sha256(body))}:`
      lines.push(`"content-digest": ${headers['content-digest']}`, `"content-type": ${type}`)
    }
    const proof = await this.#sign(
      { alg: 'ES256', cap: this.#record.cid, kid: this.key, typ: 'did-session-proof+jwt' },
      {
        htd: base64url(await sha256(utf8(lines.join('\n')))),
        iat: now(),
        jti: base64url(crypto.getRandomValues(new Uint8Array(12))),
        nonce, // left out while there is none
      }
    )
    return { ...headers, authorization: `DIDSession ${proof}` }
  }

  /** A compact JWS by the session key. */
  async #sign(header, claims) {
    const encode = (value) => base64url(utf8(JSON.stringify(value)))
    const input = `${encode(header)}.${encode(claims)}`
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
    const signature = await crypto.subtle.sign(algorithm, this.#record.privateKey, utf8(input))
    return `${input}.${base64url(signature)}`
  }
}
