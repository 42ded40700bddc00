/**
 * The API of `did-session-web` for pages that pass `session.did` to packages which expect the class
 * `DID` of the npm package `dids`: everything of the main entry, and what only that class has.
 */

import type { DID, DIDProvider } from 'dids'
import type {
  AccountId,
  AuthMethod,
  Change,
  Configuration,
  DIDResolutionResult,
  FetchOptions,
  RenewalOptions,
  SessionEvent,
  SessionOptions,
  StoredSession,
  Warning,
} from './index.js'

export * from './index.js'

/** A capability (CAIP-74), as `dids` has it. */
export type Capability = DID['capability']

/** The parts of a session. */
export type SessionParams =
  | { cacao: Capability; keySeed: Uint8Array; did?: DID }
  | { cacao: Capability; keySeed?: undefined; did: DID }

/** A DID that signs with the Ed25519 key of a seed (32 bytes), or with a new key. */
export function createDIDKey(seed?: Uint8Array): Promise<DID>

/** The DID with this capability, which must be valid and delegate to the DID's key. */
export function createDIDCacao(didKey: DID, cacao: Capability): Promise<DID>

/** Resolvers of did:key and did:pkh, for `setResolver` and the npm package `did-resolver`. */
export function getResolver(): {
  [method: string]: (
    did: string,
    parsed: unknown,
    resolver: unknown,
    options: { accept?: string }
  ) => Promise<DIDResolutionResult>
}

/** As on the main entry, except for the constructor, `initDID`, `did` and `provider`. */
export class DIDSession {
  /**
   * Makes a session from a capability and its key, both of which the caller has. The capability is
   * judged as `fromSession` judges it; with `keySeed` the session can be serialized. The module
   * must be loaded: by `createDIDKey`, or by `init`.
   */
  constructor(params: SessionParams)

  /** As `createDIDCacao`. */
  static initDID(didKey: DID, cacao: Capability): Promise<DID>

  static get(
    accountId: AccountId,
    authMethod: AuthMethod,
    options: SessionOptions
  ): Promise<DIDSession>

  static renew(
    accountId: AccountId,
    authMethod: AuthMethod,
    options: RenewalOptions
  ): Promise<DIDSession>

  static signIn(authMethod: AuthMethod, options: SessionOptions): Promise<DIDSession>

  static list(): Promise<StoredSession[]>

  static onEvent(listener: (event: SessionEvent) => void): () => void

  readonly profile: string
  static authorize(authMethod: AuthMethod, options: SessionOptions): Promise<DIDSession>
  static hasSessionFor(
    accountId: AccountId,
    resources?: string[] | Partial<SessionOptions>
  ): Promise<boolean>
  static whyNoSession(
    accountId: AccountId,
    resources?: string[] | Partial<SessionOptions>
  ): Promise<{ code: string; message: string } | undefined>
  static warnings(options: SessionOptions): Promise<Warning[]>
  static remove(accountId: AccountId, options?: { profile?: string }): Promise<void>
  static revoke(accountId: AccountId, options?: { profile?: string }): Promise<string>
  static fromSession(session: string): Promise<DIDSession>
  static configure(options: Configuration): Promise<void>
  static onChange(listener: (change: Change) => void): Promise<() => void>

  readonly hasSession: boolean
  readonly isExpired: boolean
  readonly expiresInSecs: number
  readonly expireInSecs: number
  readonly authorizations: string[]
  readonly id: string
  readonly cacao: Capability

  /**
   * The session key with the capability: a `DID` of `dids`, authenticated. It signs and verifies by
   * wasm. `decryptJWE` rejects with the code `cannot_decrypt` for a key that only signs, as those
   * of `get` do.
   */
  readonly did: DID
  readonly provider: DIDProvider

  fetch(
    input: string | URL | Request,
    init?: RequestInit & { duplex?: 'half' },
    options?: FetchOptions
  ): Promise<Response>
  isAuthorized(resources?: string[]): boolean
  serialize(): string
}
