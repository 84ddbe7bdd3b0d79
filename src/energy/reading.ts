import type { Instant } from '../units.ts'
import type { Workload } from './workload.ts'

/**
 * Whether energy was caused by the container's own activity or is its share of the node's idle power. The two
 * are disjoint.
 */
export type EnergyMode = 'dynamic' | 'idle'

/** What the exporter knows of a container's names at this moment. Names change for the same container id. */
export type Naming =
  | { readonly kind: 'named'; readonly workload: Workload }
  /** A stand-in that many containers share; it holds until the container's own names are known. */
  | { readonly kind: 'provisional'; readonly workload: Workload }
  /** The exporter has not learnt the names yet, or the container belongs to no pod. */
  | { readonly kind: 'unnamed' }

/**
 * One energy counter of one container, as the exporter knows it at this moment. Its identity is (node, `containerId`,
 * `component`, `mode`): never a name and never `state`.
 */
export type EnergyCounter = {
  /** Unique on the node; where the exporter gives no id, its names joined so that they cannot collide. */
  readonly containerId: string
  /** Zone or component, such as `package`, `dram`, `gpu`, `total`. */
  readonly component: string
  readonly mode: EnergyMode
  /** `terminated` repeats the last value of the same counter once more; it may be seen once or never. */
  readonly state: 'running' | 'terminated'
  readonly naming: Naming
}

/**
 * What energy counters showed at one moment, in columns: `counters[i]` showed `joules[i]`. A counter may be shown twice.
 *
 * As long as nothing about it changes, a counter had better be the same object in one scrape after another: then it is
 * known again without a look at its names.
 */
export type CounterReadings = {
  readonly counters: readonly EnergyCounter[]
  readonly joules: Float64Array
}

/** A cumulative counter of the whole node. It restarts at an arbitrary value, so a decrease tells nothing. */
export type NodeReading = {
  readonly component: string
  readonly kind: 'active' | 'idle'
  readonly joules: number
}

/** What one successful scrape said of one node. */
export type NodeScrape = {
  readonly node: string
  readonly at: Instant
  /** What the counters count: the exporter's dialect and the zones summed. Counters of two bases are never subtracted. */
  readonly basis: string
  /** `pod` when the exporter counts per pod only. */
  readonly level: 'container' | 'pod'
  readonly readings: CounterReadings
  readonly nodeReadings: readonly NodeReading[]
  /** Lines that could not be read: a counter that is missing here may exist all the same. */
  readonly unreadLines: number
}
