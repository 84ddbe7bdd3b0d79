import type { Instant, Interval, Joules } from '../units.ts'
import type { SampleFlag } from './energy-sample.ts'
import type { Gap } from './gap.ts'
import type { NodeState, StateMark } from './node-state.ts'
import type { Workload } from './workload.ts'

/** What one container of a node used in one interval, as it is kept. A container has one measurement per `during.to`. */
export type Measurement = {
  readonly containerId: string
  /** The names it bears now; undefined while the exporter has not told them. */
  readonly workload: Workload | undefined
  readonly during: Interval
  readonly energy: Joules
  /** The sum of the container's counters at the end of the interval. */
  readonly counter: Joules
  readonly flags: readonly SampleFlag[]
}

/** A container that has learnt its names, or bears others from now on: its measurements from before are theirs too. */
export type Renaming = { readonly containerId: string; readonly workload: Workload }

/** What one scrape of one node adds to what is kept: all of it, or none. */
export type LedgerPage = {
  readonly node: string
  readonly at: Instant
  readonly measurements: readonly Measurement[]
  readonly renamings: readonly Renaming[]
  readonly gaps: readonly Gap[]
  /** Absent where nobody else can count the node. */
  readonly link?: PageLink
}

/** The place of a page in the chain of a node's pages: who wrote it, and which state of the node it goes on from. */
export type PageLink = {
  readonly by: string
  /** Absent for the first page of a node that nobody had counted. */
  readonly after?: StateMark
}

/**
 * Pages in the order they were written, and where the counters of their nodes stood after the last of them. To keep
 * both in one step is what makes a restart count nothing twice and lose nothing: the next scrape goes on from the
 * state that was kept, over the whole time since.
 */
export type LedgerBatch = {
  readonly pages: readonly LedgerPage[]
  readonly states: readonly NodeState[]
}
