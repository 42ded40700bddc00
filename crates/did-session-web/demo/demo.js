// The demo: one page, one account, the whole life of a session.

import { DIDSession, EthereumWebAuth, getAccountId } from '../dist/index.js'
import { toyWallet } from './toy.js'

const RESOURCES = ['ceramic://*?model=notes', 'ceramic://*?model=profile']
const REMEMBERED = 'did-session-demo'

const $ = (id) => document.getElementById(id)

let session
let toy = false

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

const WORDS = {
  declined: 'You declined in the wallet. Nothing was stored.',
  signature_mismatch: 'The wallet signed with another account.',
  not_loaded: 'A part of this page could not be loaded. Is the network there?',
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
  if (isExpired && !$('sign').disabled) {
    say('The session has expired. Log out, then connect again.')
  }
  $('sign').disabled = isExpired
}

const showConnect = () => {
  const injected = globalThis.ethereum !== undefined
  for (const id of ['injected-note', 'connect-injected']) show(id, injected)
  for (const id of ['toy-note', 'connect-toy']) show(id, !injected)
  list('wanted', RESOURCES)
  show('connect', session === undefined)
}

const render = () => {
  const inside = session !== undefined
  showConnect()
  for (const id of ['session', 'signing']) show(id, inside)
  show('verify-form', false)
  $('jws').value = ''
  $('verdict').textContent = ''
  if (!inside) return
  show('toy-session', toy)
  $('account').textContent = session.id
  $('key').textContent = session.did.id
  const { exp } = session.cacao.p
  $('expires').dateTime = exp
  $('expires').textContent = new Date(exp).toLocaleString()
  list('resources', session.authorizations)
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

const connect = (isToy) => async () => {
  say(isToy ? 'Signing in…' : 'Look at your wallet: it asks you to sign in.')
  try {
    const provider = isToy ? await toyWallet() : globalThis.ethereum
    const [address] = await provider.request({ method: 'eth_requestAccounts' })
    const account = await getAccountId(provider, address)
    const method = await EthereumWebAuth.getAuthMethod(provider, account)
    session = await DIDSession.get(account, method, { resources: RESOURCES })
    toy = isToy
    localStorage.setItem(REMEMBERED, JSON.stringify({ account, toy }))
  } catch (error) {
    say('Not connected.')
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
  $('verdict').textContent = ''
  $('verdict').className = ''
  show('verify-form', true)
  say('Signed, and no wallet was asked.')
}

const verify = async () => {
  const verdict = $('verdict')
  try {
    const jws = JSON.parse($('jws').value)
    const { id: issuer, cacao: capability } = session
    const { payload } = await session.did.verifyJWS(jws, { issuer, capability })
    verdict.className = 'good'
    verdict.textContent = `Valid: “${payload.message}”, signed on behalf of ${issuer}.`
  } catch (error) {
    verdict.className = 'bad'
    verdict.textContent = `Not valid: ${error.message}`
  }
}

$('connect-injected').addEventListener('click', act($('connect-injected'), connect(false)))
$('connect-toy').addEventListener('click', act($('connect-toy'), connect(true)))
$('logout').addEventListener('click', act($('logout'), logOut))
$('sign-form').addEventListener('submit', act($('sign'), sign))
$('verify-form').addEventListener('submit', act($('verify'), verify))
// some wallets come after the page
globalThis.addEventListener('ethereum#initialized', showConnect)
setInterval(tick, 1000)

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
