// A capability is read from its block where it is spelled as usual, and from its JSON where not: both
// must say the same of every one.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { before, test } from 'node:test'
import '../dist/load-node.js'
import { readable } from '../dist/capability.js'
import { all } from '../dist/load.js'
import * as wasm from '../dist/did_session_web.js'

/** A point of P-256, as WebCrypto exports it. */
const RAW = Buffer.from(
  '046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296' +
    '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
  'hex'
)
const SLOT = 'eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44'

const told = (read) => {
  try {
    const candidate = read()
    const { json, kind, needsAll, identity, tag } = candidate
    const rank = candidate.rank(SLOT)
    candidate.free()
    return { json, kind, needsAll, identity, tag, rank }
  } catch (error) {
    return { code: error.code, message: error.message }
  }
}

const readings = (value) => {
  let capability
  try {
    capability = readable(value)
  } catch {
    // neither is asked
    return { both: {}, byJson: {} }
  }
  const { text, tell } = capability
  return {
    both: told(() => new wasm.Candidate(text, tell(), RAW, false)),
    byJson: told(() => new wasm.Candidate(text, new wasm.IpldWriter(), RAW, false)),
  }
}

/** The capabilities of a file of vectors that JavaScript has as objects. */
const vectors = async (name) => {
  const file = new URL(`../../cacao/tests/vectors/${name}.json`, import.meta.url)
  const { cases } = JSON.parse(await readFile(file, 'utf8'))
  const found = cases.map(({ cacao, capability, input }) => {
    if (input?.kind !== 'cacao-json') return cacao ?? capability
    try {
      return JSON.parse(input.data)
    } catch {
      return undefined
    }
  })
  return found.filter((value) => typeof value === 'object' && value !== null)
}

const STRANGE = [
  null, undefined, true, 0, -0, 1, 255, 256, -1, 1.5, NaN, 2 ** 53, 2 ** 60, '', '1', 'é', '\u{1f600}', '\n',
  [], [1], ['a'], [1, 'a'], [256], [-1], [1.5], {}, { a: 1 }, { '/': 'x' }, { '/': { bytes: 'Bwg' } },
  { type: 'Buffer', data: [7, 8] }, { 0: 7, 1: 8 }, new Uint8Array([7, 8]), new Uint8Array(0),
  'x'.repeat(300), Array.from({ length: 300 }, () => 1), Array.from({ length: 40 }, () => 'a:b'),
]

/** Every object in a value, with itself. */
const objects = (value) =>
  typeof value !== 'object' || value === null || value instanceof Uint8Array
    ? []
    : [value, ...Object.values(value).flatMap(objects)]

/** The value with one thing changed, for each thing that can be. */
const changed = function* (value) {
  const count = objects(value).length
  for (let place = 0; place < count; place += 1) {
    const names = Object.keys(objects(value)[place])
    for (const name of [...names, 'x', 'nbf', 'requestId', 'm', 'aad', '/']) {
      for (const strange of STRANGE) {
        const copy = structuredClone(value)
        objects(copy)[place][name] = strange
        yield copy
      }
      const without = structuredClone(value)
      delete objects(without)[place][name]
      yield without
      const renamed = structuredClone(value)
      const where = objects(renamed)[place]
      where[`${name}x`] = where[name]
      delete where[name]
      yield renamed
    }
  }
}

before(all)

test('the vectors, and what they are with one thing changed', async () => {
  const values = []
  for (const name of ['cacaos', 'wild', 'browser', 'look-alikes']) values.push(...(await vectors(name)))
  assert.ok(values.length > 100, `${values.length} vectors`)
  const count = { accepted: 0, refused: 0 }
  const compare = (value) => {
    const { both, byJson } = readings(value)
    assert.deepEqual(both, byJson, JSON.stringify(value))
    count[both.code === undefined ? 'accepted' : 'refused'] += 1
  }
  for (const value of values) compare(value)
  // one of each shape is changed in every place
  const shapes = new Map(values.map((value) => [objects(value).map((one) => Object.keys(one).join()).join(), value]))
  const some = [...shapes.values()].slice(0, 24)
  for (const value of some) for (const copy of changed(value)) compare(copy)
  assert.ok(count.accepted > 1000 && count.refused > 10_000, JSON.stringify(count))
})

test('bytes have no say in how they are written', () => {
  const bytes = Object.assign(new Uint8Array([1, 2, 3]), {
    toJSON: () => {
      throw new Error('asked')
    },
  })
  const { text } = readable({ h: { t: 'caip122' }, p: {}, s: { t: 'x', s: bytes } })
  assert.equal(JSON.parse(text).s.s['/'].bytes, 'AQID')
})

test('what is spelled as usual is read without the last part', async () => {
  const { execFile } = await import('node:child_process')
  const [usual] = (await vectors('cacaos')).filter(({ s }) => s?.t === 'eip191')
  const program = `
    import '${new URL('../dist/load-node.js', import.meta.url)}'
    import { readable } from '${new URL('../dist/capability.js', import.meta.url)}'
    import { isThere, part } from '${new URL('../dist/load.js', import.meta.url)}'
    import * as wasm from '${new URL('../dist/did_session_web.js', import.meta.url)}'
    await part('machine')
    const { text, tell } = readable(${JSON.stringify(usual)})
    const candidate = new wasm.Candidate(text, tell(), Buffer.from('${RAW.toString('hex')}', 'hex'), false)
    console.log(candidate.kind, isThere('rest'))
  `
  const said = await new Promise((resolve, reject) =>
    execFile(process.execPath, ['--input-type=module', '-e', program], (error, out) =>
      error ? reject(error) : resolve(out.trim())
    )
  )
  assert.equal(said, 'eip191 false')
})
