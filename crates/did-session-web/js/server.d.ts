/**
 * The server's side of docs/http.md, without a framework: who makes a request, proven by the
 * session key, over WebCrypto; in Node and in workers.
 */

/** The parts of a request, for servers without the platform's `Request`. */
export interface RequestParts {
  method: string
  /** Path and query as they arrived. */
  target: string
  /** `:authority`, where the protocol has it. */
  authority?: string
  /** Names and values in their order; a name may stand twice, and is refused where it must not. */
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

/** What one route takes and demands. */
export interface Route {
  /** Takes proofs with a nonce of the server only, so that none can be made in advance. */
  needsNonce?: boolean
  /** Takes content that the proof does not cover; it is handed on as it comes. */
  takesStreams?: boolean
  /** Resources that the session must grant, all of them. */
  requires?: string[]
  /** How many seconds ago the account may have signed. */
  maxAge?: number
  /** Most bytes of content; 2 MiB when left out. */
  maxBytes?: number
  /** How many seconds the content may take; 30 when left out. */
  maxSeconds?: number
}

/** What a server knows of a capability that was judged. Times are seconds since 1970. */
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
  /** The content, which is what was signed; missing for a stream. */
  content?: Uint8Array
  /** The content of a stream, of which nothing is signed. */
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

/** Used proofs. Processes that serve an origin share them. What it throws refuses the request. */
export interface ReplayWindow {
  /** Since when it remembers, where it begins with its process, and 16 random bytes. */
  readonly memory?: { since: number; id: Uint8Array }
  /**
   * Of all calls with one proof exactly one answers `first`. What cannot be remembered throws, and
   * what may have been forgotten is `too_old`.
   */
  remember(
    proof: string,
    until: number,
    now: number
  ): 'first' | 'again' | 'too_old' | Promise<'first' | 'again' | 'too_old'>
}

/** Used login challenges. */
export interface Challenges {
  /** Of all calls with one challenge those with one identity alone answer `now`, `by_the_same`. */
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

/** Nonces, where they are not made by HMAC of the secret. */
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
   * `unavailable` where nobody can tell.
   */
  verify(by: { domain: string; time: number }): void | Promise<void>
}

export interface VerifierOptions {
  /** Where the server is reached, `https://notes.example.com`; at least one. */
  origins: string[]
  /** For which domains capabilities must have been signed, to the letter; at least one. */
  domains: string[]
  /** 32 bytes, the same for all processes of an origin; random when left out. */
  secret?: Uint8Array
  /** In memory when left out; so are the two others. */
  replayWindow?: ReplayWindow
  challenges?: Challenges
  capabilities?: Capabilities
  /** Whether a capability was revoked; without it none is. What it throws refuses the request. */
  isRevoked?(capability: Capability): boolean | Promise<boolean>
  /** Reads and judges capabilities; the package's wasm when left out. */
  readCapability?(
    bytes: Uint8Array,
    form: { isCar: boolean }
  ): ReadCapability | Promise<ReadCapability>
  /** Whether a granted resource covers a wanted one; the same text when left out. */
  covers?(granted: string, wanted: string): boolean
  /** Seconds that a capability may last from `iat` to `exp`; 90 days when left out. */
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

/** A verifier; throws with `invalid_option` for what it cannot be made of. */
export function createVerifier(options: VerifierOptions): Verifier

/** The response to what `caller.require` threw; nothing for other errors. */
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
