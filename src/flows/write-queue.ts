import type { LedgerBatch, LedgerPage } from '../energy/ledger-page.ts'
import type { NodeState } from '../energy/node-state.ts'
import type { Instant, Interval } from '../units.ts'

/** Pages of one node, one after the other, and where its counters stood right after the last of them. */
export type PageRun = {
  readonly pages: readonly LedgerPage[]
  readonly state: NodeState
}

/** The oldest pages that wait, and what to say when the store has them. */
export type WaitingBatch = {
  readonly token: number
  readonly batch: LedgerBatch
  readonly measurements: number
}

/** Measurements that had to make room. Each has become a gap of the next page of its node. */
export type DroppedMeasurements = {
  readonly node: string
  readonly during: Interval
  readonly measurements: number
}

export type QueueDepth = {
  readonly pages: number
  readonly measurements: number
  readonly bytes: number
  /** Measurements among them that are lost when the process ends. */
  readonly inMemoryOnly: number
  /** Measurements dropped since the start, since the queue was full. */
  readonly dropped: number
  /** When the oldest page that waits was scraped. */
  readonly oldestAt: Instant | undefined
}

/**
 * Pages that wait for the store. The pages of a node leave it in the order they came; between nodes there is no
 * order to keep. A page is always handed on together with the state of its node right after it, so that the store
 * never holds one without the other.
 */
export type WriteQueue = {
  /** Adds a page with the state of its node after it. Resolves when the page is as safe as this queue can keep it. */
  push(page: LedgerPage, state: NodeState): Promise<void>
  /**
   * The oldest pages that make up at most so many measurements, but at least one run, with the state of each node
   * after the last of its pages; undefined when nothing waits. Until it is acknowledged it is the same batch, whose
   * pages are not dropped: it may have reached the store although the store said otherwise.
   */
  peek(mostMeasurements: number): Promise<WaitingBatch | undefined>
  /** The store keeps the batch with this token: it leaves the queue. Any other token than the last one does nothing. */
  acknowledge(token: number): Promise<void>
  /** Where the counters stood after the newest page of each node that waits: later than anything the store knows. */
  newestStates(): Promise<readonly NodeState[]>
  readonly depth: QueueDepth
  /** What keeps the queue from being as safe as it should be, as sentences. */
  problems(): readonly string[]
}

/** Runs in order, as one batch. Of the states of a node the last one counts. */
export function batchOf(runs: readonly PageRun[]): LedgerBatch {
  const states = new Map(runs.map(({ state }) => [state.node, state]))
  return { pages: runs.flatMap(({ pages }) => pages), states: [...states.values()] }
}

export function measurementsIn(pages: readonly LedgerPage[]): number {
  return pages.reduce((sum, { measurements }) => sum + measurements.length, 0)
}
