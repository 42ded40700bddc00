// Sessions of the other chains and of passkeys by the peer's own auth methods, from random inputs.

import * as dagJson from '@ipld/dag-json'
import { DIDSession } from 'did-session'

import { CHAINS } from './chains.mjs'
import * as inputs from './inputs.mjs'
import { Passkey, verifiers as passkeyVerifiers } from './passkey.mjs'
import { within } from './world.mjs'

export const KINDS = [...Object.keys(CHAINS), 'passkey']

/** The peer's verifiers of all kinds. */
export const verifiers = Object.assign({}, ...Object.values(CHAINS).map(({ verifiers }) => verifiers), passkeyVerifiers)

/** The text a wallet shows; a passkey shows none. */
export const message = (kind, cacao) => CHAINS[kind]?.Message.fromCacao(cacao).toMessage()

/** A session by `DIDSession.authorize` of a kind, begun at `now` (milliseconds). */
export async function authorize(kind, random, now, { expiresInSecs = inputs.seconds(random), reference } = {}) {
  const options = { resources: inputs.resources(random), expiresInSecs }
  const of = kind === 'passkey' ? passkey : chain
  const { method, resign, issuer } = await of(kind, random, options, reference)
  const session = await within({ now, random }, () => DIDSession.authorize(method, options))
  return { session, resign, issuer, text: session.serialize() }
}

async function chain(kind, random, options, reference) {
  const { Wallet, Message, toCacao } = CHAINS[kind]
  const wallet = new Wallet(random, reference)
  if (random.chance(0.7)) options.statement = inputs.statement(random)
  const byHand = async (given) => {
    const text = new Message({
      domain: inputs.domain(random),
      address: wallet.account.address,
      statement: random.chance(0.8) ? inputs.statement(random) : undefined,
      uri: given.uri,
      version: '1',
      nonce: random.text(random.int(8, 25)),
      issuedAt: new Date().toISOString(),
      notBefore: random.chance(0.5) ? new Date().toISOString() : undefined,
      expirationTime: given.expirationTime,
      requestId: random.chance(0.5) ? `request-${random.text(6)}` : undefined,
      chainId: wallet.account.chainId.reference,
      resources: given.resources,
    })
    text.signature = wallet.sign(text)
    return toCacao(text)
  }
  return {
    method: random.chance(0.6) ? await wallet.authMethod(inputs.domain(random)) : byHand,
    resign: (cacao) => void (cacao.s.s = wallet.sign(Message.fromCacao(cacao))),
    issuer: `did:pkh:${wallet.account}`,
  }
}

async function passkey(_, random, options) {
  const key = new Passkey(random)
  options.nonce = random.text(random.int(8, 25))
  return {
    method: await key.authMethod(hostname(random)),
    resign: (cacao, change) => key.resign(cacao, change),
    issuer: key.did,
  }
}

export const hostname = (random) => random.pick([`${random.text(9)}.example`, `a.${random.text(5)}.example`, 'localhost'])

/** A capability as DAG-JSON, bytes and all. */
export const toJson = (cacao) => Buffer.from(dagJson.encode(cacao)).toString('utf8')

/** A copy whose bytes are bytes. */
export const copy = (cacao) => dagJson.parse(toJson(cacao))

/** The capability in a session string that we wrote. */
export const inside = (text) => dagJson.parse(JSON.stringify(JSON.parse(Buffer.from(text, 'base64url')).cacao))
