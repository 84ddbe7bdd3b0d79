import type { Interval, Joules } from '../units.ts'

/** What there is to know about how a sample came about. */
export const sampleFlags = [
  /** A counter began again at zero during the interval; the energy is a lower bound. */
  'reset',
  /** The container began during the interval. */
  'started',
  /** The container ended during the interval. */
  'terminated',
  /** The interval spans scrapes that were missed. */
  'gap',
  /** The container was absent from an earlier scrape of its node and came back. */
  'reappeared',
  /** Part of what a counter claimed was physically impossible and is not counted. */
  'refused',
  /** Counted for the pod as a whole, since the exporter gives no container counters. */
  'pod-level',
  /** Taken over from the table of the predecessor, which knew a power and no interval: it is assumed to have scraped in time. */
  'predecessor',
] as const

export type SampleFlag = (typeof sampleFlags)[number]

/** Energy that a workload used on one node during `(from, to]`, load-caused (dynamic) energy only. */
export type EnergySample = {
  readonly node: string
  readonly during: Interval
  readonly energy: Joules
  /** The sum of the container's counters at the end of the interval. */
  readonly counter: Joules
  readonly flags: readonly SampleFlag[]
}

export function flagBit(flag: SampleFlag): number {
  return 1 << sampleFlags.indexOf(flag)
}

/** The flags whose bits are set, in the order of `sampleFlags`: for the same bits always the same list. */
export function flagsOf(bits: number): readonly SampleFlag[] {
  let flags = flagsByBits[bits]
  if (flags === undefined) {
    flags = sampleFlags.filter((flag) => (bits & flagBit(flag)) !== 0)
    flagsByBits[bits] = flags
  }
  return flags
}

export function flagBitsOf(flags: readonly SampleFlag[]): number {
  // Nearly all samples have none.
  if (flags.length === 0) return 0
  let bits = 0
  for (const flag of flags) bits |= flagBit(flag)
  return bits
}

/** The flags that either list has. */
export function flagsOfBoth(a: readonly SampleFlag[], b: readonly SampleFlag[]): readonly SampleFlag[] {
  return flagsOf(flagBitsOf(a) | flagBitsOf(b))
}

/** There are no more combinations than 2 to the number of flags. */
const flagsByBits: (readonly SampleFlag[])[] = []
