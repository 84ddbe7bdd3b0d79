import { batch, type ReadonlySignal, signal } from '@preact/signals'
import { type LiveTotals, nothingLive, withScrape } from '../figures/live-totals.ts'
import { type Failure, failure, hello, problem, type Scrape, scrape } from './answers.ts'
import { createEventReader, type StreamEvent } from './event-text.ts'
import type { Guard } from './guard.ts'
import { streamQuestion } from './questions.ts'
import { headersOf, type Session } from './session.ts'

/** `refused`: who asks may not listen, and has to ask for every figure. */
export type LiveState = 'connecting' | 'live' | 'lost' | 'refused'

/** The service does not let this caller listen: to try again would change nothing. */
class RefusedError extends Error {
  override name = 'RefusedError'
}

/** What the event stream tells, as it comes. */
export type LiveStream = {
  readonly state: ReadonlySignal<LiveState>
  readonly totals: ReadonlySignal<LiveTotals>
  readonly last: ReadonlySignal<Scrape | undefined>
  /** What failed since it last worked, by target. */
  readonly failures: ReadonlySignal<ReadonlyMap<string, Failure>>
  readonly intervalSeconds: ReadonlySignal<number>
  /** The zones that it tells of; none before it has said so. */
  readonly zones: ReadonlySignal<readonly string[]>
  /** Listens to the stream of other zones; what was heard of those before is forgotten. */
  listenTo(zones: readonly string[]): void
}

const usualIntervalSeconds = 10
const firstPauseMs = 2000
const longestPauseMs = 30_000
/** The service says at least that it is there every 15 s. */
const silenceMs = 40_000
const refusals = new Set([401, 403])

/** Listens by `fetch`, since an EventSource cannot show a token. */
export function createLiveStream(session: Session): LiveStream {
  const state = signal<LiveState>('connecting')
  const totals = signal<LiveTotals>(nothingLive)
  const last = signal<Scrape | undefined>(undefined)
  const failures = signal<ReadonlyMap<string, Failure>>(new Map())
  const intervalSeconds = signal(usualIntervalSeconds)
  const toldZones = signal<readonly string[]>([])
  let listening: { readonly question: string; readonly stop: AbortController } | undefined

  function take(event: StreamEvent): void {
    whenFits(event, 'hello', hello, (told) => {
      intervalSeconds.value = told.scrape_interval_s
      toldZones.value = told.zones
    })
    whenFits(event, 'scrape', scrape, (told) => {
      if (failures.peek().has(told.target)) {
        failures.value = new Map([...failures.peek()].filter(([target]) => target !== told.target))
      }
      // The first scrape of a node counts nothing.
      if (told.interval_s === 0) return
      last.value = told
      totals.value = withScrape(
        totals.peek(),
        {
          target: told.target,
          node: told.node,
          at: Date.parse(told.at),
          watts: told.mean_power_w,
          gramsPerHour: told.co2_g_per_h,
        },
        intervalSeconds.peek(),
      )
    })
    whenFits(event, 'failure', failure, (told) => {
      failures.value = new Map([...failures.peek(), [told.target, told]])
    })
  }

  async function listen(question: string, stop: AbortSignal): Promise<void> {
    for (let pauseMs = firstPauseMs; !stop.aborted; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
      try {
        for await (const events of eventsOf(question, { session, signal: stop })) {
          pauseMs = firstPauseMs
          batch(() => {
            state.value = 'live'
            events.forEach(take)
          })
        }
      } catch (error) {
        if (error instanceof RefusedError && !stop.aborted) {
          state.value = 'refused'
          return
        }
        if (!stop.aborted) console.warn('the event stream is lost', error)
      }
      if (stop.aborted) return
      state.value = 'lost'
      await new Promise((resolve) => {
        window.setTimeout(resolve, pauseMs)
      })
    }
  }

  return {
    state,
    totals,
    last,
    failures,
    intervalSeconds,
    zones: toldZones,
    listenTo(zones) {
      const question = streamQuestion(zones)
      const key = `${question} ${session.token.peek() ?? ''}`
      if (key === listening?.question) return
      listening?.stop.abort()
      const stop = new AbortController()
      listening = { question: key, stop }
      batch(() => {
        state.value = 'connecting'
        totals.value = nothingLive
      })
      void listen(question, stop.signal)
    },
  }
}

/** The events of a stream as they come; throws when it ends, falls silent or is refused. */
async function* eventsOf(
  question: string,
  { session, signal: stop }: { readonly session: Session; readonly signal: AbortSignal },
): AsyncGenerator<readonly StreamEvent[]> {
  const silent = new AbortController()
  let timer: number | undefined
  const heard = () => {
    window.clearTimeout(timer)
    timer = window.setTimeout(() => silent.abort(new Error('nothing was heard for a while')), silenceMs)
  }
  heard()
  try {
    const response = await fetch(question, {
      signal: AbortSignal.any([stop, silent.signal]),
      headers: headersOf(session, 'text/event-stream'),
      cache: 'no-store',
    })
    if (!response.ok || response.body === null) {
      const body: unknown = await response.json().catch(() => undefined)
      const why = problem(body, []) ? body.error : `status ${response.status}`
      throw refusals.has(response.status) ? new RefusedError(why) : new Error(why)
    }
    const read = createEventReader()
    const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { done, value } = await pieces.read()
      if (done) return
      heard()
      yield read(value)
    }
  } finally {
    window.clearTimeout(timer)
    silent.abort()
  }
}

/** Calls `take` with the data of an event of this name; data that is not as it should be is left to the console. */
function whenFits<T>(event: StreamEvent, name: string, guard: Guard<T>, take: (told: T) => void): void {
  if (event.name !== name) return
  const told: unknown = JSON.parse(event.data)
  const wrong: string[] = []
  if (guard(told, wrong)) take(told)
  else console.warn(`an event “${name}” of the stream is not as expected, at ${wrong.join('.')}`)
}
