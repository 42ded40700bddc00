// The peer's own code, driven the way its documentation does.

import { Cacao, CacaoBlock, SiweMessage } from '@didtools/cacao'
import { EthereumNodeAuth, getEIP191Verifier } from '@didtools/pkh-ethereum'
import { DIDSession, createDIDKey } from 'did-session'
import { DID } from 'dids'
import KeyDidResolver from 'key-did-resolver'

import * as inputs from './inputs.mjs'
import { verifiers as ofOtherKinds } from './kinds.mjs'
import { Wallet } from './wallet.mjs'
import { within } from './world.mjs'

const verifiers = { ...getEIP191Verifier(), ...ofOtherKinds }
const keyResolver = KeyDidResolver.getResolver()

/** A DID that only verifies: it resolves did:key, and did:pkh to a document without keys. */
const reader = new DID({ resolver: keyResolver })

/** A session by `DIDSession.authorize`, from random inputs, begun at `now` (milliseconds). */
export async function authorize(random, now, expiresInSecs = inputs.seconds(random)) {
  const wallet = new Wallet(random)
  const chain = random.pick(inputs.CHAINS)
  const options = { resources: inputs.resources(random), expiresInSecs }
  if (random.chance(0.7)) options.statement = inputs.statement(random)
  const method = random.chance(0.6)
    ? await EthereumNodeAuth.getAuthMethod(wallet.provider(chain), wallet.account(chain), inputs.domain(random))
    : byHand(random, wallet, chain)
  const session = await within({ now, random }, () => DIDSession.authorize(method, options))
  return { wallet, session, now, text: session.serialize(), issuer: session.cacao.p.iss }
}

/** An auth method of an application's own: other members, and the address as the wallet likes it. */
function byHand(random, wallet, chain) {
  return async (options) => {
    const now = Date.now()
    const message = new SiweMessage({
      domain: inputs.domain(random),
      address: wallet.address,
      statement: random.chance(0.8) ? (options.statement ?? inputs.statement(random)) : undefined,
      uri: options.uri,
      version: '1',
      nonce: random.text(random.int(8, 25)),
      issuedAt: new Date(now).toISOString(),
      notBefore: random.chance(0.5) ? new Date(now).toISOString() : undefined,
      expirationTime: options.expirationTime,
      requestId: random.chance(0.5) ? `request-${random.text(6)}` : undefined,
      chainId: String(chain),
      resources: options.resources,
    })
    message.signature = wallet.sign(message.signMessage({ eip55: random.chance(0.5) }))
    return Cacao.fromSiweMessage(message)
  }
}

/** The peer's yes or no to a capability, and why not. */
export async function verdict(cacao, at) {
  try {
    await Cacao.verify(cacao, { verifiers, atTime: new Date(at) })
    return { accepted: true }
  } catch (error) {
    return { accepted: false, error: String(error?.message ?? error) }
  }
}

/** The peer's yes or no to a JWS under a capability. */
export async function verdictOnJws(jws, { issuer, capability, at }) {
  try {
    const atTime = at === undefined ? undefined : new Date(at)
    const { kid } = await reader.verifyJWS(jws, { issuer, capability, verifiers, atTime })
    return { accepted: true, kid }
  } catch (error) {
    return { accepted: false, error: String(error?.message ?? error) }
  }
}

/** The peer's document of a did:key, or why there is none. */
export async function document(did) {
  try {
    return { document: (await reader.resolve(did)).didDocument }
  } catch (error) {
    return { error: String(error?.message ?? error) }
  }
}

export const load = (text) => DIDSession.fromSession(text)

/** The session key alone, without its capability. */
export function keyOf(text) {
  const { sessionKeySeed } = JSON.parse(Buffer.from(text, 'base64url'))
  return createDIDKey(new Uint8Array(Buffer.from(sessionKeySeed, 'base64')))
}

export async function cid(cacao) {
  return (await CacaoBlock.fromCacao(cacao)).cid.toString()
}

/** The text a wallet shows for a capability, address in EIP-55. */
export const message = (cacao) => SiweMessage.fromCacao(cacao).toMessageEip55()

/** The signed text, whatever spelling of the address it has: for signing anew. */
export const plainMessage = (cacao) => SiweMessage.fromCacao(cacao).toMessage()
