import type { Interval } from '../units.ts'
import type { Workload } from './workload.ts'

/** Whose energy it is: a container on a node. */
export type EnergySeries = {
  readonly node: string
  /** Undefined while the exporter has not told its names. */
  readonly workload: Workload | undefined
}

/**
 * Energy of many containers over stretches of time, in columns: row `i` says that `series[seriesAt[i]]` used
 * `joules[i]` between `from[i]` and `to[i]`. A row is one sample, or the sum of several.
 */
export type EnergySpans = {
  readonly series: readonly EnergySeries[]
  readonly length: number
  /** Indices into `series`. */
  readonly seriesAt: Uint32Array
  /** Milliseconds since 1970 UTC. Of a sum, the time that its samples cover, laid at the beginning of its grain. */
  readonly from: Float64Array
  readonly to: Float64Array
  readonly joules: Float64Array
  /** How many samples the row is the sum of; a sample counts where its end is, so that a part of one may be none. */
  readonly samples: Uint32Array
  /** Bits of `sampleFlags`; of a sum, those that any of its samples has. */
  readonly flagBits: Uint8Array
  /** The grain of sums; undefined where each row is a sample. */
  readonly grainSeconds: number | undefined
}

/**
 * Which containers count: those whose node and names are each among the ones that are given; all, where none are. A
 * container without names has none of those that are given.
 */
export type EnergyFilter = {
  readonly nodes?: readonly string[]
  readonly namespaces?: readonly string[]
  readonly pods?: readonly string[]
  readonly containers?: readonly string[]
  /** Nodes that somebody else answers for. */
  readonly exceptNodes?: readonly string[]
}

export type EnergyQuestion = {
  /**
   * Samples that share time with `[from, to)` are wanted. They are given whole, but for one that reaches into time for
   * which there are sums: it is cut there, in proportion to time, and counts as a sample where its end is.
   */
  readonly during: Interval
  readonly where: EnergyFilter
  /**
   * Sums will do, as long as none reaches over a whole multiple of this since 1970 UTC, nor over an end of `during`.
   * Undefined: each sample is wanted.
   */
  readonly grainSeconds: number | undefined
}

/** Reads the energy of many containers at once. */
export type EnergyReader = {
  /**
   * In portions of bounded size, each sample in one of them, in no order. Throws StoreError when a store is away, and
   * the signal's reason when it aborts.
   */
  energyWithin(question: EnergyQuestion, signal: AbortSignal): AsyncIterable<EnergySpans>
}
