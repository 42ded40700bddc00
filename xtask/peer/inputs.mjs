// Random inputs of a session, over the whole range that both sides must agree on.

const DAY = 24 * 60 * 60

export const CHAINS = [1, 5, 10, 56, 100, 137, 8453, 42161, 11155111]

export function resource(random) {
  return random.pick([
    () => 'ceramic://*',
    () => `ceramic://*?model=kjzl6${random.text(55)}`,
    () => `ceramic://k2t6${random.text(58)}`,
    () => `https://${random.text(8)}.example/${random.text(6)}?q=${random.text(3)}#${random.text(3)}`,
    () => `ipfs://bafybei${random.text(52)}`,
    () => `urn:x:${random.text(12)}`,
    () => `did:3:kjzl6cwe1jw${random.text(40)}`,
  ])()
}

export function resources(random) {
  const length = random.pick([1, 1, 2, 3, 5, 12])
  return [...new Set(random.list(length, () => resource(random)))]
}

export function domain(random) {
  return random.pick([
    () => `${random.text(9)}.example`,
    () => `${random.text(5)}.example:${random.int(1, 65536)}`,
    () => 'localhost',
    () => `My ${random.text(5)} app`,
    () => `https://${random.text(6)}.example`,
    () => '[2001:db8::1]:8080',
  ])()
}

/** Printable ASCII without line breaks; empty ones are left to the cases made by hand. */
export function statement(random) {
  const letters = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at))
  const text = random.text(random.int(1, 120), letters).trim()
  return text.length > 0 ? text : 'I agree.'
}

/** What our side asks for: the letters that the grammar of EIP-4361 has. */
export function plainStatement(random) {
  const letters = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -._~:/?#[]@!$&'()*+,;="]
  const text = random.text(random.int(1, 120), letters).trim()
  return text.length > 0 ? text : 'I agree.'
}

export function seconds(random) {
  return random.pick([600, 3600, DAY, 7 * DAY, 30 * DAY, random.int(600, 90 * DAY)])
}

/** Seconds that outlast the run, for what is judged by the clock of the system. */
export const longLife = (random) => DAY + seconds(random)

/** A JSON object as an application might sign it. */
export function jsonObject(random, depth = 0) {
  const entries = random.list(random.int(depth === 0 ? 1 : 0, 7), () => [key(random), json(random, depth + 1)])
  return Object.fromEntries(entries)
}

function key(random) {
  return random.pick([
    () => random.text(random.int(1, 10)),
    () => String(random.int(0, 1000)),
    () => random.pick(['', 'é', '\u{1f511}', '\ufb33', 'a b', '"', '\\', '__x', '10', '9', '-1', '01']),
  ])()
}

function json(random, depth) {
  const leaf = [
    () => random.int(-1000, 1000),
    () => random.int(0, 2 ** 48) / random.pick([1, 3, 1e9, 1e-9]),
    () => random.pick([0.1, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, 9007199254740991, 123456.789]),
    () => random.chance(0.5),
    () => null,
    () => random.text(random.int(0, 20)),
    () => random.pick(['zwölf', '\u2028', '\u0000\u001f', '\u{1f600}', 'a"b\\c/d', '\u007f']),
  ]
  const inner = [
    () => random.list(random.int(0, 5), () => json(random, depth + 1)),
    () => jsonObject(random, depth + 1),
  ]
  return random.pick(depth < 4 ? [...leaf, ...inner] : leaf)()
}

/** An IPLD value: JSON without fractions that turn whole on the way, with bytes and links. */
export function ipld(random, link, depth = 0) {
  const leaf = [
    () => random.int(-(2 ** 40), 2 ** 40),
    () => random.int(0, 2 ** 30) + 0.5,
    () => random.chance(0.5),
    () => null,
    () => random.text(random.int(0, 20)),
    () => random.pick(['zwölf', '\u{1f600}', 'a"b']),
    () => new Uint8Array(random.bytes(random.int(0, 40))),
    () => link(random.bytes(32)),
  ]
  const map = () =>
    Object.fromEntries(
      random.list(random.int(1, 6), () => [random.text(random.int(1, 9)), ipld(random, link, depth + 1)]),
    )
  if (depth === 0) return map()
  const inner = [() => random.list(random.int(0, 5), () => ipld(random, link, depth + 1)), map]
  return random.pick(depth < 4 ? [...leaf, ...inner] : leaf)()
}
