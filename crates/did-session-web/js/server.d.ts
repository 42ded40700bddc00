/**
 * The server's side of docs/http.md, without a framework: who makes a request, proven by the
 * session key, over WebCrypto; in Node and in workers.
 */

/** The parts of a request, for servers without the platform's `Request`. */
export interface RequestParts {
  method: string
  /** Path and query as they arrived, or the absolute form; what follows a `#` is cut off. */
  target: string
  /** `:authority`, where the protocol has it. */
  authority?: string
  /** Names and values in their order; a name that appears twice but must not is refused. */
  headers: Iterable<readonly [string, string]>
  body?: Uint8Array | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | null
}

/** The parts of a request of Node's `http` and `http2`. */
export function nodeRequest(request: {
  method?: string
  url?: string
  headers: { [name: string]: string | string[] | undefined }
  rawHeaders: string[]
}): RequestParts

/** What one route accepts and requires. */
export interface Route {
  /** Accepts only proofs with a nonce of the server, so that none can be made in advance. */
  needsNonce?: boolean
  /** Accepts content that the proof does not cover; it is passed on as it comes. */
  takesStreams?: boolean
  /** Resources that the session must grant, all of them. */
  requires?: string[]
  /** How many seconds ago the account may have signed at most. */
  maxAge?: number
  /** The largest number of bytes of content; by default 2 MiB. */
  maxBytes?: number
  /** How many seconds the content may take; by default 30. */
  maxSeconds?: number
}

/** What a server knows about a capability that was judged. Times are seconds since 1970. */
export interface Capability {
  /** Its CID. */
  capability: string
  /** The DID of the account that signed it. */
  issuer: string
  /** The CID of its payload, by which sessions are counted and revoked. */
  identity: string
  domain: string
  resources: string[]
  issuedAt: number
  expiresAt: number
}

/** Who a request is from. */
export interface Caller extends Readonly<Capability> {
  /** The session key. */
  readonly key: string
  readonly judgedAt: number
  /** Throws unless the session grants the resource; `responseTo` makes a response of it. */
  require(resource: string): void
  /** Throws unless the account signed within this time. */
  requireLoginWithin(seconds: number): void
}

/** A request that proves its session. */
export interface Accepted {
  accepted: true
  caller: Caller
  /** The content, which was compared with what was signed; missing for a stream. */
  content?: Uint8Array
  /** The content of a stream, which is not signed. */
  body?: RequestParts['body']
  /** Fields that the response must have. */
  headers: Headers
}

/** A request that is refused. */
export interface Refused {
  accepted: false
  /** As in section 7 of docs/http.md. */
  code: string
  /** With `invalid_token`. */
  reason?: string
  /** A problem document (RFC 9457), and the fields beside it. */
  response: Response
}

export interface Registered {
  accepted: true
  caller: Caller
  headers: Headers
  /** The answer of section 8. */
  response: Response
}

/** Used proofs. Processes that serve an origin share them. If it throws, the request is refused. */
export interface ReplayWindow {
  /** Since when it remembers, if it begins with its process, and 16 random bytes. */
  readonly memory?: { since: number; id: Uint8Array }
  /**
   * Of all calls with one proof exactly one returns `first`. A proof that cannot be remembered
   * throws, and one that may have been forgotten is `too_old`.
   */
  remember(
    proof: string,
    until: number,
    now: number
  ): 'first' | 'again' | 'too_old' | Promise<'first' | 'again' | 'too_old'>
}

/** Used login challenges. */
export interface Challenges {
  /** Of all calls with one challenge only those with one identity return `now` or `by_the_same`. */
  consume(
    challenge: string,
    identity: string,
    until: number,
    now: number
  ): 'now' | 'by_the_same' | 'by_another' | Promise<'now' | 'by_the_same' | 'by_another'>
}

/** Registered capabilities: a cache. */
export interface Capabilities {
  get(cid: string): Uint8Array | undefined | Promise<Uint8Array | undefined>
  put(cid: string, block: Uint8Array, until: number): void | Promise<void>
}

/** Nonces, if they are not made by HMAC with the secret. */
export interface Nonces {
  issue(origin: string, now: number): string | Promise<string>
  read(
    nonce: string,
    origin: string,
    now: number
  ): Awaitable<{ until: number; isOld: boolean } | undefined>
}

type Awaitable<T> = T | Promise<T>

/** A capability that was read, and not judged. */
export interface ReadCapability {
  cid: string
  /** Its DAG-CBOR. */
  block: Uint8Array
  issuer: string
  identity: string
  domain: string
  nonce: string
  /** The `did:key` in `aud`, if it is one. */
  audience?: string
  resources: string[]
  issuedAt: number
  expiresAt?: number
  /**
   * Whether the issuer signed it, and whether it holds; throws with the reason as `code`, and with
   * `unavailable` if that cannot be decided.
   */
  verify(by: { domain: string; time: number }): void | Promise<void>
}

export interface VerifierOptions {
  /** Where the server is reached, such as `https://notes.example.com`; at least one. */
  origins: string[]
  /** The domains for which capabilities must have been signed, compared exactly; at least one. */
  domains: string[]
  /** 32 bytes, the same for all processes of an origin; by default random. */
  secret?: Uint8Array
  /** By default in memory; the next two as well. */
  replayWindow?: ReplayWindow
  challenges?: Challenges
  capabilities?: Capabilities
  /** Whether a capability was revoked; without it none is. If it throws, the request is refused. */
  isRevoked?(capability: Capability): boolean | Promise<boolean>
  /** Reads and judges capabilities; by default the package's wasm. */
  readCapability?(
    bytes: Uint8Array,
    form: { isCar: boolean }
  ): ReadCapability | Promise<ReadCapability>
  /** Whether a granted resource covers a wanted one; by default only the same text does. */
  covers?(granted: string, wanted: string): boolean
  /** Seconds that a capability may last from `iat` to `exp`; by default 90 days. */
  maxLifetime?: number
  nonces?: Nonces
  /** Seconds since 1970. */
  now?(): number
}

export interface Verifier {
  /** Judges a request; its content is read, and compared with what was signed. */
  verify(request: Request | RequestParts, route?: Route): Promise<Accepted | Refused>
  /** A challenge for a login by this session key (a `did:key`). */
  challenge(
    key: string,
    domain?: string
  ): Promise<{ challenge: string; domain: string; expires_at: number }>
  /** Logs in: the content is a capability (CAR) that answers a challenge. */
  logIn(request: Request | RequestParts): Promise<Registered | Refused>
  /** Registers a capability (CAR) that a session has. */
  register(request: Request | RequestParts): Promise<Registered | Refused>
}

/** Makes a verifier; throws with `invalid_option` if an option is not valid. */
export function createVerifier(options: VerifierOptions): Verifier

/** The response to an error that `caller.require` threw; `undefined` for other errors. */
export function responseTo(error: unknown): Response | undefined

export class MemoryReplayWindow implements ReplayWindow {
  constructor(options?: { capacity?: number; since?: number })
  readonly memory: { since: number; id: Uint8Array }
  readonly size: number
  remember(proof: string, until: number, now: number): 'first' | 'again' | 'too_old'
}

export class MemoryChallenges implements Challenges {
  constructor(options?: { capacity?: number })
  readonly size: number
  consume(
    challenge: string,
    identity: string,
    until: number,
    now: number
  ): 'now' | 'by_the_same' | 'by_another'
}

export class MemoryCapabilities implements Capabilities {
  constructor(options?: { capacity?: number })
  readonly size: number
  get(cid: string): Uint8Array | undefined
  put(cid: string, block: Uint8Array): void
}
