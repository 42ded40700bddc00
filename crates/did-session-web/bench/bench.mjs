// `node bench.mjs PAIRS`: calls of ours and of the peer in one page, measured in turns; prints one
// JSON document with a row for each call.

import { launch } from '../tests/support/browser.mjs'
import { summary } from './pairs.mjs'

const pairs = Number(process.argv[2] ?? 40)

/** Runs in the page: samples `[row, aim, [ours, …], [peer, …]]` in microseconds of one call. */
const measure = async (pairs) => {
  const BATCH_MS = 25
  const wallet = makeWallet()
  const method = await ourMethod(wallet)
  const peers = await peerMethod(wallet)
  const account = new peer.AccountId(wallet.account)
  const options = { resources }
  const text = async () => {
    const session = await peer.DIDSession.authorize(peers, { resources })
    return session.serialize()
  }
  const stored = await ours.DIDSession.get(wallet.account, method, options)
  const theirs = await peer.DIDSession.get(account, peers, options)
  if (stored.did.id !== theirs.did.id) throw new Error('not the same session')
  const string = await text()
  const restored = await ours.DIDSession.fromSession(string)
  const peerRestored = await peer.DIDSession.fromSession(string)
  const payload = { hello: 'world', list: [1, 2, 3] }
  const jws = await restored.did.createJWS(payload)
  const judge = new peer.DID({ resolver: peer.KeyResolver.getResolver() })
  const expected = { issuer: restored.id, capability: restored.cacao }
  const prompts = wallet.prompts

  const calls = [
    [
      'get, found in the store',
      1,
      () => ours.DIDSession.get(wallet.account, method, options),
      () => peer.DIDSession.get(account, peers, options),
    ],
    [
      'hasSessionFor',
      1.1,
      () => ours.DIDSession.hasSessionFor(wallet.account, resources),
      () => peer.DIDSession.hasSessionFor(account, resources),
    ],
    [
      'fromSession, signature known',
      1,
      () => ours.DIDSession.fromSession(string),
      () => peer.DIDSession.fromSession(string),
    ],
    [
      'createJWS, key of a string',
      1,
      () => restored.did.createJWS(payload),
      () => peerRestored.did.createJWS(payload),
    ],
    [
      'createJWS, key of the store',
      1,
      () => stored.did.createJWS(payload),
      () => theirs.did.createJWS(payload),
    ],
    [
      'verifyJWS with capability',
      1 / 3,
      () => restored.did.verifyJWS(jws, expected),
      () => judge.verifyJWS(jws, expected),
    ],
  ]

  const timed = async (call, count) => {
    const start = performance.now()
    for (let i = 0; i < count; i += 1) await call()
    return ((performance.now() - start) * 1000) / count
  }

  /** How many calls fill a batch, so that the clock's coarseness does not matter. */
  const fill = async (call) => {
    await timed(call, 3)
    const once = await timed(call, 5)
    return Math.max(1, Math.ceil((BATCH_MS * 1000) / once))
  }

  /** Calls that must not find the signature among those already checked. */
  const fresh = async () => {
    const strings = []
    for (let i = 0; i < pairs + 1; i += 1) strings.push(await text())
    const samples = [[], []]
    for (const string of strings) {
      samples[0].push(await timed(() => ours.DIDSession.fromSession(string), 1))
      samples[1].push(await timed(() => peer.DIDSession.fromSession(string), 1))
    }
    return samples.map((all) => all.slice(1))
  }

  const rows = []
  for (const [row, aim, mine, other] of calls) {
    const [mineCount, otherCount] = [await fill(mine), await fill(other)]
    const samples = [[], []]
    for (let pair = 0; pair < pairs; pair += 1) {
      const turns = [
        async () => samples[0].push(await timed(mine, mineCount)),
        async () => samples[1].push(await timed(other, otherCount)),
      ]
      // whoever goes first may pay for the other's rubbish
      if (pair % 2 === 1) turns.reverse()
      for (const turn of turns) await turn()
    }
    rows.push([row, aim, ...samples])
  }
  if (wallet.prompts !== prompts) throw new Error('the wallet was asked while measuring')
  rows.push(['fromSession, verified the first time', 1 / 3, ...(await fresh())])
  return rows
}

const world = await launch()
try {
  await world.inPage(async (page) => {
    page.setDefaultTimeout(600_000)
    const rows = await page.evaluate(measure, pairs)
    const shown = rows.map((given) => {
      const { row, aim, ours, peer, ratio, low, high } = summary(...given)
      return {
        call: row,
        'ours, µs': Math.round(ours),
        'peer, µs': Math.round(peer),
        'ours ÷ peer': ratio.toFixed(2),
        '95 %': `${low.toFixed(2)} to ${high.toFixed(2)}`,
        aim: aim.toFixed(2),
        // the lower end of the interval meets it
        met: low <= aim,
      }
    })
    console.table(shown)
    console.log(`${shown.filter(({ met }) => met).length} of ${shown.length} aims met`)
  })
} finally {
  await world.close()
}
