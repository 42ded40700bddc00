// The checks: what they write we accept, what we write they accept, and what was changed after it
// was signed both refuse.

import assert from 'node:assert/strict'

import { Recap } from 'siwe-recap'
import { SiweMessage } from 'siwe'

import { CONNECTOR, TEXTS } from './producers.mjs'
import { Wallet, eip55 } from './wallet.mjs'

const MINUTE = 60_000
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const CHAINS = [1, 10, 137, 8453, 42161, 11155111]

const maybe = (random, probability, make) => (random.chance(probability) ? make() : undefined)
const known = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
const plain = (value) => JSON.parse(JSON.stringify(value))

const domain = (random) => `${random.text(7)}.example${random.pick(['', `:${random.int(1, 65536)}`])}`
const nonce = (random) => random.text(random.int(8, 24), LETTERS)
const statement = (random) => random.text(random.int(1, 80), `${LETTERS} -.,:;!?()'`).trim() || 'I agree.'
const key = (random) => `did:key:z6Mk${random.text(44, '123456789ABCDEFGHJKLMNPQRSTUVWXYZ')}`
const audience = (random) => random.pick([() => `https://${domain(random)}/${random.text(5)}`, () => key(random)])()
const resource = (random) =>
  random.pick([
    () => `ceramic://*?model=kjzl6${random.text(20)}`,
    () => `https://${random.text(8)}.example/${random.text(6)}?q=${random.text(3)}#${random.text(3)}`,
    () => `ipfs://bafybei${random.text(52)}`,
    () => `urn:x:${random.text(12)}`,
  ])()
const resources = (random) => random.list(random.int(1, 5), () => resource(random))

/** What a site asks for, by the names of `siwe`. */
function wish(random, address) {
  const now = Date.now() - random.int(0, 9) * MINUTE
  return known({
    domain: domain(random),
    address,
    // one that is there and empty is laid out in its own way
    statement: random.pick([() => undefined, () => '', () => statement(random), () => statement(random)])(),
    uri: audience(random),
    version: '1',
    chainId: random.pick(CHAINS),
    nonce: nonce(random),
    issuedAt: new Date(now).toISOString(),
    expirationTime: maybe(random, 0.6, () => new Date(now + 60 * MINUTE).toISOString()),
    notBefore: maybe(random, 0.3, () => new Date(now - MINUTE).toISOString()),
    requestId: maybe(random, 0.3, () => random.text(random.int(1, 12))),
    resources: maybe(random, 0.5, () => resources(random)),
  })
}

/** Another letter or digit at some place where there is one. */
function changed(random, text) {
  const places = [...text.matchAll(/[A-Za-z0-9]/g)].map((found) => found.index)
  const at = random.pick(places)
  const other = random.pick([...LETTERS].filter((letter) => letter !== text[at]))
  return text.slice(0, at) + other + text.slice(at + 1)
}

/** What their packages write as text, and its siblings. */
function texts(name) {
  const producer = TEXTS[name]
  return async ({ cli, random }) => {
    const wallet = new Wallet(random)
    const text = producer.write(wish(random, eip55(wallet.address)))
    const signature = wallet.sign(text)
    const now = Date.now()
    assert.ok(await producer.verifies(text, signature, now), 'it verifies its own text')
    const verdict = cli.verifyText(text, signature)
    assert.ok(verdict.valid, `ours: ${verdict.code} ${verdict.detail}\n${text}`)
    const shown = cli.inspect(text)
    for (const [member, value] of Object.entries(producer.read(text))) {
      assert.deepEqual(shown[member], value, `${member} of\n${text}`)
    }
    for (let index = 0; index < 3; index++) {
      const sibling = changed(random, text)
      assert.ok(!(await producer.verifies(sibling, signature, now)), `it refuses\n${sibling}`)
      assert.ok(!cli.verifyText(sibling, signature).valid, `ours refuses\n${sibling}`)
    }
    const other = new Wallet(random).sign(text)
    assert.ok(!cli.verifyText(text, other).valid, "ours refuses another wallet's signature")
  }
}

/** Layouts that the grammar or CAIP-122 has and these packages read but do not write. */
async function layouts({ cli, random }) {
  const wallet = new Wallet(random)
  const asked = { ...wish(random, eip55(wallet.address)), requestId: undefined, resources: undefined }
  const text = TEXTS.siwe.write(known(asked))
  const now = Date.now()
  const accepts = (laidOut, name) => {
    const signature = wallet.sign(laidOut)
    const verdict = cli.verifyText(laidOut, signature)
    assert.ok(verdict.valid, `ours: ${verdict.code} ${verdict.detail}\n${laidOut}`)
    assert.ok(verdict.dialect.includes(name), `${name} of\n${laidOut}`)
    assert.ok(!cli.verifyText(text, signature).valid, 'the usual layout is another text')
    return signature
  }
  const withId = `${text}\nRequest ID: `
  const signature = accepts(withId, 'bare-request-id')
  assert.equal(TEXTS.siwe.read(withId).request_id, undefined, 'siwe reads an empty request id')
  assert.ok(await TEXTS.viem.verifies(withId, signature, now), 'viem accepts the signature')
  const chain = /\nChain ID: \d+/.exec(text)[0]
  accepts(text.replace(chain, '') + chain, 'caip122-order')
}

/** A list of the site's own, with or without grants. */
function connectorResources(random) {
  return random.pick([() => undefined, () => [], () => resources(random)])()
}

/** Capabilities of wallet connectors, and their siblings. */
async function connectorCapabilities({ cli, random }) {
  const wallet = new Wallet(random)
  const address = random.pick([wallet.address, eip55(wallet.address)])
  const iss = `did:pkh:eip155:${random.pick(CHAINS)}:${address}`
  const now = Date.now() - random.int(0, 9) * MINUTE
  const payload = known({
    domain: domain(random),
    aud: audience(random),
    version: '1',
    nonce: nonce(random),
    iat: new Date(now).toISOString(),
    exp: maybe(random, 0.5, () => new Date(now + 60 * MINUTE).toISOString()),
    nbf: maybe(random, 0.3, () => new Date(now - MINUTE).toISOString()),
    requestId: maybe(random, 0.3, () => random.text(9)),
    statement: random.pick([() => undefined, () => '', () => statement(random)])(),
    resources: connectorResources(random),
    type: random.pick([undefined, 'caip122']),
    chains: ['eip155:1'],
  })
  const text = CONNECTOR.text(payload, iss)
  const cacao = CONNECTOR.capability(payload, { t: 'eip191', s: wallet.sign(text) }, iss)
  assert.ok(await CONNECTOR.verifies(cacao), 'it verifies its own capability')
  const json = JSON.stringify(cacao)
  const verdict = cli.verify(json)
  assert.ok(verdict.valid, `ours: ${verdict.code} ${verdict.detail}\n${json}`)
  const shown = cli.inspect(json)
  assert.equal(shown.domain, payload.domain)
  assert.equal(shown.audience, payload.aud)
  assert.equal(shown.nonce, payload.nonce)

  for (const member of ['domain', 'nonce', 'aud', 'statement', 'resources', 'iss', 's']) {
    const sibling = plain(cacao)
    const { p, s } = sibling
    switch (member) {
      case 'statement':
        p.statement = `${p.statement ?? ''}x`
        break
      case 'resources':
        p.resources = [...(p.resources ?? []), 'https://more.example']
        break
      case 'iss':
        p.iss = iss.replace(/:0x.*/, `:${new Wallet(random).address}`)
        break
      case 's':
        s.s = wallet.sign(`${text} `)
        break
      default:
        p[member] = changed(random, p[member])
    }
    const label = `${member} changed: ${JSON.stringify(sibling)}`
    assert.ok(!(await CONNECTOR.verifies(sibling)), `it refuses ${label}`)
    assert.ok(!cli.verify(JSON.stringify(sibling)).valid, `ours refuses ${label}`)
  }
}

/** What we write, in everybody's verifier. */
async function oursEverywhere({ cli, random }) {
  const wallet = new Wallet(random)
  const chain = random.pick(CHAINS)
  cli.login(wallet, {
    chain,
    resources: resources(random),
    domain: domain(random),
    statement: random.chance(0.6) ? statement(random) : undefined,
    expiresIn: random.pick(['90m', '7d']),
  })
  const account = `eip155:${chain}:${wallet.address}`
  const { cacao } = JSON.parse(Buffer.from(cli.export(account), 'base64url').toString())
  cli.logout(account)
  const text = cli.inspect(JSON.stringify(cacao)).message
  const signature = cacao.s.s
  const now = Date.now()
  const sibling = changed(random, text)
  for (const [name, producer] of Object.entries(TEXTS)) {
    assert.ok(await producer.verifies(text, signature, now), `${name} accepts\n${text}`)
    assert.ok(!(await producer.verifies(sibling, signature, now)), `${name} refuses\n${sibling}`)
    const said = producer.read(text)
    assert.equal(said.audience, cacao.p.aud, `${name}: audience`)
    assert.deepEqual(said.resources, cacao.p.resources, `${name}: resources`)
    assert.equal(said.statement, cacao.p.statement, `${name}: statement`)
  }
  assert.ok(cli.verifyText(text, signature).valid, 'ours accepts the text alone')
  assert.ok(!cli.verifyText(sibling, signature).valid, 'ours refuses its sibling')
  // a wallet connector lays the same payload out in its own way: it is one of the ways that we know
  const { p } = cacao
  const theirs = { ...plain(cacao), s: { t: 'eip191', s: wallet.sign(CONNECTOR.text(p, p.iss)) } }
  assert.ok(await CONNECTOR.verifies(theirs), 'a wallet connector accepts its own layout')
  assert.ok(cli.verify(JSON.stringify(theirs)).valid, 'ours accepts the layout of a wallet connector')
  theirs.p.nonce = changed(random, theirs.p.nonce)
  assert.ok(!(await CONNECTOR.verifies(theirs)), 'a wallet connector refuses its sibling')
  assert.ok(!cli.verify(JSON.stringify(theirs)).valid, 'ours refuses its sibling')
}

/** Texts with a ReCap, and texts whose statement says less or something else. */
async function recaps({ cli, random }) {
  const wallet = new Wallet(random)
  const recap = new Recap()
  const target = () => random.pick([`https://${random.text(6)}.example`, `urn:x:${random.text(6)}`])
  for (let index = random.int(1, 5); index > 0; index--) {
    recap.addAttenuation(target(), random.pick(['crud', 'kv', 'msg']), random.pick(['read', 'write', 'put', 'x']))
  }
  const asked = wish(random, eip55(wallet.address))
  // the words of the grants stand behind a statement of the page's own, or alone
  if (asked.statement === '') delete asked.statement
  // a page that keeps resources of its own writes them before the grants
  const message = recap.add_to_siwe_message(new SiweMessage(asked))
  const text = message.prepareMessage()
  Recap.extract_and_verify(new SiweMessage(text))
  const verdict = cli.verifyText(text, wallet.sign(text))
  assert.ok(verdict.valid, `ours: ${verdict.code} ${verdict.detail}\n${text}`)

  // signed by the wallet, yet the person read something else than what is granted
  for (const [from, to] of [
    [/ \(1\) /, ' (2) '],
    [/I further authorize.*\n/, 'I agree.\n'],
    [/'(read|write|put|x)'/, "'nothing'"],
  ]) {
    const sibling = text.replace(from, to)
    assert.notEqual(sibling, text)
    assert.throws(() => Recap.extract_and_verify(new SiweMessage(sibling)), 'the package refuses')
    assert.ok(!cli.verifyText(sibling, wallet.sign(sibling)).valid, `ours refuses\n${sibling}`)
  }
}

/** So many cases of one form. */
const cases = (work) =>
  function* (context) {
    for (let index = 0; index < context.cases; index++) yield [`case ${index}`, () => work(context)]
  }

export const CHECKS = {
  'texts of siwe': cases(texts('siwe')),
  'texts of viem': cases(texts('viem')),
  'texts of ox': cases(texts('ox')),
  'layouts of the grammar': cases(layouts),
  'capabilities of wallet connectors': cases(connectorCapabilities),
  'texts of siwe-recap': cases(recaps),
  'our capabilities everywhere': cases(oursEverywhere),
}
