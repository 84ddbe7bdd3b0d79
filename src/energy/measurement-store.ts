import type { Instant } from '../units.ts'
import type { EnergySample } from './energy-sample.ts'
import type { EnergyReader } from './energy-spans.ts'
import type { Gap } from './gap.ts'
import type { LedgerBatch, Measurement } from './ledger-page.ts'
import type { SampleSelection } from './node-history.ts'
import type { NodeState } from './node-state.ts'
import type { Workload } from './workload.ts'

/** A sample together with its container, so that a sample that is found in two places is known to be one. */
export type ContainerSample = EnergySample & { readonly containerId: string }

/** A measurement that no store can hold; the rest of its batch is kept. */
export type SetAside = {
  readonly node: string
  readonly measurement: Measurement
  readonly reason: string
}

/**
 * Pages of a node that were not kept: another process has counted their time. The counters go on from what is kept.
 */
export type SupersededPages = {
  readonly node: string
  readonly measurements: number
  /** When the last of them was scraped. */
  readonly until: Instant
  /** Pages after them, in the same batch, were kept: the counters have gone on from what is kept already. */
  readonly isMended: boolean
}

export type WriteOutcome = {
  /** Measurements that were new. */
  readonly written: number
  /** Measurements that were there already: the batch, or a part of it, had been delivered before. */
  readonly repeated: number
  readonly setAside: readonly SetAside[]
  /** Absent where all was kept. */
  readonly superseded?: readonly SupersededPages[]
}

/**
 * Where measurements are kept. A measurement is known by node, container id and the end of its interval; to write it
 * again changes nothing.
 */
export type MeasurementStore = EnergyReader & {
  /**
   * Keeps a batch: pages, renamings, gaps and node states in one step, all or nothing. Measurements that cannot be
   * held are set aside with their reason, and kept apart, and do not stand in the way of the others.
   * Throws StoreError when the store is away; the batch may then be written again, whether or not it got there.
   */
  write(batch: LedgerBatch): Promise<WriteOutcome>
  /**
   * Samples of all containers that bear these names, oldest first, in portions of bounded size. `last` selects the
   * samples with the last `count` distinct interval ends. Ends early when `signal` aborts (throws its reason).
   */
  samplesOf(
    workload: Workload,
    selection: SampleSelection,
    signal: AbortSignal,
  ): AsyncIterable<readonly ContainerSample[]>
  /** Workloads that were last measured at `since` or later, ascending by namespace, pod and container. */
  workloadsSince(since: Instant, signal: AbortSignal): Promise<readonly Workload[]>
  /** The last state of every node, or of those that are named. */
  nodeStates(nodes?: readonly string[]): Promise<readonly NodeState[]>
  /** Gaps that end in [from, to], oldest first; the first `most` of them where that is given. */
  gapsWithin(range: GapRange, signal: AbortSignal): Promise<readonly Gap[]>
}

export type GapRange = { readonly from: Instant; readonly to: Instant; readonly most?: number }

/** The store could not be reached, refused us, or holds what we do not understand. The message says which and why. */
export class StoreError extends Error {
  override name = 'StoreError'
}

/** What is kept there is not for us to touch: it belongs to another program or a newer version. To try again is no help. */
export class StoreRefusedError extends StoreError {
  override name = 'StoreRefusedError'
}
