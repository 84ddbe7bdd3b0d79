import type { Instant, Interval } from '../units.ts'
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
 * Ticks of one node, in columns as they lie in memory: what the container of row `r` used in tick `t` stands at
 * `t * stride + r`, NaN where it was not measured. To be read at once, and not kept: the columns go on changing.
 */
export type TickColumns = {
  /** The first tick that is told; before it the columns say nothing. */
  readonly first: number
  /** How many there are, those before the first included. */
  readonly ticks: number
  /** By tick. */
  readonly from: Float64Array
  readonly to: Float64Array
  readonly rows: number
  readonly stride: number
  readonly joules: Float64Array
  /** Bits of `sampleFlags`. */
  readonly flagBits: Uint8Array
  /** The samples that begin before their tick, by place. */
  readonly earlierFrom: ReadonlyMap<number, Instant>
}

/** The ticks, and whose they are. */
export type TickBlock = TickColumns & {
  readonly node: string
  /**
   * By row; undefined for one that does not count. It is the same list as long as nothing that it says has changed, so
   * that what was made of it may be kept with it.
   */
  readonly series: readonly (EnergySeries | undefined)[]
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
  /**
   * Who can read whole blocks of ticks takes them here, and says whether it did: its samples are then given as no rows. A
   * reader that has none need not ask. Ticks of a block may lie outside `during`.
   */
  readonly takeBlock?: (block: TickBlock) => boolean
}

/** Reads the energy of many containers at once. */
export type EnergyReader = {
  /**
   * In portions of bounded size, each sample in one of them, in no order. Throws StoreError when a store is away, and
   * the signal's reason when it aborts.
   */
  energyWithin(question: EnergyQuestion, signal: AbortSignal): AsyncIterable<EnergySpans>
}
