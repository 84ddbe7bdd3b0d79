import type { ReadonlySignal } from '@preact/signals'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Navigation } from './address/navigation.ts'
import type { LiveStream } from './api/live-stream.ts'
import type { Session } from './api/session.ts'

/** What every view has at hand. */
export type Page = {
  readonly navigation: Navigation
  readonly live: LiveStream
  readonly session: Session
  /** The time in milliseconds since 1970, each second. */
  readonly now: ReadonlySignal<number>
}

const pageContext = createContext<Page | undefined>(undefined)

export const PageProvider = pageContext.Provider

/** Up to when samples can be there: what is measured since comes with the next scrape. */
export function measuredUntil({ live, now }: Page): number {
  return now.value - live.intervalSeconds.value * 1000
}

export function usePage(): Page {
  const page = useContext(pageContext)
  if (page === undefined) throw new Error('a view stands outside of the page')
  return page
}
