// The demo: one page, one account, the whole life of a session.

import { DIDSession, EthereumWebAuth, getAccountId } from '../dist/index.js'
import { CODE, preview, readKey, shown } from './steps.js'
import { toyWallet } from './toy.js'

const RESOURCES = ['ceramic://*?model=notes', 'ceramic://*?model=profile']
const REMEMBERED = 'did-session-demo'

const $ = (id) => document.getElementById(id)

let session
let account
let toy = false
let hasEnded = false

// Which account was here last; the session itself lies in IndexedDB, its key out of reach.
const remembered = () => {
  try {
    return JSON.parse(localStorage.getItem(REMEMBERED)) ?? undefined
  } catch {
    return undefined
  }
}

const say = (text) => ($('status').textContent = text)

const show = (id, visible) => ($(id).hidden = !visible)

const list = (id, texts) =>
  $(id).replaceChildren(
    ...texts.map((text) => Object.assign(document.createElement('li'), { textContent: text }))
  )

/** How many characters of a DID are seen: of its beginning, and of its end. */
const seen = (did) => [did.startsWith('did:key:') ? 16 : did.length - 36, 4]

/** The text, whose middle is heard and copied, and not seen. */
const shorten = (id, text) => {
  const part = (className, textContent) =>
    Object.assign(document.createElement('span'), { className, textContent })
  const [head, tail] = seen(text)
  $(id).replaceChildren(
    part('head', text.slice(0, head)),
    part('middle', text.slice(head, -tail)),
    part('tail', text.slice(-tail))
  )
  $(id).title = text
}

/** Copies; the button says so for a moment, and so does a live region. */
const copier = (button, what, textOf) => {
  const [label] = button.childNodes
  const usual = label.textContent
  let timer
  button.addEventListener('click', async () => {
    let told = `Copied ${what}.`
    try {
      await navigator.clipboard.writeText(textOf())
      label.textContent = 'Copied'
    } catch {
      told = `The browser did not let this page copy ${what}.`
      label.textContent = 'Not copied'
    }
    $('copied').textContent = told
    clearTimeout(timer)
    timer = setTimeout(() => {
      label.textContent = usual
      $('copied').textContent = ''
    }, 2000)
  })
}

const WORDS = {
  declined: 'You declined in the wallet. Nothing was stored.',
  signature_mismatch: 'The wallet signed with another account.',
  not_loaded: 'A part of this page could not be loaded. Is the network there?',
}

const VERDICTS = {
  invalid_signature: 'Not valid: the message is not what the key signed.',
  expired: 'Not valid any more: the session has expired.',
  malformed: 'Not valid: it is not a signed message any more.',
}

const complain = (error) => {
  $('error').textContent = WORDS[error?.code] ?? String(error?.message ?? error)
  show('error', true)
}

const left = (seconds) => {
  const two = (number) => String(number).padStart(2, '0')
  const whole = Math.max(0, Math.floor(seconds))
  const days = Math.floor(whole / 86_400)
  const clock = [(whole / 3600) % 24, (whole / 60) % 60, whole % 60].map((n) => two(Math.floor(n)))
  return `${days} ${days === 1 ? 'day' : 'days'} ${clock.join(':')}`
}

const tick = () => {
  if (session === undefined) return
  const { isExpired } = session
  $('countdown').textContent = isExpired ? 'none' : left(session.expireInSecs)
  $('badge').textContent = isExpired ? 'expired' : 'active'
  $('badge').classList.toggle('expired', isExpired)
  if (isExpired && !hasEnded) say('The session has expired. Renew it, or log out.')
  hasEnded = isExpired
  $('sign').disabled = isExpired
  show('sign-hint', isExpired)
  // then it is what is to be done next
  $('renew').classList.toggle('quiet', !isExpired)
}

const showConnect = () => {
  const injected = globalThis.ethereum !== undefined
  for (const id of ['injected-note', 'connect-injected']) show(id, injected)
  for (const id of ['toy-note', 'connect-toy']) show(id, !injected)
  if (session === undefined) $('preview').textContent = preview(location.hostname, RESOURCES)
  show('connect', session === undefined)
}

const clear = (id) => Object.assign($(id), { textContent: '', className: '' })

const judge = (id, isGood, text) =>
  Object.assign($(id), { textContent: text, className: isGood ? 'good' : 'bad' })

const render = () => {
  const inside = session !== undefined
  showConnect()
  for (const id of ['session', 'secret', 'signing']) show(id, inside)
  show('verify-form', false)
  $('jws').value = ''
  clear('verdict')
  clear('key-verdict')
  if (!inside) return
  show('toy-session', toy)
  shorten('account', session.id)
  shorten('key', session.did.id)
  const { exp } = session.cacao.p
  $('expires').dateTime = exp
  $('expires').textContent = new Date(exp).toLocaleString()
  list('resources', session.authorizations)
  $('renew-preview').textContent = preview(location.hostname, RESOURCES, session.id)
  tick()
}

/** Runs what a button does: once at a time, and what goes wrong is shown. */
const act = (button, work) => async (event) => {
  event.preventDefault()
  // not `disabled`, which would take the focus away
  if (button.getAttribute('aria-busy') === 'true') return
  button.setAttribute('aria-busy', 'true')
  show('error', false)
  try {
    await work()
  } catch (error) {
    complain(error)
  } finally {
    button.removeAttribute('aria-busy')
  }
}

/** The wallet; what it is asked to sign stands on the page before. */
const walletOf = async (isToy) =>
  shown(isToy ? await toyWallet() : globalThis.ethereum, (text) => {
    for (const id of ['preview', 'renew-preview']) $(id).textContent = text
  })

const renew = async () => {
  const before = session.did.id
  say(toy ? 'Renewing…' : 'Look at your wallet: it asks you to sign in again.')
  try {
    const method = await EthereumWebAuth.getAuthMethod(await walletOf(toy), account)
    const options = { resources: RESOURCES, renewBeforeSecs: 365 * 86_400 }
    session = await DIDSession.renew(account, method, options)
  } catch (error) {
    say('The session was not renewed.')
    throw error
  }
  const isNew = session.did.id !== before
  if (isNew) render()
  say(isNew ? 'Renewed: a new key, and a new week.' : 'Not renewed: the session stays as it is.')
}

const tryToReadKey = async () => {
  const refusal = await readKey(account)
  if (refusal === undefined) {
    judge('key-verdict', false, 'The browser gave the key away. This must not happen.')
    return say('The key was read.')
  }
  const why = 'The browser refused: the key was made so that it cannot be exported'
  judge('key-verdict', true, `${why} (${refusal.name}). It can sign, and nothing else.`)
  return say('The key was not read.')
}

const connect = (isToy) => async () => {
  say(isToy ? 'Signing in…' : 'Look at your wallet: it asks you to sign in.')
  try {
    const provider = await walletOf(isToy)
    const [address] = await provider.request({ method: 'eth_requestAccounts' })
    account = await getAccountId(provider, address)
    const method = await EthereumWebAuth.getAuthMethod(provider, account)
    session = await DIDSession.get(account, method, { resources: RESOURCES })
    toy = isToy
    localStorage.setItem(REMEMBERED, JSON.stringify({ account, toy }))
  } catch (error) {
    say('Not connected.')
    showConnect()
    throw error?.code === 4001 ? Object.assign(new Error(), { code: 'declined' }) : error
  }
  render()
  say('Connected.')
  $('session-title').focus()
}

// Finds the stored session. Whatever happens, nobody is asked.
const resume = async () => {
  const last = remembered()
  if (last === undefined) return false
  if (!(await DIDSession.hasSessionFor(last.account, RESOURCES))) return false
  const nobody = () => {
    throw new Error('the session went away meanwhile')
  }
  session = await DIDSession.get(last.account, nobody, { resources: RESOURCES })
  account = last.account
  toy = last.toy === true
  return true
}

const leave = (why) => {
  session = undefined
  localStorage.removeItem(REMEMBERED)
  render()
  say(why)
}

const logOut = async () => {
  await DIDSession.remove(session.id)
  leave('Logged out. The session and its key are gone.')
  $(globalThis.ethereum === undefined ? 'connect-toy' : 'connect-injected').focus()
}

const sign = async () => {
  const jws = await session.did.createJWS({ message: $('message').value })
  $('jws').value = JSON.stringify(jws, null, 2)
  clear('verdict')
  show('verify-form', true)
  say('Signed, and no wallet was asked.')
}

const verify = async () => {
  try {
    const jws = JSON.parse($('jws').value)
    const { id: issuer, cacao: capability } = session
    const { payload } = await session.did.verifyJWS(jws, {
      issuer,
      capability,
      domain: location.hostname,
    })
    const [head, tail] = seen(issuer)
    const who = `${issuer.slice(0, head)}…${issuer.slice(-tail)}`
    judge('verdict', true, `Valid: “${payload.message}”, signed on behalf of ${who}.`)
    say('Checked: the message is as it was signed.')
  } catch (error) {
    const code = error instanceof SyntaxError ? 'malformed' : error.code
    judge('verdict', false, VERDICTS[code] ?? `Not valid: ${error.message}`)
    say(code === 'expired' ? 'Checked: the session has expired.' : 'Checked: the message is not valid.')
  }
}

$('connect-injected').addEventListener('click', act($('connect-injected'), connect(false)))
$('connect-toy').addEventListener('click', act($('connect-toy'), connect(true)))
$('renew').addEventListener('click', act($('renew'), renew))
$('read-key').addEventListener('click', act($('read-key'), tryToReadKey))
$('logout').addEventListener('click', act($('logout'), logOut))
$('sign-form').addEventListener('submit', act($('sign'), sign))
$('verify-form').addEventListener('submit', act($('verify'), verify))
// some wallets come after the page
globalThis.addEventListener('ethereum#initialized', showConnect)
setInterval(tick, 1000)
// a verdict is of the text that was judged
$('jws').addEventListener('input', () => clear('verdict'))
for (const button of document.querySelectorAll('[data-copy]')) {
  const { copy } = button.dataset
  copier(button, copy === 'key' ? 'the session key' : 'the account', () => $(copy).textContent)
}
for (const figure of document.querySelectorAll('[data-code]')) {
  const { code: name, title } = figure.dataset
  const pre = document.createElement('pre')
  pre.append(Object.assign(document.createElement('code'), { textContent: CODE[name] }))
  const caption = Object.assign(document.createElement('figcaption'), { textContent: `Code: ${title}` })
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'copy' })
  const unseen = Object.assign(document.createElement('span'), { className: 'unseen' })
  unseen.textContent = ` the code: ${title}`
  button.append('Copy', unseen)
  copier(button, `the code: ${title}`, () => CODE[name])
  figure.append(caption, button, pre)
}

try {
  const found = await resume()
  render()
  say(found ? 'Welcome back: your session was found, and nobody was asked.' : 'Not connected.')
  await DIDSession.onChange(({ id, change }) => {
    if (change === 'removed' && id === session?.id) leave('Logged out in another tab.')
  })
} catch (error) {
  render()
  say('Not connected.')
  complain(error)
}
document.documentElement.dataset.ready = 'true'
