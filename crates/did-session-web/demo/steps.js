// The code of each step, as it stands beside it, and what is asked of the wallet.

export const CODE = {
  get: `const account = await getAccountId(
  ethereum, address)

const method =
  await EthereumWebAuth.getAuthMethod(
    ethereum, account)

const session = await DIDSession.get(
  account, method, {
    resources: [
      'ceramic://*?model=notes',
      'ceramic://*?model=profile',
    ],
  })`,
  renew: `// asks when the end is near
session = await DIDSession.renew(
  account, method, {
    resources,
    renewBeforeSecs: 24 * 60 * 60,
  })

// forgets the session and its key
await DIDSession.remove(account)`,
  read: `const record = await store.get(account)

await crypto.subtle.exportKey(
  'pkcs8', record.keypair.privateKey)
// InvalidAccessError`,
  sign: `const { did, id, cacao } = session

const jws = await did.createJWS({ message })

const { payload } = await did.verifyJWS(
  jws, {
    issuer: id,
    capability: cacao,
    domain: location.hostname,
  })`,
}

const ACCOUNT = /^did:pkh:eip155:(\d+):(\w+)$/

/**
 * The message (EIP-4361) before it is signed, with what is not known yet in brackets; `did` is the
 * account's, if that is known.
 */
export const preview = (host, resources, did = '') => {
  const [, chain = '<your chain>', address = '<your address>'] = ACCOUNT.exec(did) ?? []
  return `${host} wants you to sign in with your Ethereum account:
${address}

Give this application access to some of your data on Ceramic

URI: <the session key, made in this browser>
Version: 1
Chain ID: ${chain}
Nonce: <a random text>
Issued At: <now>
Expiration Time: <in a week>
Resources:
${resources.map((resource) => `- ${resource}`).join('\n')}`
}

const bytesOf = (hex) => Uint8Array.from(hex.slice(2).match(/../g) ?? [], (pair) => parseInt(pair, 16))

/** The provider, with `show` told of each text before the wallet is. */
export const shown = (provider, show) => ({
  request(request) {
    if (request.method === 'personal_sign') show(new TextDecoder().decode(bytesOf(request.params[0])))
    return provider.request(request)
  },
})

/** What the browser answers to somebody who wants the secret half of the stored key. */
export const readKey = (account) =>
  new Promise((resolve, reject) => {
    const opening = indexedDB.open('did-session', 1)
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      const db = opening.result
      const asking = db.transaction('sessions').objectStore('sessions').get(account)
      asking.onerror = () => reject(asking.error)
      asking.onsuccess = () => {
        db.close()
        const key = asking.result?.keypair.privateKey
        if (key === undefined) return reject(new Error('there is no stored key'))
        return crypto.subtle.exportKey('pkcs8', key).then(() => resolve(undefined), resolve)
      }
    }
  })
