import { type ReadonlySignal, signal } from '@preact/signals'
import { addressOf, type Place, placeAt } from './place.ts'

/** Where the page is, kept in its address. */
export type Navigation = {
  readonly place: ReadonlySignal<Place>
  /** What of the address was not understood, as sentences. */
  readonly problems: ReadonlySignal<readonly string[]>
  /** Changes the place; a new entry in the history, unless it replaces the one that is shown. */
  go(change: Partial<Place>, entry?: 'new' | 'replaced'): void
  /** The address of the place after a change, for a link. */
  hrefTo(change: Partial<Place>): string
}

/** Follows the browser's address from now on. */
export function followAddress(browser: Window): Navigation {
  const first = placeAt(browser.location.search)
  const place = signal(first.place)
  const problems = signal(first.problems)
  const follow = () => {
    const found = placeAt(browser.location.search)
    place.value = found.place
    problems.value = found.problems
  }
  browser.addEventListener('popstate', follow)
  // The empty address is the page's own, without what stood behind the question mark.
  const hrefOf = (next: Place) => addressOf(next) || browser.location.pathname
  return {
    place,
    problems,
    go(change, entry = 'new') {
      const next = { ...place.peek(), ...change }
      const href = hrefOf(next)
      if (entry === 'new') browser.history.pushState(null, '', href)
      else browser.history.replaceState(null, '', href)
      place.value = next
      problems.value = []
    },
    hrefTo: (change) => hrefOf({ ...place.value, ...change }),
  }
}
