// An auth method for passkeys, with the names of the npm package `@didtools/key-webauthn`.

import * as wasm from './did_session_web.js'
import { invalid } from './account.js'
import { capabilityOf } from './capability.js'
import { all } from './load.js'
import { failure, ownOf, reading } from './host.js'
import { functionOf, oneOf, own, text, textIf, texts } from './options.js'
import { base } from './payload.js'

const PROMPT = 240_000

const CREATING = ['rpId', 'rpName', 'userVerification']
const ASKING = ['rpId', 'userVerification', 'credentialId']
const NAMING = ['did', 'dids', 'selectDID']

/** Browsers take a word that they do not know for none. */
const verification = ({ userVerification }, usual) =>
  oneOf('userVerification', userVerification, ['required', 'preferred', 'discouraged'], usual)

const failed = (message) => failure('wallet_failed', message)

const random = () => crypto.getRandomValues(new Uint8Array(32))

const credentials = () => {
  const container = globalThis.navigator?.credentials
  if (container === undefined) {
    const message = 'there are no passkeys here; they need a secure context (https)'
    throw failure('no_passkeys', message)
  }
  return container
}

/** What `navigator.credentials.create` wants for a passkey that can be a session's issuer. */
const p256CredentialCreateOptions = (name, displayName, more) =>
  reading('options', () => credentialOptions(name ?? 'did-session', displayName, more))

const credentialOptions = (name, displayName, given) => {
  // the npm package has the name of the relying party here
  const more = typeof given === 'string' ? { rpName: given } : own('options', given, CREATING)
  const texts = [
    text('the label', name),
    text('the display name', displayName ?? name),
    text('rpName', more.rpName ?? name),
    text('rpId', more.rpId ?? globalThis.location.hostname),
    verification(more, 'required'),
  ]
  return publicKeyOptions(...texts)
}

const publicKeyOptions = (name, displayName, rpName, rpId, userVerification) => ({
  publicKey: {
    challenge: random(),
    rp: { id: rpId, name: rpName },
    user: { id: random(), name, displayName },
    // ES256
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
    authenticatorSelection: {
      requireResidentKey: true,
      residentKey: 'required',
      userVerification,
    },
  },
})

/** Creates a passkey: `{did, credentialId}`. Only now does the browser tell its public key. */
const createCredential = async (label, more) => {
  const options =
    typeof label === 'object' && label !== null
      ? label
      : p256CredentialCreateOptions(label, undefined, more)
  const credential = await credentials().create(options)
  if (!credential) throw failed('the browser made no passkey')
  const spki = credential.response.getPublicKey?.()
  if (!spki) throw failed('the browser did not give the public key of the passkey')
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const key = await crypto.subtle.importKey('spki', spki, algorithm, true, ['verify'])
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', key))
  await all()
  return { did: wasm.publicKeyDid(point, false), credentialId: credential.id }
}

const createDID = async (label, more) => (await createCredential(label, more)).did

const bytesOf = (base64url) =>
  Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))

/** The three parts of an assertion over the challenge. */
const assertion = async (challenge, given) => {
  const { rpId, userVerification, credentialId } = reading('options', () => {
    const more = own('options', given, ASKING)
    return {
      rpId: textIf('rpId', more.rpId),
      userVerification: verification(more, 'preferred'),
      credentialId: more.credentialId === undefined ? undefined : bytesOf(more.credentialId),
    }
  })
  const credential = await credentials().get({
    publicKey: {
      challenge,
      rpId: rpId ?? globalThis.location.hostname,
      userVerification,
      allowCredentials:
        credentialId === undefined ? [] : [{ type: 'public-key', id: credentialId }],
      timeout: PROMPT,
    },
  })
  if (!credential) throw failed('the browser did not answer with a passkey')
  const { authenticatorData, clientDataJSON, signature } = credential.response
  return [authenticatorData, clientDataJSON, signature].map((part) => new Uint8Array(part))
}

/** The two DIDs of which the user's passkey has one. */
const probeDIDs = async (more = {}) => {
  await all()
  return wasm.possiblePasskeys(...(await assertion(random(), more)))
}

/** Finds the DID of the user's passkey if nobody kept it: the user signs twice for that. */
const probeDID = async (more = {}) => {
  const [first, second] = [await probeDIDs(more), await probeDIDs(more)]
  const common = first.filter((did) => second.includes(did))
  if (common.length !== 1) throw failed('two different passkeys answered')
  return common[0]
}

const getAuthMethod = async (wishes) => {
  const { did, dids, selectDID, ...asking } = reading('options', () => {
    const given = own('options', wishes, [...NAMING, ...ASKING])
    if (given.dids !== undefined) given.dids = texts('dids', given.dids)
    if (given.selectDID !== undefined) functionOf('selectDID', given.selectDID)
    textIf('did', given.did)
    return given
  })
  if (did === undefined && dids === undefined && selectDID === undefined) {
    throw invalid('one of the options did, dids and selectDID must be given')
  }
  const choose = async (possible) => {
    if (selectDID !== undefined) return selectDID(...possible)
    return possible.find((candidate) => dids.includes(candidate))
  }
  return async (options) => {
    await all()
    // the challenge does not cover the issuer, who may not be known yet
    const own = Object.assign(ownOf('options', options), { domain: globalThis.location.hostname })
    const known = selectDID === undefined ? did : undefined
    const p = base(own, known ?? own.uri)
    p.nbf = p.iat
    const unsigned = { h: { t: 'caip122' }, p }
    const parts = await assertion(wasm.passkeyChallenge(JSON.stringify(unsigned)), asking)
    if (known === undefined) {
      const possible = wasm.possiblePasskeys(...parts)
      p.iss = await choose(possible)
      if (!possible.includes(p.iss)) throw failed('another passkey answered')
    }
    return capabilityOf(wasm.signedByPasskey(JSON.stringify(unsigned), ...parts))
  }
}

export const WebauthnAuth = {
  createCredential,
  createDID,
  getAuthMethod,
  p256CredentialCreateOptions,
  probeDID,
  probeDIDs,
}
