import type { LedgerPage } from '../energy/ledger-page.ts'
import {
  type MeasurementStore,
  type SetAside,
  StoreError,
  type SupersededPages,
} from '../energy/measurement-store.ts'
import type { NodeState } from '../energy/node-state.ts'
import { type Instant, instant, secondsBetween } from '../units.ts'
import { backOffSeconds } from './back-off.ts'
import type { Clock } from './clock.ts'
import type { DroppedMeasurements, WaitingBatch, WriteQueue } from './write-queue.ts'

/** What the keeping of measurements tells whoever watches: a log, a metric. */
export type KeepEvent =
  | {
      readonly kind: 'flushed'
      readonly written: number
      readonly repeated: number
      readonly setAside: number
      readonly seconds: number
    }
  /** A measurement that no store can hold. Names are shortened. */
  | {
      readonly kind: 'set-aside'
      readonly node: string
      readonly containerId: string
      readonly workload: string
      readonly reason: string
    }
  /** Pages that were not kept, since another process has counted their time. */
  | { readonly kind: 'superseded'; readonly nodes: number; readonly measurements: number }
  /** The first write of several in a row failed. */
  | { readonly kind: 'store-away'; readonly reason: string }
  /** A write failed, the first or another. */
  | { readonly kind: 'store-failed'; readonly reason: string; readonly failuresInARow: number }
  /** Sums of energy could not be made; what they would hold is read from measurements. */
  | { readonly kind: 'sums-failed'; readonly reason: string }
  | { readonly kind: 'store-back'; readonly awaySeconds: number; readonly waiting: number }
  /** The queue was full. Told by the queue. */
  | ({ readonly kind: 'dropped' } & DroppedMeasurements)
  /** The service stops and the store does not have everything. `lost` measurements are not in a spool either. */
  | {
      readonly kind: 'left-behind'
      readonly pages: number
      readonly measurements: number
      readonly lost: number
    }

export type KeepStatus = {
  readonly storeAway: { readonly since: Instant; readonly reason: string } | undefined
  readonly waiting: { readonly measurements: number; readonly oldestAgeSeconds: number }
  /** Measurements dropped since the start. */
  readonly dropped: number
  /** What is wrong, as sentences. */
  readonly problems: readonly string[]
}

export type Keeper = {
  /** Adds a page to the queue, with the state of its node after it. */
  keep(page: LedgerPage, state: NodeState): Promise<void>
  /**
   * Writes what waits, until `signal` aborts and a last flush is made. A store that is away is tried again and again;
   * an error that is no StoreError is a mistake of ours and rejects. May run once.
   */
  run(signal: AbortSignal): Promise<void>
  status(): KeepStatus
}

export type KeeperOptions = {
  readonly queue: WriteQueue
  readonly store: Pick<MeasurementStore, 'write'>
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  readonly flushEverySeconds: number
  readonly mostMeasurementsPerBatch: number
  /** How long the last flush may take after the signal to stop. */
  readonly lastFlushSeconds: number
  readonly onEvent: (event: KeepEvent) => void
  /** Lets the counters go on from what the store holds. What it throws is taken for a failure of the store. */
  readonly onSuperseded?: (pages: SupersededPages) => Promise<void>
}

/** Brings pages from the queue to the store: at every interval, and at once when there is enough for a batch. */
export function createKeeper(options: KeeperOptions): Keeper {
  const { queue, store, clock, random, flushEverySeconds, mostMeasurementsPerBatch, onEvent } = options
  let away: { readonly since: Instant; readonly reason: string } | undefined
  let failuresInARow = 0
  let wake = () => {}
  const over = new AbortController()

  const isFullBatch = () => queue.depth.measurements >= mostMeasurementsPerBatch

  async function work(signal: AbortSignal): Promise<void> {
    let isStuck = false
    let due = afterSeconds(clock.now(), flushEverySeconds)
    while (!signal.aborted) {
      if (isStuck || !isFullBatch()) await wait({ until: due, isWokenByFullBatch: !isStuck }, signal)
      due = afterSeconds(clock.now(), flushEverySeconds)
      isStuck = !(await flush(signal))
    }
    await flush(signal)
  }

  async function wait(
    { until, isWokenByFullBatch }: { readonly until: Instant; readonly isWokenByFullBatch: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    if (signal.aborted) return
    const end = new AbortController()
    const stop = () => end.abort()
    signal.addEventListener('abort', stop)
    if (isWokenByFullBatch) wake = stop
    await clock.waitUntil(until, end.signal)
    wake = () => {}
    signal.removeEventListener('abort', stop)
  }

  /**
   * Writes what waits now; what is added meanwhile waits for the next turn, lest every page makes a batch of its own.
   * Tries again after a failure until `signal` aborts. False when the queue does not hand out what it has.
   */
  async function flush(signal: AbortSignal): Promise<boolean> {
    let pages = queue.depth.pages
    while (!over.signal.aborted && (pages > 0 || isFullBatch())) {
      const waiting = await queue.peek(mostMeasurementsPerBatch)
      if (waiting === undefined) return queue.depth.pages === 0
      if (await write(waiting)) {
        pages -= waiting.batch.pages.length
        continue
      }
      const until = afterSeconds(clock.now(), backOffSeconds(failuresInARow, random))
      await wait({ until, isWokenByFullBatch: false }, signal)
      if (signal.aborted) return true
      pages = queue.depth.pages
    }
    return true
  }

  async function write({ token, batch }: WaitingBatch): Promise<boolean> {
    const begunAt = clock.now()
    let outcome: Awaited<ReturnType<typeof store.write>>
    try {
      outcome = await store.write(batch)
    } catch (cause) {
      if (!(cause instanceof StoreError)) throw cause
      failed(cause.message)
      return false
    }
    await queue.acknowledge(token)
    const { written, repeated, setAside, superseded = [] } = outcome
    const seconds = secondsBetween(begunAt, clock.now())
    onEvent({ kind: 'flushed', written, repeated, setAside: setAside.length, seconds })
    for (const poison of setAside) onEvent(setAsideEvent(poison))
    if (!(await handOver(superseded))) return true
    if (away !== undefined) {
      const awaySeconds = secondsBetween(away.since, clock.now())
      onEvent({ kind: 'store-back', awaySeconds, waiting: queue.depth.measurements })
      away = undefined
      failuresInARow = 0
    }
    return true
  }

  /** False when the store failed: the next page of the node is superseded too then, and it is tried again. */
  async function handOver(superseded: readonly SupersededPages[]): Promise<boolean> {
    if (superseded.length === 0) return true
    const measurements = superseded.reduce((sum, pages) => sum + pages.measurements, 0)
    onEvent({ kind: 'superseded', nodes: superseded.length, measurements })
    try {
      for (const pages of superseded) await options.onSuperseded?.(pages)
      return true
    } catch (cause) {
      if (!(cause instanceof StoreError)) throw cause
      failed(cause.message)
      return false
    }
  }

  function failed(reason: string): void {
    if (away === undefined) onEvent({ kind: 'store-away', reason })
    away = { since: away?.since ?? clock.now(), reason }
    failuresInARow += 1
    onEvent({ kind: 'store-failed', reason, failuresInARow })
  }

  /** Resolves when the time for the last flush is up, or when everything is over before. */
  async function lastMoment(signal: AbortSignal): Promise<void> {
    await aborted(signal, over.signal)
    await clock.waitUntil(afterSeconds(clock.now(), options.lastFlushSeconds), over.signal)
  }

  return {
    async keep(page, state) {
      await queue.push(page, state)
      if (isFullBatch()) wake()
    },

    async run(signal) {
      const working = work(signal)
      try {
        await Promise.race([working, lastMoment(signal)])
      } finally {
        over.abort()
      }
      // A write that was cut off may still fail; the batch stays in the queue then, and nobody waits for it.
      working.catch(() => {})
      const { pages, measurements, inMemoryOnly: lost } = queue.depth
      if (pages > 0) onEvent({ kind: 'left-behind', pages, measurements, lost })
    },

    status() {
      const { measurements, dropped, oldestAt } = queue.depth
      const now = clock.now()
      const oldestAgeSeconds = oldestAt === undefined ? 0 : Math.max(0, secondsBetween(oldestAt, now))
      const problems = [...queue.problems()]
      if (away !== undefined) {
        const age = secondsBetween(away.since, now).toFixed(1)
        problems.push(
          `The store has been away for ${age} s; ${measurements} measurement(s) wait for it. Last failure: ${away.reason}`,
        )
      }
      if (dropped > 0) {
        problems.push(
          `${dropped} measurement(s) were dropped since the start, because the queue for the store was full; they are recorded as gaps.`,
        )
      }
      return { storeAway: away, waiting: { measurements, oldestAgeSeconds }, dropped, problems }
    },
  }
}

function afterSeconds(at: Instant, seconds: number): Instant {
  return instant(at + seconds * 1000)
}

/** Resolves when the first of both aborts. */
function aborted(one: AbortSignal, other: AbortSignal): Promise<void> {
  if (one.aborted || other.aborted) return Promise.resolve()
  const first = Promise.withResolvers<void>()
  one.addEventListener('abort', () => first.resolve(), { signal: other })
  other.addEventListener('abort', () => first.resolve(), { once: true })
  return first.promise
}

const mostShownCharacters = 64

function setAsideEvent({ node, measurement, reason }: SetAside): KeepEvent {
  const { containerId, workload } = measurement
  const names = workload === undefined ? [] : [workload.namespace, workload.pod, workload.container]
  return {
    kind: 'set-aside',
    node: shortened(node),
    containerId: shortened(containerId),
    workload: names.map(shortened).join('/'),
    reason,
  }
}

function shortened(name: string): string {
  const start = name.length > mostShownCharacters ? `${name.slice(0, mostShownCharacters)}…` : name
  return start.toWellFormed()
}
