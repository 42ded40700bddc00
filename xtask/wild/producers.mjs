// What each package writes and how it verifies: one object for each, of one form. A wish has the
// members of EIP-4361 by the names of `siwe`.

import { verifyMessage as verifyWithViem } from 'viem'
import { createSiweMessage, parseSiweMessage } from 'viem/siwe'
import * as PersonalMessage from 'ox/PersonalMessage'
import * as Secp256k1 from 'ox/Secp256k1'
import * as Signature from 'ox/Signature'
import * as Siwe from 'ox/Siwe'
import { SiweMessage } from 'siwe'
import * as connector from '@walletconnect/utils'

const dates = ['issuedAt', 'expirationTime', 'notBefore']

/** The wish with its times as `Date`, as some packages take them. */
function withDates(wish) {
  const changed = dates.filter((name) => wish[name] !== undefined).map((name) => [name, new Date(wish[name])])
  return { ...wish, ...Object.fromEntries(changed) }
}

/** What a text says, by the names of our `inspect`. */
function said(parsed) {
  const time = (value) => (value === undefined ? undefined : new Date(value).toISOString())
  return {
    domain: parsed.domain,
    audience: parsed.uri,
    nonce: parsed.nonce,
    statement: parsed.statement || undefined,
    request_id: parsed.requestId || undefined,
    issued_at: time(parsed.issuedAt),
    expires_at: time(parsed.expirationTime),
    not_before: time(parsed.notBefore),
    resources: parsed.resources?.length ? parsed.resources : undefined,
    account: `eip155:${parsed.chainId}:${parsed.address}`,
  }
}

async function holds(work) {
  try {
    return (await work()) === true
  } catch {
    return false
  }
}

export const TEXTS = {
  siwe: {
    write: (wish) => new SiweMessage(wish).prepareMessage(),
    read: (text) => said(new SiweMessage(text)),
    verifies: (text, signature, at) =>
      holds(async () => {
        const { success } = await new SiweMessage(text).verify(
          { signature, time: new Date(at).toISOString() },
          { suppressExceptions: true },
        )
        return success
      }),
  },
  viem: {
    write: (wish) => createSiweMessage(withDates(wish)),
    read: (text) => said(parseSiweMessage(text)),
    verifies: (text, signature) =>
      holds(() => verifyWithViem({ address: parseSiweMessage(text).address, message: text, signature })),
  },
  ox: {
    write: (wish) => Siwe.createMessage(withDates(wish)),
    read: (text) => said(Siwe.parseMessage(text)),
    verifies: (text, signature) =>
      holds(() =>
        Secp256k1.verify({
          address: Siwe.parseMessage(text).address,
          payload: PersonalMessage.getSignPayload(`0x${Buffer.from(text).toString('hex')}`),
          signature: Signature.fromHex(signature),
        }),
      ),
  },
}

/** Capabilities of wallet connectors. */
export const CONNECTOR = {
  text: (payload, iss) => connector.formatMessage(payload, iss),
  capability: (payload, signature, iss) => connector.buildAuthObject(payload, signature, iss),
  verifies: (cacao) => holds(() => connector.validateSignedCacao({ cacao })),
}
