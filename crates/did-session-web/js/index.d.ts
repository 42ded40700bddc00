/**
 * DID sessions in the browser: the API of the npm package `did-session`, with session keys that
 * no script can read.
 */

/** A capability (CAIP-74), as wallets sign it. */
export interface Cacao {
  h: { t: 'eip4361' | 'caip122' }
  p: {
    domain: string
    iss: string
    aud: string
    version: string
    nonce: string
    iat: string
    nbf?: string
    exp?: string
    statement?: string
    requestId?: string
    resources?: string[]
  }
  s?: { t: string; s: string; m?: { aad: Uint8Array } }
}

/**
 * An account id (CAIP-10): a text, the `AccountId` of the npm package `caip`, or the JSON of one.
 * Passkeys are named by their `did:key`.
 */
export type AccountId =
  | string
  | {
      address: string
      chainId: string | { namespace: string; reference: string }
      toString(): string
    }

/** The options that an auth method gets. They are a copy: changing them changes nothing else. */
export interface AuthMethodOptions {
  /** The session key's DID. */
  uri: string
  domain: string
  nonce: string
  issuedAt: string
  expirationTime: string
  statement: string
  requestId?: string
  resources: string[]
  [name: string]: unknown
}

/** Asks an account to sign; `getAuthMethod` of the `@didtools` packages returns such a function. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AuthMethod = (options: any) => Promise<unknown>

export interface SessionOptions {
  /** What the session may use, as URIs; at least one, unless there is a ReCap. */
  resources: string[]
  /**
   * The site that asks; by default the page's host. A stored session is used if it was signed for
   * this domain, for the page's host, or for one of `configure({ domains })`.
   */
  domain?: string
  /** In seconds; 0 or nothing means a week. A stored session that lasts longer is not used. */
  expiresInSecs?: number
  /** The end as a date, exactly. A stored session that ends later is not used. */
  expirationTime?: string
  /** The sentence that the user reads. */
  statement?: string
  /** A stored session must have it, too. */
  requestId?: string
  /** For example a server's challenge, which a stored session must have, too; by default random. */
  nonce?: string
  /** Use a stored session only if it grants exactly these resources. */
  exact?: boolean
  /**
   * Keep strictly to the grammar of EIP-4361: refuse a domain that is not a host, and resources
   * that are not URIs. By default only `warnings` names them.
   */
  strict?: boolean
  /**
   * Abilities to ask for besides the resources (ERC-5573): they become the last resource, and the
   * statement ends with the words for them. A stored session is used if its own ReCap grants all of
   * them.
   */
  recap?: Recap
  /** How long to wait for the prompt of another tab for the same account; by default 120. */
  maxWaitSecs?: number
  /** An account can have one session in each profile, side by side; by default `default`. */
  profile?: string
  /**
   * Ends the call while it waits for the wallet, or for the prompt of another call or tab: it rejects
   * with `wallet_failed`, and `cause.code` is `aborted`. Calls that shared its prompt are not ended.
   */
  signal?: AbortSignal
  /**
   * How long the wallet may take, in seconds; by default, and with more than 24 days, without end.
   */
  walletTimeoutSecs?: number
}

/** As for `get`; a session that is about to end is replaced. */
export interface RenewalOptions extends SessionOptions {
  /** How many seconds before its end a session is replaced; by default a day. */
  renewBeforeSecs?: number
}

/** A stored session. */
export interface StoredSession {
  /** The account's DID. */
  id: string
  /** The profile, if it is not the default one. */
  profile?: string
}

/** What happened to a session. It holds no secret. */
export interface SessionEvent {
  kind:
    | 'asked'
    | 'granted'
    | 'declined'
    | 'reused'
    | 'refused'
    | 'renewed'
    | 'replaced'
    | 'removed'
    | 'revoked'
    | 'signed'
  /** The account's DID, if it is known. */
  id?: string
  /** The profile, if it is not the default one. */
  profile?: string
  /** The identity of the capability, if one can be read: the same in all its spellings. */
  identity?: string
  /** Why, as a code, for `declined` and `refused`. */
  reason?: string
}

/** A ReCap (ERC-5573), as its JSON. */
export interface Recap {
  /** Abilities by target (a URI), each with its restrictions: `[{}]` if there are none. */
  att: { [target: string]: { [ability: string]: object[] } }
  /** The CIDs of capabilities from which the account has what it grants. */
  prf?: string[]
}

/** A text outside of the grammar of EIP-4361: wallets may refuse to sign it. */
export interface Warning {
  option: 'domain' | 'resources'
  text: string
  message: string
}

/**
 * Every error has a stable code, such as `declined` if the user says no. `cause` is what a wallet
 * threw.
 */
export interface DIDSessionError extends Error {
  name: 'DIDSessionError'
  code: string
  cause?: unknown
}

export interface GeneralJWS {
  payload: string
  signatures: { protected: string; signature: string }[]
}

/** A CID, with the members of the class `CID` of the npm package `multiformats`. */
export interface Link {
  readonly version: 1
  readonly code: number
  readonly multihash: { code: number; size: number; digest: Uint8Array; bytes: Uint8Array }
  readonly bytes: Uint8Array
  readonly byteOffset: number
  readonly byteLength: number
  readonly '/': Uint8Array
  readonly asCID: Link
  link(): Link
  /** Throws: only CIDs of dag-pb have a version 0. */
  toV0(): never
  toV1(): Link
  equals(other: unknown): boolean
  /** In base32, or by an encoder of `multiformats`. */
  toString(base?: { encode(bytes: Uint8Array): string }): string
  toJSON(): { '/': string }
}

export interface CreateJWSOptions {
  /** More members of the protected header. */
  protected?: Record<string, unknown>
}

export interface DagJWSResult {
  jws: GeneralJWS & { link: Link }
  linkedBlock: Uint8Array
  cacaoBlock: Uint8Array
}

export interface VerifyJWSOptions {
  /** On whose behalf it must be signed. */
  issuer?: string
  /** The site for which the capability must be signed; by default any. */
  domain?: string
  /** The capability under which it was signed. */
  capability?: Cacao
  /** When it was signed, as the caller knows it; by default now. */
  atTime?: Date
  /** Accept a capability that has expired. */
  disableTimecheck?: boolean
  /** For how many seconds a capability is accepted after it has expired. */
  revocationPhaseOutSecs?: number
  /**
   * Verifiers by the kind of a capability's signature; other kinds are refused. The verifiers
   * themselves are not called, since wasm verifies.
   */
  verifiers?: object
}

/** What a resolver returns (DID Resolution). */
export interface DIDResolutionResult {
  didResolutionMetadata: { contentType?: string; error?: string; message?: string }
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  didDocument: any
  didDocumentMetadata: Record<string, unknown>
}

export interface VerifyJWSResult {
  kid: string
  /** The key that signed. */
  did: string
  /** On whose behalf it was signed, if a capability was given. */
  issuer?: string
  bytes: Uint8Array
  /** The payload, if it is JSON. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  payload?: any
  /** The document of the key that signed. */
  readonly didResolutionResult: DIDResolutionResult
}

/** Signs for the session, on behalf of its account. */
export interface SessionDID {
  /** The session key's DID. */
  readonly id: string
  /** The account's DID. */
  readonly parent: string
  readonly hasParent: true
  readonly capability: Cacao
  readonly hasCapability: true
  readonly authenticated: true
  readonly provider: DIDProvider
  authenticate(): Promise<string>
  /** Signs an object; a text is taken as a payload that is base64url already. */
  createJWS(payload: unknown, options?: CreateJWSOptions): Promise<GeneralJWS>
  /** Signs a value of the IPLD data model. */
  createDagJWS(payload: unknown, options?: CreateJWSOptions): Promise<DagJWSResult>
  /** Verifies a JWS of any session; rejects when it is not valid. */
  verifyJWS(jws: string | GeneralJWS, options?: VerifyJWSOptions): Promise<VerifyJWSResult>
  /** The document of a did:key or a did:pkh; rejects with `not_resolved` for others. */
  resolve(didUrl: string): Promise<DIDResolutionResult>
}

/** A DID provider (EIP-2844), for the `DID` class of the npm package `dids`. */
export interface DIDProvider {
  readonly isDidProvider: boolean
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  send(request: any): Promise<any>
}

export interface Configuration {
  /** The database; by default `did-session`, which the npm package of that name uses. */
  database?: string
  /** Ed25519 keys are kept in a separate database. */
  algorithm?: 'P-256' | 'Ed25519'
  /** If the browser cannot keep a key: refuse, or keep it in memory until the page is left. */
  unstorable?: 'refuse' | 'memory'
  /** Which passkeys are accepted. */
  passkeys?: PasskeyPolicy
  /** Where sessions are kept: in IndexedDB, or in memory until the page or the process ends. */
  store?: 'indexeddb' | 'memory'
  /**
   * An EIP-1193 provider, through which contract wallets are asked. Without one, their sessions are
   * not accepted.
   */
  provider?: EthereumProvider
  /** Sessions that were signed for these domains are used, too: hosts, compared exactly. */
  domains?: string[]
}

export interface PasskeyPolicy {
  /**
   * The relying party; by default the capability's domain, which is the page's host. If no origins
   * are named, the page must be on this host, or on the domain if that is a host below it.
   */
  rpId?: string
  /** The pages, compared exactly; by default `https://` and the domain, at any port. */
  origins?: string[]
  /**
   * Accept passkeys that were used in a frame within exactly these pages, as the browser names
   * them.
   */
  topOrigins?: string[]
  /**
   * Accept passkeys that were used in a frame within a page of another site, which the browser did
   * not name.
   */
  crossOrigin?: boolean
  /** Refuse passkeys that did not verify their user (by a PIN or a fingerprint). */
  userVerification?: 'required' | 'preferred' | 'discouraged'
}

export interface Change {
  /** The account's DID. */
  id: string
  change: 'saved' | 'removed'
  /** The profile, if it is not the default one. */
  profile?: string
}

export interface FetchOptions {
  /**
   * The path of the server where the capability is registered, by default `/session/capability`;
   * `false` sends it along in a header field instead, if it is short enough.
   */
  registration?: string | false
}

/** What a server refused, and why. */
export interface Refusal {
  /** `use_nonce`, `invalid_token`, `insufficient_scope`, …: docs/http.md has them all. */
  code: string
  status: number
  /** With `invalid_token`: `expired`, `revoked`, … */
  reason?: string
  /** With `insufficient_scope`: the resources that are required, separated by spaces. */
  scope?: string
  /**
   * With `insufficient_user_authentication`: how many seconds ago the account may have signed at
   * most.
   */
  maxAge?: number
  /** In how many seconds to ask again. */
  retryAfter?: number
  /** For people. */
  detail?: string
}

/** What a server refused; `undefined` if it did not. The response can still be read. */
export function refusalOf(response: Response): Promise<Refusal | undefined>

export class DIDSession {
  private constructor()

  /** The stored session of the account, or a new one: the account is asked at most once. */
  static get(
    accountId: AccountId,
    authMethod: AuthMethod,
    options: SessionOptions
  ): Promise<DIDSession>

  /**
   * As `get`, for a session that does not end soon: the stored one, or a new one. If the account
   * gives no new one, the stored one is returned while it can still be used.
   */
  static renew(
    accountId: AccountId,
    authMethod: AuthMethod,
    options: RenewalOptions
  ): Promise<DIDSession>

  /** A new session of the account that answers, which replaces the stored one of that account. */
  static signIn(authMethod: AuthMethod, options: SessionOptions): Promise<DIDSession>

  /** The stored sessions, of all accounts and profiles. */
  static list(): Promise<StoredSession[]>

  /** A session that is not stored; `serialize` returns it as a session string. */
  static authorize(authMethod: AuthMethod, options: SessionOptions): Promise<DIDSession>

  /**
   * Whether `get` would return a session without asking; without resources, whether there is one.
   */
  static hasSessionFor(
    accountId: AccountId,
    resources?: string[] | Partial<SessionOptions>
  ): Promise<boolean>

  /** Why `hasSessionFor` says no. */
  static whyNoSession(
    accountId: AccountId,
    resources?: string[] | Partial<SessionOptions>
  ): Promise<{ code: string; message: string } | undefined>

  /** The texts of a request that are outside of the grammar of EIP-4361, but may be asked for. */
  static warnings(options: SessionOptions): Promise<Warning[]>

  /** Removes the stored sessions of the account: of all profiles, or of the one that is named. */
  static remove(accountId: AccountId, options?: { profile?: string }): Promise<void>

  /**
   * Ends the stored session early: it is removed, and never used again in this browser. Resolves to
   * the revocation statement (a JWS by the session key), which ends it on servers that receive it.
   * Rejects with `no_session` if there is none.
   */
  static revoke(accountId: AccountId, options?: { profile?: string }): Promise<string>

  /** Restores a session from the session string that `serialize` returned. */
  static fromSession(session: string): Promise<DIDSession>

  /** Chooses another database, other keys, another policy, for all later calls. */
  static configure(options: Configuration): Promise<void>

  /**
   * Calls the listener for every stored and removed session, also of other tabs; resolves to a
   * function that stops it.
   */
  static onChange(listener: (change: Change) => void): Promise<() => void>

  /**
   * Calls the listener for everything that happens to sessions in this page; returns a function
   * that stops it.
   */
  static onEvent(listener: (event: SessionEvent) => void): () => void

  readonly hasSession: boolean
  /** The profile in which it is kept; `default` for the default one. */
  readonly profile: string
  readonly isExpired: boolean
  /** Seconds until it expires; 0 when it has. */
  readonly expiresInSecs: number
  /** As `expiresInSecs`. */
  readonly expireInSecs: number
  /** The resources that it grants. */
  readonly authorizations: string[]
  /** The account's DID. */
  readonly id: string
  readonly cacao: Cacao
  readonly did: SessionDID
  readonly provider: DIDProvider

  /**
   * `fetch`, with a proof of the session: the server knows who asks, and for what. If the server
   * asks for the capability or for a nonce, it is registered or used, each at most once, and the
   * request is sent again; but never for a stream, which the proof does not cover and which is sent
   * only once.
   *
   * Resolves to the last response, whatever it is: `refusalOf` says what a server refused. No
   * cookies are sent, and no redirect is followed. Rejects with the code `expired`; with
   * `invalid_option` for a request that cannot be proven; with `not_answered` if the platform's
   * `fetch` rejects with a TypeError; with `not_registered` if the capability is too long for a
   * header field and the server has no route for it; and with the signal's reason when it is
   * aborted.
   */
  fetch(
    input: string | URL | Request,
    init?: RequestInit & { duplex?: 'half' },
    options?: FetchOptions
  ): Promise<Response>

  /** Whether it has not expired, and grants these resources. */
  isAuthorized(resources?: string[]): boolean

  /**
   * The session as a text, the session string. **It holds the secret key.** Throws with the code
   * `secure_session` for sessions of `get`, whose key cannot be read.
   */
  serialize(): string
}

/** Whether a capability names all of these resources; it is not verified. */
export function cacaoContainsResources(
  cacao: { p: { resources?: string[] } },
  resources: string[]
): boolean

/**
 * The account id (CAIP-10) of an account's DID, with the members of the class `AccountId` of the
 * npm package `caip`. Throws for other DIDs: passkeys are named by theirs.
 */
export function getAccountIdByDID(did: string): {
  address: string
  chainId: {
    namespace: string
    reference: string
    toString(): string
    toJSON(): { namespace: string; reference: string }
  }
  toString(): string
  toJSON(): { chainId: { namespace: string; reference: string }; address: string }
}

/** The method that an EIP-1193 wallet has. */
export interface EthereumProvider {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  request(request: { method: string; params?: any }): Promise<any>
}

export const EthereumWebAuth: {
  /** An auth method for an account of an EIP-1193 provider. */
  getAuthMethod(provider: EthereumProvider, accountId: AccountId): Promise<AuthMethod>
}

/** The account id (CAIP-10) of an address on the provider's current chain. */
export function getAccountId(provider: EthereumProvider, address: string): Promise<string>

/** The method that a Solana wallet in a page has, `window.phantom.solana` for example. */
export interface SolanaProvider {
  signMessage(
    message: Uint8Array,
    encoding: 'utf8'
  ): Promise<Uint8Array | { signature: Uint8Array }>
}

export const SolanaWebAuth: {
  /** An auth method for an account of a Solana wallet. */
  getAuthMethod(provider: SolanaProvider, accountId: AccountId): Promise<AuthMethod>
  /** The account id (CAIP-10) of an address of a network. */
  getAccountIdByNetwork(network: 'mainnet' | 'testnet' | 'devnet', address: string): string
  /** The account id of an address on the network of a connection. */
  getAccountId(
    connection: { getGenesisHash(): Promise<string> },
    address: string
  ): Promise<string>
}

/** The methods that a Beacon client (`DAppClient`) has. */
export interface TezosProvider {
  getActiveAccount(): Promise<
    { publicKey?: string; network: { type: string }; [name: string]: unknown } | undefined
  >
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  requestSignPayload(request: any): Promise<{ signature: string }>
}

export const TezosWebAuth: {
  /** An auth method for an account of a Tezos wallet whose address begins with `tz1`. */
  getAuthMethod(provider: TezosProvider, accountId: AccountId): Promise<AuthMethod>
  /** The account id (CAIP-10) of an address of a network. */
  getAccountIdByNetwork(network: 'mainnet' | 'devnet', address: string): string
  /** The account id of an address on the network of the active account. */
  getAccountId(provider: TezosProvider, address: string): Promise<string>
}

/** The method that a Stacks wallet in a page has, `window.StacksProvider` for example. */
export interface StacksProvider {
  signatureRequest(token: string): Promise<{ signature: string }>
}

export const StacksWebAuth: {
  /** An auth method for an account of a Stacks wallet. */
  getAuthMethod(provider: StacksProvider, accountId: AccountId): Promise<AuthMethod>
  /** The account id (CAIP-10) of an address of a network. */
  getAccountIdByNetwork(network: 'mainnet' | 'testnet', address: string): string
}

/** How a passkey is made or asked. */
export interface PasskeyOptions {
  /** The relying party; by default the page's host. */
  rpId?: string
  /** By default `required` for new passkeys, and `preferred` for signatures. */
  userVerification?: 'required' | 'preferred' | 'discouraged'
  /** Ask only this passkey, if the user has several. */
  credentialId?: string
}

export const WebauthnAuth: {
  /**
   * Creates a passkey, and resolves to its DID, which is the account id of its sessions. Keep the
   * DID, since the browser tells it only now.
   */
  createDID(label?: string | CredentialCreationOptions, options?: PasskeyOptions): Promise<string>
  /** As `createDID`, with the id by which `credentialId` asks for this passkey. */
  createCredential(
    label?: string | CredentialCreationOptions,
    options?: PasskeyOptions
  ): Promise<{ did: string; credentialId: string }>
  /** The options with which `createDID` asks the browser. */
  p256CredentialCreateOptions(
    name?: string,
    displayName?: string,
    options?: PasskeyOptions & { rpName?: string }
  ): CredentialCreationOptions
  /** The two DIDs that the passkey can have, by one signature of it; one of them is right. */
  probeDIDs(options?: PasskeyOptions): Promise<string[]>
  /** The DID of the user's passkey, by two signatures of it. */
  probeDID(options?: PasskeyOptions): Promise<string>
  /**
   * An auth method for a passkey: its DID is known, or is one of several, or is chosen from the two
   * that its signature allows.
   */
  getAuthMethod(
    passkey: PasskeyOptions &
      (
        | { did: string }
        | { dids: string[] }
        | { selectDID(first: string, second: string): Promise<string> | string }
      )
  ): Promise<AuthMethod>
}

/** A WebAssembly part of the package: where it is, or the part itself. */
export type WasmSource = string | URL | Request | Response | BufferSource | WebAssembly.Module

/** The parts, by name: `session` is `did_session_web_bg.wasm`. */
export interface WasmSources {
  session?: WasmSource
  /** Judges and asks. */
  machine?: WasmSource
  /** Proofs of Ethereum accounts. */
  ethereum?: WasmSource
  /** What session keys sign, and what was revoked. */
  signing?: WasmSource
  /** The other chains, keys made from a seed, and the verification of what others signed. */
  rest?: WasmSource
}

/**
 * Loads the WebAssembly now, and not with the first call, and says where it is: the first part, or
 * each part by its name. This is for pages whose bundler does not know
 * `new URL(…, import.meta.url)`. Parts that are loaded already stay. Throws `not_loaded` if one
 * cannot be loaded; the message says what to do.
 */
export function init(source?: WasmSource | WasmSources): Promise<void>
