// Our command line: the only file that knows its arguments and the shape of what it prints.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, extname, join } from 'node:path'

/** Exit codes: yes, no, unusable input, store. */
export const YES = 0
export const NO = 1

export class Cli {
  #binary
  #folder
  #files = 0

  constructor(binary) {
    this.#binary = binary
    this.#folder = mkdtempSync(join(tmpdir(), 'did-session-peer-'))
    this.store = join(this.#folder, 'store')
  }

  close() {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** A private file with this content. */
  file(content) {
    const path = join(this.#folder, `file-${this.#files++}`)
    writeFileSync(path, content, { mode: 0o600 })
    return path
  }

  /** Runs one command; what it printed and how it ended. */
  run(args, input = '') {
    return this.#run(this.#binary, args, input)
  }

  #run(program, args, input) {
    const ended = spawnSync(program, args, {
      input,
      encoding: 'utf8',
      env: { ...process.env, DID_SESSION_STORE: this.store, RUST_BACKTRACE: '0' },
      timeout: 60_000,
    })
    if (ended.error) throw ended.error
    const { status: code, stdout, stderr } = ended
    if (code === null || code > 3 || stderr.includes('panicked')) {
      throw new Error(`\`${args[0]}\` ended with ${code ?? ended.signal}: ${stderr}`)
    }
    return { code, stdout, stderr }
  }

  /** Runs a command that must say yes. */
  must(args, input) {
    return this.#must(this.#binary, args, input)
  }

  #must(program, args, input) {
    const ended = this.#run(program, args, input)
    if (ended.code !== YES) {
      throw new Error(`\`${args.join(' ')}\` ended with ${ended.code}: ${ended.stderr.trim()}`)
    }
    return ended.stdout
  }

  login(wallet, wish) {
    return this.loginWith(wallet.secretHex, { ...wish, chain: `eip155:${wish.chain}` })
  }

  /** `login` with the key of a wallet as its chain writes it, on a chain of CAIP-2. */
  loginWith(key, { chain, resources, domain, statement, expiresIn, recap }) {
    const args = ['login', '--wallet', this.file(`${key}\n`), '--chain', chain]
    for (const resource of resources) args.push('--resource', resource)
    args.push('--domain', domain, '--expires-in', expiresIn)
    // it may begin with a hyphen
    if (statement !== undefined) args.push(`--statement=${statement}`)
    if (recap !== undefined) args.push('--recap', this.file(recap))
    return this.must([...args, '--json'])
  }

  /** A session of a passkey that lies in software: the example `passkey` of the command line. */
  passkeySession(secretHex, { resources, domain, expiresIn }) {
    const program = join(dirname(this.#binary), 'examples', `passkey${extname(this.#binary)}`)
    const args = [this.file(`${secretHex}\n`), domain, expiresIn, ...resources]
    return this.#must(program, args).replace(/\n$/, '')
  }

  export(issuer) {
    return this.must(['export', issuer]).replace(/\n$/, '')
  }

  import(session) {
    return this.run(['import', '-'], session)
  }

  logout(issuer) {
    return this.must(['logout', issuer])
  }

  /** Whether a stored session covers these resources now. */
  isAuthorized(issuer, resources) {
    const args = ['status', issuer]
    for (const resource of resources) args.push('--resource', resource)
    const { code, stderr } = this.run(args)
    if (code > NO) throw new Error(`status ended with ${code}: ${stderr.trim()}`)
    return code === YES
  }

  /** A JWS over a JSON object, or the refusal. */
  sign(issuer, object) {
    const { code, stdout, stderr } = this.run(['sign', issuer, '-', '--general'], JSON.stringify(object))
    return code === YES ? { jws: JSON.parse(stdout) } : { code, error: stderr.trim() }
  }

  /** A DagJWS over a value in DAG-JSON, with its blocks. */
  signDag(issuer, dagJson) {
    const made = JSON.parse(this.must(['sign', issuer, '-', '--dag'], dagJson))
    return { jws: made.jws, linkedBlock: bytes(made.linkedBlock), cacaoBlock: bytes(made.cacaoBlock) }
  }

  /** `{valid, code, …}` for a session string, a capability in DAG-JSON, or a JWS. */
  verify(input, { at, issuer, capability } = {}) {
    const args = ['verify', '-', '--json']
    if (at !== undefined) args.push('--at', new Date(at).toISOString())
    if (issuer !== undefined) args.push('--issuer', issuer)
    if (capability !== undefined) args.push('--capability', this.file(capability))
    return JSON.parse(this.run(args, input).stdout)
  }

  /** The same for a sign-in text and its signature. */
  verifyText(text, signature) {
    return JSON.parse(this.run(['verify', '-', '--signature', signature, '--json'], text).stdout)
  }

  inspect(input) {
    return JSON.parse(this.must(['inspect', '-', '--json'], input))
  }

  /** The document of a did:key as the peer writes it, or the refusal. */
  resolve(did) {
    const { code, stdout, stderr } = this.run(['did', 'resolve', did, '--profile', 'peer', '--json'])
    return code === YES ? { document: JSON.parse(stdout) } : { code, error: stderr.trim() }
  }
}

/** Bytes as unpadded base64url. */
function bytes(text) {
  if (typeof text !== 'string' || !/^[\w-]*$/.test(text)) throw new Error(`no bytes: ${JSON.stringify(text)}`)
  return Buffer.from(text, 'base64url')
}
