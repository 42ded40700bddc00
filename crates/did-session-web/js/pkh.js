// The document of a did:pkh, in the form of the npm package `pkh-did-resolver`.

import { accountOfDid } from './account.js'

const RECOVERY = 'EcdsaSecp256k1RecoveryMethod2020'
const TYPES = { tezos: [RECOVERY, 'TezosMethod2021'], eip155: [RECOVERY], bip122: [RECOVERY] }
/** Of chains that the peer's resolver does not know. */
const ANY = ['BlockchainVerificationMethod2021']

const CONTEXT = ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/suites/blockchain-2021/v1']

/** The document of a DID; nothing if it is not a valid did:pkh. */
export const documentOf = (did, withContext) => {
  const account = accountOfDid(did)
  if (account === undefined) return undefined
  const { namespace } = account.chainId
  const types = Object.hasOwn(TYPES, namespace) ? TYPES[namespace] : ANY
  const verificationMethod = types.map((type, index) => ({
    id: `${did}#${index === 0 ? 'blockchainAccountId' : type}`,
    type,
    controller: did,
    blockchainAccountId: account.toString(),
  }))
  const ids = verificationMethod.map(({ id }) => id)
  const document = { id: did, verificationMethod, authentication: ids, assertionMethod: [...ids] }
  return withContext ? { '@context': CONTEXT, ...document } : document
}
