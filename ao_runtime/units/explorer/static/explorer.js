// What is new appears by itself: a page says where it hears of changes; then it is fetched again, and those parts of it
// that are marked with data-live are put in the place of the old ones. Without this everything works, but for that.
'use strict'

const LEAST = 1000 // milliseconds between two looks
const search = document.getElementById('q')
const light = document.getElementById('live')
const address = document.body.dataset.events

document.addEventListener('keydown', (event) => {
  const typing = event.target.closest('input, textarea, select')
  if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault()
    search.focus()
    search.select()
  } else if (event.key === 'Escape' && event.target === search) {
    search.blur()
  }
})

function show (state, text) {
  light.hidden = false
  light.className = `live ${state}`
  light.textContent = text
}

// Which of the elements that can be opened are open, by their place in the part.
const opened = (part) => [...part.querySelectorAll('details')].map((one) => one.open)

function replace (old, fresh) {
  const known = new Set([...old.querySelectorAll('[data-key]')].map((row) => row.dataset.key))
  const open = opened(old)
  const inside = old.contains(document.activeElement) ? document.activeElement : null
  const now = document.adoptNode(fresh)
  const folds = [...now.querySelectorAll('details')]
  if (folds.length === open.length) folds.forEach((one, at) => { one.open = open[at] })
  for (const row of now.querySelectorAll('[data-key]')) {
    if (known.size && !known.has(row.dataset.key)) row.classList.add('fresh')
  }
  old.replaceWith(now)
  if (!inside) return
  const links = [...now.querySelectorAll('a, summary, pre')]
  const same = links.find((one) => one.tagName === inside.tagName && one.href === inside.href && one.textContent === inside.textContent)
  if (same) same.focus({ preventScroll: true })
}

let busy = false
let again = false
let last = 0

async function look () {
  if (busy || document.hidden) {
    again = true
    return
  }
  busy = true
  again = false
  try {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, last + LEAST - Date.now())))
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' } })
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      const chosen = document.getSelection()
      for (const old of document.querySelectorAll('[data-live]')) {
        const fresh = page.getElementById(old.id)
        // What somebody is marking to copy stays where it is.
        const marked = chosen && !chosen.isCollapsed && old.contains(chosen.anchorNode)
        if (fresh && !marked && fresh.innerHTML !== old.dataset.html) {
          const html = fresh.innerHTML
          replace(old, fresh)
          fresh.dataset.html = html
        }
      }
    }
  } catch {
    // The server has gone, or is busy: the next event asks again.
  } finally {
    last = Date.now()
    busy = false
    if (again && !document.hidden) look()
  }
}

if (address && 'EventSource' in window) {
  for (const part of document.querySelectorAll('[data-live]')) part.dataset.html = part.innerHTML
  const events = new EventSource(address)
  events.addEventListener('open', () => {
    show('on', 'live')
    look() // for what came between the page and now
  })
  events.addEventListener('change', look)
  events.addEventListener('error', () => show('off', 'not live'))
  document.addEventListener('visibilitychange', () => { if (again && !document.hidden) look() })
  window.addEventListener('pagehide', () => events.close())
  window.addEventListener('pageshow', (event) => { if (event.persisted) location.reload() })
}
