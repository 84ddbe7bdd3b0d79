import { signal } from '@preact/signals'
import { render } from 'preact'
import { followAddress } from './address/navigation.ts'
import { createLiveStream } from './api/live-stream.ts'
import { openSession } from './api/session.ts'
import { PageProvider } from './page.ts'
import { Shell } from './shell.tsx'

const root = document.getElementById('dashboard')
if (root === null) throw new Error('the page has no place for the dashboard')

const now = signal(Date.now())
window.setInterval(() => {
  if (!document.hidden) now.value = Date.now()
}, 1000)
document.addEventListener('visibilitychange', () => {
  now.value = Date.now()
})

const session = openSession(window.sessionStorage)
const page = { navigation: followAddress(window), live: createLiveStream(session), session, now }
root.replaceChildren()
render(
  <PageProvider value={page}>
    <Shell />
  </PageProvider>,
  root,
)
