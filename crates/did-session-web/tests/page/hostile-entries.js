// Every entry of the package, with arguments that are right; what makes a wallet sign is declined.

const SESSION = [
  'resources', 'domain', 'statement', 'requestId', 'nonce', 'expiresInSecs', 'expirationTime',
  'exact', 'strict', 'recap', 'maxWaitSecs', 'profile', 'signal', 'walletTimeoutSecs',
]

const decline = async () => {
  throw Object.assign(new Error('User rejected the request.'), { code: 4001 })
}

const NEVER = ['a thenable that never settles']

/** What waits for something of the caller's that never comes. */
const waits = (...places) => (where, kind) => places.includes(where) && NEVER.includes(kind)

/** `session` has a key that is in wasm, `kept` is one of `get`, if there is one. */
export const entriesOf = ({ ours, session, kept, account, seed, jws, dag }) => {
  const { DIDSession } = ours
  // one that needs no database to be asked for
  const wishes = () => ({ resources: ['ceramic://*'], domain: 'app.example', walletTimeoutSecs: 0.2 })
  const asking = { 2: SESSION }
  const plain = (name, call, args, members, except, passes) => ({ name, call, args, members, except, passes })
  const provider = () => ({ request: async () => '0x1', signMessage: async () => new Uint8Array(64) })
  const asked = () => ({
    uri: 'did:key:zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv', domain: 'app.example',
    nonce: 'abcdefgh', issuedAt: '2025-01-01T00:00:00Z', expirationTime: '2035-01-01T00:00:00Z',
    statement: 'Hello', resources: ['ceramic://*'],
  })
  const ASKED = ['uri', 'domain', 'nonce', 'issuedAt', 'expirationTime', 'statement', 'requestId', 'resources']
  const solana = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:7S3P4HxJpyyigGzodYwHtCxZyUQe9JiBMHyRWXArAaKv'
  const tezos = 'tezos:NetXdQprcVkpaWU:tz1VSUr8wwNhLAzempoch5d6hLRiTh8Cjcjb'
  const stacks = 'stacks:1:SP2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7'
  const active = async () => ({ publicKey: 'edpk', network: { type: 'mainnet' } })
  const method = (auth, make, id) => async (options) => (await auth.getAuthMethod(make(), id))(options)
  const cacao = () => structuredClone(session.cacao)
  const CACAO = ['h', 'p', 's', 'h.t', 'p.domain', 'p.iss', 'p.aud', 'p.exp', 'p.iat', 'p.nbf', 'p.resources', 's.t', 's.s', 's.m']
  // judged, and nowhere kept
  const authorize = (answer) => DIDSession.authorize(async () => answer, wishes())
  const parameters = () => ({ did: session.did.id, payload: 'e30', protected: {} })
  const request = () => ({ jsonrpc: '2.0', id: 1, method: 'did_createJWS', params: parameters() })
  const stop = (listen) => async (...args) => (await listen(...args))()
  const of = (one, name) => [
    plain(`${name}.isAuthorized`, (list) => one.isAuthorized(list), [() => ['ceramic://*']]),
    plain(`${name}.did.createJWS`, (...args) => one.did.createJWS(...args), [() => ({ a: 1 }), () => ({})], { 0: ['a'], 1: ['protected', 'other'] }),
    plain(`${name}.did.createDagJWS`, (...args) => one.did.createDagJWS(...args), [() => ({ a: 1 }), () => ({})], { 0: ['a'], 1: ['protected'] }),
  ]
  const fetching = (input, init, options) => session.fetch(input, init, options)
  return [
    plain('get', DIDSession.get, [() => account, () => decline, wishes], asking),
    plain('get, answered', (answer) => DIDSession.get(account, async () => answer, wishes()), [() => ({})], { 0: ['h', 'p', 's'] }),
    plain('renew', DIDSession.renew, [() => account, () => decline, wishes], { 2: [...SESSION, 'renewBeforeSecs'] }),
    plain('signIn', DIDSession.signIn, [() => decline, wishes], { 1: SESSION }),
    plain('authorize', DIDSession.authorize, [() => decline, wishes], { 1: SESSION }),
    plain('authorize, answered', authorize, [cacao], { 0: CACAO }),
    plain('hasSessionFor', DIDSession.hasSessionFor, [() => account, wishes], { 1: SESSION }),
    plain('hasSessionFor, an account in parts', DIDSession.hasSessionFor, [() => ({ chainId: { namespace: 'eip155', reference: '1' }, address: account.slice(9) }), wishes], { 0: ['chainId', 'address', 'chainId.namespace', 'chainId.reference', 'toString'] }),
    plain('whyNoSession', DIDSession.whyNoSession, [() => account, () => ['ceramic://*']], {}),
    plain('warnings', DIDSession.warnings, [wishes], { 0: SESSION }),
    plain('remove', DIDSession.remove, [() => account, () => ({ profile: 'none' })], { 1: ['profile', 'other'] }),
    plain('revoke', DIDSession.revoke, [() => account, () => ({ profile: 'none' })], { 1: ['profile', 'other'] }),
    plain('list', DIDSession.list, [() => undefined]),
    plain('fromSession', DIDSession.fromSession, [() => session.serialize()]),
    plain(
      'configure',
      async (options) => {
        try {
          await DIDSession.configure(options)
        } finally {
          await DIDSession.configure({ store: kept === undefined ? 'memory' : 'indexeddb' })
        }
      },
      [() => ({ passkeys: {} })],
      { 0: ['database', 'algorithm', 'unstorable', 'passkeys', 'store', 'provider', 'domains', 'other', 'passkeys.rpId', 'passkeys.origins', 'passkeys.topOrigins', 'passkeys.crossOrigin', 'passkeys.userVerification'] }
    ),
    plain('onChange', stop(DIDSession.onChange), [() => () => undefined]),
    plain('onEvent', stop(DIDSession.onEvent), [() => () => undefined]),
    plain('new DIDSession', (value) => new DIDSession(value), [() => undefined]),
    plain('init', (source) => ours.init(source), [() => undefined], undefined),
    plain('refusalOf', ours.refusalOf, [() => new Response('{}', { status: 401 })]),
    plain('refusalOf, in parts', ours.refusalOf, [() => ({ status: 401, headers: new Headers(), bodyUsed: false, clone: () => new Response('{}') })], { 0: ['status', 'headers', 'bodyUsed', 'clone'] }),
    plain('cacaoContainsResources', ours.cacaoContainsResources, [() => ({ p: { resources: ['a'] } }), () => ['a']], { 0: ['p', 'p.resources'] }),
    plain('getAccountIdByDID', ours.getAccountIdByDID, [() => `did:pkh:${account}`]),
    plain('getAccountId', ours.getAccountId, [provider, () => account.slice(9)], { 0: ['request'] }, undefined, ['0.request']),
    plain('getAccountId, answered', (answer) => ours.getAccountId({ request: async () => answer }, account.slice(9)), [() => '0x1'], {}, waits('0'), ['0']),
    plain('EthereumWebAuth.getAuthMethod', ours.EthereumWebAuth.getAuthMethod, [provider, () => account], { 0: ['request'] }),
    plain('EthereumWebAuth, asked', method(ours.EthereumWebAuth, provider, account), [asked], { 0: ASKED }),
    plain('SolanaWebAuth.getAuthMethod', ours.SolanaWebAuth.getAuthMethod, [provider, () => solana], { 0: ['signMessage'] }),
    plain('SolanaWebAuth, asked', method(ours.SolanaWebAuth, provider, solana), [asked], { 0: ASKED }),
    plain('SolanaWebAuth, answered', (answer) => method(ours.SolanaWebAuth, () => ({ signMessage: async () => answer }), solana)(asked()), [() => new Uint8Array(64)], {}, waits('0'), ['0']),
    plain('SolanaWebAuth.getAccountIdByNetwork', ours.SolanaWebAuth.getAccountIdByNetwork, [() => 'mainnet', () => 'address']),
    plain('SolanaWebAuth.getAccountId', ours.SolanaWebAuth.getAccountId, [() => ({ getGenesisHash: async () => 'x'.repeat(40) }), () => 'address'], { 0: ['getGenesisHash'] }, undefined, ['0.getGenesisHash']),
    plain('SolanaWebAuth.getAccountId, answered', (hash) => ours.SolanaWebAuth.getAccountId({ getGenesisHash: async () => hash }, 'address'), [() => 'x'], {}, waits('0'), ['0']),
    plain('TezosWebAuth.getAuthMethod', ours.TezosWebAuth.getAuthMethod, [() => ({ getActiveAccount: active, requestSignPayload: decline }), () => tezos], { 0: ['getActiveAccount', 'requestSignPayload'] }),
    plain('TezosWebAuth, asked', method(ours.TezosWebAuth, () => ({ getActiveAccount: active, requestSignPayload: async () => ({ signature: 'x' }) }), tezos), [asked], { 0: ASKED }),
    plain('TezosWebAuth, answered', (answer) => method(ours.TezosWebAuth, () => ({ getActiveAccount: active, requestSignPayload: async () => answer }), tezos)(asked()), [() => ({ signature: 'x' })], { 0: ['signature'] }, waits('0'), ['0']),
    plain('TezosWebAuth.getAccountIdByNetwork', ours.TezosWebAuth.getAccountIdByNetwork, [() => 'mainnet', () => 'address']),
    plain('TezosWebAuth.getAccountId', (found) => ours.TezosWebAuth.getAccountId({ getActiveAccount: async () => found }, 'address'), [() => ({ network: { type: 'mainnet' } })], { 0: ['network', 'network.type'] }, waits('0'), ['0']),
    plain('StacksWebAuth.getAuthMethod', ours.StacksWebAuth.getAuthMethod, [() => ({ signatureRequest: decline }), () => stacks], { 0: ['signatureRequest'] }),
    plain('StacksWebAuth, asked', method(ours.StacksWebAuth, () => ({ signatureRequest: async () => ({ signature: 'x' }) }), stacks), [asked], { 0: ASKED }),
    plain('StacksWebAuth, answered', (answer) => method(ours.StacksWebAuth, () => ({ signatureRequest: async () => answer }), stacks)(asked()), [() => ({ signature: 'x' })], { 0: ['signature'] }, waits('0'), ['0']),
    plain('StacksWebAuth.getAccountIdByNetwork', ours.StacksWebAuth.getAccountIdByNetwork, [() => 'mainnet', () => 'address']),
    plain('WebauthnAuth.getAuthMethod', ours.WebauthnAuth.getAuthMethod, [() => ({ did: 'did:key:x' })], { 0: ['did', 'dids', 'selectDID', 'rpId', 'userVerification', 'credentialId'] }),
    plain('WebauthnAuth, asked', async (options) => (await ours.WebauthnAuth.getAuthMethod({ did: 'did:key:x' }))(options), [asked], { 0: ASKED }),
    plain('WebauthnAuth, wished', async (more) => (await ours.WebauthnAuth.getAuthMethod({ did: 'did:key:zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv', ...more }))(asked()), [() => ({})], { 0: ['rpId', 'userVerification', 'credentialId'] }, (where) => where === '0'),
    plain('WebauthnAuth.p256CredentialCreateOptions', ours.WebauthnAuth.p256CredentialCreateOptions, [() => 'a', () => 'b', () => ({})], { 2: ['rpId', 'rpName', 'userVerification'] }),
    plain('WebauthnAuth.createDID', ours.WebauthnAuth.createDID, [() => 'a', () => ({})], { 1: ['rpId', 'rpName', 'userVerification'] }),
    plain('WebauthnAuth.createCredential', ours.WebauthnAuth.createCredential, [() => 'a', () => ({})], {}),
    plain('WebauthnAuth.probeDID', ours.WebauthnAuth.probeDID, [() => ({})], { 0: ['rpId', 'credentialId', 'userVerification'] }),
    plain('WebauthnAuth.probeDIDs', ours.WebauthnAuth.probeDIDs, [() => ({})], { 0: ['rpId', 'credentialId'] }),
    ...of(session, 'session'),
    ...(kept === undefined ? [] : of(kept, 'kept')),
    plain('did.verifyJWS', (...args) => session.did.verifyJWS(...args), [() => structuredClone(jws), () => ({ issuer: session.id, capability: cacao() })], { 0: ['payload', 'signatures', 'link', 'signatures.0', 'signatures.0.protected', 'signatures.0.signature'], 1: ['issuer', 'domain', 'capability', 'atTime', 'disableTimecheck', 'revocationPhaseOutSecs', 'verifiers'] }),
    plain('did.verifyJWS, of a value', (...args) => session.did.verifyJWS(...args), [() => ({ payload: dag.payload, signatures: structuredClone(dag.signatures), link: dag.link }), () => ({ capability: cacao() })], { 0: ['link'], 1: CACAO.map((name) => `capability.${name}`) }),
    plain('did.resolve', (url) => session.did.resolve(url), [() => session.did.id]),
    plain('provider.send', (asked) => session.provider.send(asked), [request], { 0: ['id', 'method', 'params', 'params.did', 'params.payload', 'params.protected', 'params.protected.cap'] }),
    plain('provider.send, authenticate', (asked) => session.provider.send(asked), [() => ({ id: 1, method: 'did_authenticate', params: { aud: 'a', nonce: 'b', paths: [] } })], { 0: ['params.aud', 'params.nonce', 'params.paths'] }),
    plain('link.equals', (other) => dag.link.equals(other), [() => dag.link], undefined),
    plain('link.toString', (base) => dag.link.toString(base), [() => ({ encode: () => 'x' })], { 0: ['encode'] }),
    plain('fetch', fetching, [() => 'https://127.0.0.1:1/x', () => ({ method: 'POST', body: 'x' }), () => ({})], { 1: ['method', 'body', 'headers', 'signal', 'redirect', 'credentials', 'mode', 'priority', 'duplex', 'referrer'], 2: ['registration', 'other'] }, (where) => seed === undefined && where === '0'),
  ]
}
