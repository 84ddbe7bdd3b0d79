import { instant } from '../units.ts'
import type { Clock } from './clock.ts'
import type { ScrapeNews } from './scrape-news.ts'

export type Heard =
  /** `id` ascends, by one for each piece of news. */
  | { readonly kind: 'news'; readonly id: number; readonly news: ScrapeNews }
  /** Nothing has happened for a while. */
  | { readonly kind: 'beat' }

export type Listening =
  | {
      readonly kind: 'listening'
      /** The id of the last news before. */
      readonly lastId: number
      /** Ends when the signal aborts, the broadcast closes, or the listener is dropped. To be gone through, or returned. */
      readonly heard: AsyncGenerator<Heard, void, undefined>
      /** Aborts when more news wait for the listener than are kept for it. */
      readonly dropped: AbortSignal
    }
  | { readonly kind: 'full'; readonly most: number }

/** Tells what scrapes bring to whoever listens. It waits for nobody. */
export type ScrapeBroadcast = {
  publish(news: ScrapeNews): void
  listen(signal: AbortSignal): Listening
  readonly listeners: number
  /** Listeners that were too slow, since the start. */
  readonly dropped: number
}

const mostListeners = 100
/** Of some thousand nodes, all may be scraped at one moment. News are small, and shared by all that wait for them. */
const mostNewsWaiting = 5000
const beatAfterSeconds = 15

type Listener = { readonly waiting: Heard[]; readonly drop: AbortController; wake: () => void }

export function createScrapeBroadcast(clock: Clock): ScrapeBroadcast {
  const listeners = new Set<Listener>()
  let lastId = 0
  let dropped = 0

  function tell(listener: Listener, heard: Heard): void {
    if (listener.waiting.length < mostNewsWaiting) listener.waiting.push(heard)
    else {
      listeners.delete(listener)
      listener.waiting.length = 0
      listener.drop.abort()
      dropped += 1
    }
    listener.wake()
  }

  async function* hear(listener: Listener, signal: AbortSignal): AsyncGenerator<Heard, void, undefined> {
    const isOver = () => signal.aborted || listener.drop.signal.aborted
    try {
      while (!isOver()) {
        const next = listener.waiting.shift()
        if (next !== undefined) {
          yield next
          continue
        }
        await silence(listener, signal)
        if (listener.waiting.length === 0 && !isOver()) yield { kind: 'beat' }
      }
    } finally {
      listeners.delete(listener)
    }
  }

  /** Resolves when there is news, when there has been none for long enough, or when `signal` aborts. */
  async function silence(listener: Listener, signal: AbortSignal): Promise<void> {
    const end = new AbortController()
    const stop = () => end.abort()
    signal.addEventListener('abort', stop)
    listener.wake = stop
    await clock.waitUntil(instant(clock.now() + beatAfterSeconds * 1000), end.signal)
    listener.wake = () => {}
    signal.removeEventListener('abort', stop)
  }

  return {
    publish(news) {
      lastId += 1
      for (const listener of listeners) tell(listener, { kind: 'news', id: lastId, news })
    },

    listen(signal) {
      if (listeners.size >= mostListeners) return { kind: 'full', most: mostListeners }
      const listener = { waiting: [], drop: new AbortController(), wake: () => {} }
      listeners.add(listener)
      // Also where nobody ever begins to go through what is heard.
      signal.addEventListener('abort', () => listeners.delete(listener), { once: true })
      return {
        kind: 'listening',
        lastId,
        heard: hear(listener, signal),
        dropped: listener.drop.signal,
      }
    },

    get listeners() {
      return listeners.size
    },
    get dropped() {
      return dropped
    },
  }
}
