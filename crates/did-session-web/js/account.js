// Account ids (CAIP-10) in the forms in which pages hold them.

import { known, reading } from './host.js'

/** A lone surrogate is not valid Unicode: wasm would get another text. */
export const isWellFormed = (text) => {
  if (typeof text.isWellFormed === 'function') return text.isWellFormed()
  return !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text)
}

const spelled = (account) => {
  if (typeof account === 'string') return account
  const text = String(account)
  if (text !== '[object Object]') return text
  // an account id that went through JSON
  const { chainId, address } = { __proto__: null, ...account }
  if (typeof chainId !== 'object' || chainId === null) return `${chainId}:${address}`
  const { namespace, reference } = { __proto__: null, ...chainId }
  return `${namespace}:${reference}:${address}`
}

/** The text of an account id: given as a text, as the `caip` package's object, or as its JSON. */
export const accountText = (account) => {
  const text = reading('the account id', () => spelled(account))
  if (isWellFormed(text)) return text
  throw invalid('the account id must be well-formed Unicode')
}

export const invalid = (message) =>
  known(Object.assign(new TypeError(message), { code: 'invalid_option' }))

/** A text that is put into an account id. */
export const textOf = (name, value) => {
  if (typeof value === 'string' && isWellFormed(value)) return value
  throw invalid(`${name} must be a text`)
}

const ACCOUNT = /^([-a-z0-9]{3,8}):([-_a-zA-Z0-9]{1,32}):([-.%a-zA-Z0-9]{1,128})$/

/** The parts of an account id of one namespace. */
export const accountOf = (namespace, network, account) => {
  const id = accountText(account)
  const match = ACCOUNT.exec(id)
  if (match === null || match[1] !== namespace) {
    throw invalid(`${id} is not a valid account id of ${network}`)
  }
  return { id, reference: match[2], address: match[3] }
}

/** The method of a wallet, or an error that says which one is missing. */
export const need = (provider, name) => {
  if (reading('the provider', () => typeof provider?.[name]) === 'function') return provider
  throw invalid(`the provider must implement ${name}`)
}

/** The network of a name, or an error that says which are known. */
export const networkOf = (networks, network, chain) => {
  if (typeof network === 'string' && Object.hasOwn(networks, network)) return networks[network]
  throw invalid(`the network of ${chain} must be one of ${Object.keys(networks).join(', ')}`)
}

const PKH = 'did:pkh:'

// with the members of the classes of the `caip` package, whose place they take

class ChainId {
  constructor(namespace, reference) {
    Object.assign(this, { namespace, reference })
  }

  toString() {
    return `${this.namespace}:${this.reference}`
  }

  toJSON() {
    return { namespace: this.namespace, reference: this.reference }
  }
}

class AccountId {
  constructor(namespace, reference, address) {
    Object.assign(this, { chainId: new ChainId(namespace, reference), address })
  }

  toString() {
    return `${this.chainId}:${this.address}`
  }

  toJSON() {
    return { chainId: this.chainId.toJSON(), address: this.address }
  }
}

/** The account of a did:pkh; nothing for every other text. */
export const accountOfDid = (did) => {
  const match = did.startsWith(PKH) ? ACCOUNT.exec(did.slice(PKH.length)) : null
  return match === null ? undefined : new AccountId(match[1], match[2], match[3])
}

/** The account id (CAIP-10) of an account's DID. */
export const getAccountIdByDID = (did) => {
  const account = typeof did === 'string' ? accountOfDid(did) : undefined
  if (account !== undefined) return account
  throw invalid(`${typeof did === 'string' ? did : 'the DID'} is not a valid did:pkh`)
}
