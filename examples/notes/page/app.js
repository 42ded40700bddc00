// The page: what is shown, and what its buttons do.

import { Session } from './session.js'
import { demoLink, demoWallet, injectedWallet, takeDemoLink } from './wallets.js'

const element = (id) => document.getElementById(id)
const now = () => Date.now() / 1000

let session
/** Ends the event stream of the session that is shown. */
let stream

// --- what is said ---------------------------------------------------------------------------

const say = (text) => (element('status').textContent = text)

const complain = (text) => {
  element('alert').textContent = text
  element('alert').hidden = text === ''
}

const wordsOf = (error) => {
  if (error.code === 4001) return 'You declined in your wallet.'
  if (error instanceof TypeError) return 'The server cannot be reached.'
  return error.message
}

/** Why a session is over, in words. */
const endings = {
  revoked: 'This browser was logged out from elsewhere.',
  expired: 'The session has ended. Sign in again to go on.',
}

/** Carries out what a button is for: one thing at a time, and what goes wrong is said. */
const doing = async (button, work) => {
  complain('')
  if (button) button.disabled = true
  try {
    await work()
  } catch (error) {
    if (error.code === 'invalid_token') await leave(error.reason)
    else complain(wordsOf(error))
  } finally {
    if (button) button.disabled = false
  }
}

const on = (id, event, work) =>
  element(id).addEventListener(event, (happened) => {
    happened.preventDefault()
    const button = happened.submitter ?? happened.currentTarget
    void doing(button, () => work(happened))
  })

// --- coming and going -----------------------------------------------------------------------

const signIn = async (wallet) => {
  say('Your wallet is asked to sign …')
  try {
    session = await Session.logIn(wallet)
  } catch (error) {
    say('')
    throw error
  }
  await enter()
  say('You are signed in.')
}

const enter = async () => {
  show()
  await Promise.all([showNotes(), showDevices()])
  follow()
}

/** Forgets the session in this browser; on the server it is over already, or it is ended now. */
const leave = async (reason) => {
  const left = session
  session = undefined
  stream?.abort()
  show()
  say(endings[reason] ?? 'You are logged out.')
  try {
    await left?.logOut()
  } catch {
    // it was over, or cannot be told so: this browser has no key any more
  }
}

/** The account in short: the end of a DID, without its middle. */
const short = (did) => {
  const address = did.split(':').at(-1)
  return `${address.slice(0, 6)}…${address.slice(-4)}`
}

const show = () => {
  const isMember = session !== undefined
  element('who').hidden = !isMember
  element('member').hidden = !isMember
  element('visitor').hidden = isMember
  element('notes').replaceChildren()
  element('devices').replaceChildren()
  if (!isMember) return element('welcome').focus()
  element('account').textContent = short(session.issuer)
  element('account').title = session.issuer
  element('demo-badge').hidden = !session.isDemo
  element('demo-share').hidden = !session.isDemo
  if (session.isDemo) void demoLink().then((link) => (element('demo-link').value = link))
  count()
  element('notes-title').focus()
}

const count = () => {
  if (session === undefined) return
  const left = Math.max(0, Math.floor(session.expiresAt - now()))
  const [hours, minutes, seconds] = [left / 3600, (left / 60) % 60, left % 60].map(Math.floor)
  const two = (number) => String(number).padStart(2, '0')
  const text = `${hours > 0 ? `${hours}:` : ''}${two(minutes)}:${two(seconds)}`
  element('countdown').textContent = text
  element('countdown').parentElement.classList.toggle('soon', left < 60)
  if (left === 0) void leave('expired')
}

/** Reads the event stream, and opens it again where it broke off. */
const follow = () => {
  stream?.abort()
  stream = new AbortController()
  const { signal } = stream
  void (async () => {
    while (!signal.aborted) {
      try {
        await read(await session.fetch('/api/events', { signal }), signal)
      } catch (error) {
        if (signal.aborted) return
        if (error.code === 'invalid_token') return leave(error.reason)
      }
      await new Promise((resolve) => setTimeout(resolve, 1000))
    }
  })()
}

const read = async (response, signal) => {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done || signal.aborted) return
    text += value
    const events = text.split('\n\n')
    text = events.pop()
    for (const event of events) {
      const field = (name) => event.match(new RegExp(`^${name}: ?(.*)$`, 'm'))?.[1]
      if (field('event') === 'ended') return leave(field('data'))
      if (field('event') === 'changed') await Promise.all([showNotes(), showDevices()])
    }
  }
}

// --- notes ----------------------------------------------------------------------------------

const when = (seconds) =>
  new Date(seconds * 1000).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })

const showNotes = async () => {
  // what is being written is not taken away
  if (element('notes').querySelector('form:not([hidden])')) return
  const notes = await session.json('/api/notes')
  element('no-notes').hidden = notes.length > 0
  element('notes').replaceChildren(...notes.map(noteItem))
}

const noteItem = (note) => {
  const item = element('note-template').content.cloneNode(true).firstElementChild
  const find = (selector) => item.querySelector(selector)
  const [article, form, field] = [find('article'), find('form'), find('textarea')]
  find('.text').textContent = note.text
  find('time').textContent = when(note.edited_at)
  find('time').dateTime = new Date(note.edited_at * 1000).toISOString()
  const path = `/api/notes/${note.id}`
  const edit = (isEdited) => {
    form.hidden = !isEdited
    article.hidden = isEdited
    field.value = note.text
    ;(isEdited ? field : find('.edit')).focus()
  }
  find('.edit').addEventListener('click', () => edit(true))
  find('.cancel').addEventListener('click', () => edit(false))
  find('.delete').addEventListener('click', ({ currentTarget }) =>
    doing(currentTarget, async () => {
      await session.json(path, 'DELETE')
      await showNotes()
      say('The note is deleted.')
      element('text').focus()
    })
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void doing(event.submitter, async () => {
      await session.json(path, 'PUT', { text: field.value })
      edit(false)
      await showNotes()
      say('The note is saved.')
    })
  })
  return item
}

on('write', 'submit', async () => {
  const field = element('text')
  await session.json('/api/notes', 'POST', { text: field.value })
  field.value = ''
  await showNotes()
  say('The note is added.')
  field.focus()
})

// --- devices --------------------------------------------------------------------------------

const showDevices = async () => {
  const devices = await session.devices()
  const others = devices.filter((device) => !device.is_current)
  element('devices').replaceChildren(...devices.map(deviceItem))
  element('log-out-others').hidden = others.length === 0
}

const deviceItem = (device) => {
  const item = element('device-template').content.cloneNode(true).firstElementChild
  const find = (selector) => item.querySelector(selector)
  find('strong').textContent = device.is_current ? 'This browser' : 'Another browser'
  find('.badge').hidden = !device.is_current
  find('.since').textContent = `since ${when(device.logged_in_at)}`
  find('.key').textContent = `key …${device.key.slice(-8)}`
  const button = find('button')
  if (device.is_current) button.hidden = true
  button.setAttribute('aria-label', `Log out the browser with key ${device.key.slice(-8)}`)
  button.addEventListener('click', () => doing(button, () => end([device.identity])))
  return item
}

/** Ends other sessions. The wallet must have signed lately: whoever has only the key cannot. */
const end = async (identities) => {
  try {
    await session.logOutOthers(identities)
  } catch (error) {
    if (error.code !== 'insufficient_user_authentication') throw error
    say('To log others out, your wallet must sign again …')
    session = await session.renew(session.isDemo ? await demoWallet() : injectedWallet())
    follow()
    await session.logOutOthers(identities)
  }
  await showDevices()
  say(identities.length === 1 ? 'That browser is logged out.' : 'All others are logged out.')
}

on('log-out-others', 'click', async () => {
  const devices = await session.devices()
  await end(devices.filter((device) => !device.is_current).map((device) => device.identity))
})

// --- the beginning --------------------------------------------------------------------------

on('use-injected', 'click', () => signIn(injectedWallet()))
on('use-demo', 'click', async () => signIn(await demoWallet()))
on('log-out', 'click', () => leave())
element('demo-link').addEventListener('focus', ({ currentTarget }) => currentTarget.select())
setInterval(count, 1000)

await doing(undefined, async () => {
  element('use-injected').hidden = injectedWallet() === undefined
  element('use-demo').classList.toggle('quiet', injectedWallet() !== undefined)
  const hasLink = await takeDemoLink()
  session = await Session.stored()
  if (session !== undefined) await enter()
  else show()
  if (hasLink && session === undefined) await signIn(await demoWallet())
})
document.documentElement.dataset.ready = 'true'
