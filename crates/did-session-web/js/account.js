// Account ids (CAIP-10) in the forms in which pages hold them.

/** The text of an account id: of a text, of the `caip` package's object, or of its JSON. */
export const accountText = (account) => {
  if (typeof account === 'string') return account
  const text = String(account)
  if (text !== '[object Object]') return text
  // an account id that went through JSON
  const chain = account.chainId
  const chainText =
    typeof chain === 'object' && chain !== null ? `${chain.namespace}:${chain.reference}` : chain
  return `${chainText}:${account.address}`
}

export const invalid = (message) => Object.assign(new TypeError(message), { code: 'invalid_option' })

/** The parts of an account id of one namespace. */
export const accountOf = (namespace, network, account) => {
  const id = accountText(account)
  const match = /^([-a-z0-9]{3,8}):([-_a-zA-Z0-9]{1,32}):([-.%a-zA-Z0-9]{1,128})$/.exec(id)
  if (match === null || match[1] !== namespace) {
    throw invalid(`${id} is not a valid account id of ${network}`)
  }
  return { id, reference: match[2], address: match[3] }
}

/** The method of a wallet, or an error that says which one is missing. */
export const need = (provider, name) => {
  if (typeof provider?.[name] !== 'function') {
    throw invalid(`the provider must implement ${name}`)
  }
  return provider
}
