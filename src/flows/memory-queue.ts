import type { LedgerPage } from '../energy/ledger-page.ts'
import type { NodeState } from '../energy/node-state.ts'
import { carriedInto, timeOf, withoutMeasurements } from './dropped-page.ts'
import { pageBytes, stateBytes } from './page-bytes.ts'
import {
  batchOf,
  type DroppedMeasurements,
  measurementsIn,
  type PageRun,
  type WaitingBatch,
  type WriteQueue,
} from './write-queue.ts'

export type MemoryQueueOptions = {
  /** How much memory the waiting pages may take, by an estimate. Beyond it the oldest measurements are dropped. */
  readonly mostBytes: number
  readonly onDropped: (dropped: DroppedMeasurements) => void
}

/** A run that still grows, and the next run of its node. Only its last state is held: states outweigh pages. */
type Run = {
  pages: LedgerPage[]
  state: NodeState
  measurements: number
  bytes: number
  isPeeked: boolean
  next: Run | undefined
}

/** A run grows up to here; longer ones would make batches that are far from the size that is asked for. */
const mostMeasurementsPerRun = 3000

/** A queue in memory, which also tells the runs of a batch, each with its own state. */
export type MemoryQueue = WriteQueue & {
  /** The runs of what `peek` would hand out, and its token; `peek` and `acknowledge` know of it. */
  peekRuns(
    mostMeasurements: number,
  ): { readonly token: number; readonly runs: readonly PageRun[] } | undefined
}

/** Pages that wait in memory: they are lost with the process, but never out of step with their states. */
export function createMemoryQueue({ mostBytes, onDropped }: MemoryQueueOptions): MemoryQueue {
  const runs = new Set<Run>()
  const newest = new Map<string, Run>()
  const sum = { pages: 0, measurements: 0, bytes: 0, dropped: 0 }
  let peeked: { readonly waiting: WaitingBatch; readonly runs: readonly Run[] } | undefined
  let token = 0

  function append(page: LedgerPage, state: NodeState): void {
    const before = newest.get(page.node)
    if (before !== undefined && !before.isPeeked && hasRoomFor(before, page)) {
      const last = before.pages.at(-1)
      // A page without measurements goes on with the next one; else a node without containers would fill the queue.
      if (last === undefined || last.measurements.length > 0) resize(before, [...before.pages, page], state)
      else resize(before, [...before.pages.slice(0, -1), carriedInto(page, last)], state)
      return
    }
    const run: Run = { pages: [], state, measurements: 0, bytes: 0, isPeeked: false, next: undefined }
    resize(run, [page], state)
    runs.add(run)
    if (before !== undefined) before.next = run
    newest.set(page.node, run)
  }

  /** All sums go through here, so that they cannot drift from what is there. */
  function resize(run: Run, pages: LedgerPage[], state: NodeState): void {
    const measurements = measurementsIn(pages)
    const bytes =
      pages.length === 0 ? 0 : stateBytes(state) + pages.reduce((total, page) => total + pageBytes(page), 0)
    sum.pages += pages.length - run.pages.length
    sum.measurements += measurements - run.measurements
    sum.bytes += bytes - run.bytes
    Object.assign(run, { pages, state, measurements, bytes })
  }

  function remove(run: Run): void {
    resize(run, [], run.state)
    runs.delete(run)
    if (newest.get(run.state.node) === run) newest.delete(run.state.node)
  }

  function makeRoom(): void {
    for (const run of runs) {
      while (sum.bytes > mostBytes && !run.isPeeked && run.measurements > 0) dropOldestPage(run)
      if (sum.bytes <= mostBytes) return
    }
  }

  function dropOldestPage(run: Run): void {
    const [page, second, ...rest] = run.pages
    if (page === undefined) return
    const remains = withoutMeasurements(page)
    if (second !== undefined) {
      resize(run, [carriedInto(second, remains), ...rest], run.state)
    } else if (run.next !== undefined) {
      const [first, ...others] = run.next.pages
      if (first !== undefined) resize(run.next, [carriedInto(first, remains), ...others], run.next.state)
      remove(run)
    } else {
      resize(run, [remains], run.state)
    }
    if (page.measurements.length === 0) return
    sum.dropped += page.measurements.length
    onDropped({ node: page.node, during: timeOf(page), measurements: page.measurements.length })
  }

  function nextRuns(mostMeasurements: number): readonly Run[] {
    const taken: Run[] = []
    let measurements = 0
    for (const run of runs) {
      if (taken.length > 0 && measurements + run.measurements > mostMeasurements) break
      taken.push(run)
      measurements += run.measurements
    }
    return taken
  }

  function take(mostMeasurements: number): typeof peeked {
    if (peeked !== undefined) return peeked
    const taken = nextRuns(mostMeasurements)
    if (taken.length === 0) return undefined
    for (const run of taken) run.isPeeked = true
    token += 1
    const measurements = taken.reduce((total, run) => total + run.measurements, 0)
    peeked = { waiting: { token, batch: batchOf(taken), measurements }, runs: taken }
    return peeked
  }

  return {
    async push(page, state) {
      append(page, state)
      makeRoom()
    },

    async peek(mostMeasurements) {
      return take(mostMeasurements)?.waiting
    },

    peekRuns(mostMeasurements) {
      const taken = take(mostMeasurements)
      return taken === undefined ? undefined : { token: taken.waiting.token, runs: taken.runs }
    },

    async acknowledge(acknowledged) {
      if (peeked?.waiting.token !== acknowledged) return
      for (const run of peeked.runs) remove(run)
      peeked = undefined
    },

    async newestStates() {
      return Array.from(newest.values(), ({ state }) => state)
    },

    get depth() {
      const [oldest] = runs
      return { ...sum, inMemoryOnly: sum.measurements, oldestAt: oldest?.pages[0]?.at }
    },

    problems: () => [],
  }
}

function hasRoomFor(run: Run, page: LedgerPage): boolean {
  return run.measurements + page.measurements.length <= mostMeasurementsPerRun
}
