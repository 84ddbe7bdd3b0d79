import { type Instant, type Interval, instant, type Joules, joules } from '../units.ts'
import type { TrailSample } from './counter-trail.ts'
import type { SampleFlag } from './energy-sample.ts'

/** What the samples of one node add up to in the window, and what its containers' counters say. */
export type NodeAudit = {
  readonly node: string
  /** Of the samples that end in the window; empty intervals where there is none. */
  readonly scraped: Interval | undefined
  /** Whole samples that end in the window, merged where they share or continue time, ascending. */
  readonly covered: readonly Interval[]
  readonly samples: number
  readonly energy: Joules
  /** Of containers without names. */
  readonly unnamed: Joules
  /** What the counters themselves advanced; what a counter counted after it began again is in it. */
  readonly counterAdvance: Joules
  /** The part of `energy` that no earlier reading of the counter stands beside: resets, first samples, rows of the predecessor. */
  readonly unchecked: Joules
  readonly flags: ReadonlyMap<SampleFlag, number>
}

/** The same while samples are still read. */
export type NodeSums = {
  samples: number
  energy: number
  unnamed: number
  counterAdvance: number
  unchecked: number
  readonly flags: Map<SampleFlag, number>
  /** The beginning of the longest sample for each end. */
  readonly beginnings: Map<Instant, Instant>
}

export function emptySums(): NodeSums {
  return {
    samples: 0,
    energy: 0,
    unnamed: 0,
    counterAdvance: 0,
    unchecked: 0,
    flags: new Map(),
    beginnings: new Map(),
  }
}

/** Adds a sample that ends in the window; what its counter advanced is entered by whoever knows the sample before. */
export function addSample(sums: NodeSums, { during, energy, flags, workload }: TrailSample): void {
  sums.samples += 1
  sums.energy += energy
  if (workload === undefined) sums.unnamed += energy
  for (const flag of flags) sums.flags.set(flag, (sums.flags.get(flag) ?? 0) + 1)
  const beginning = sums.beginnings.get(during.to)
  if (beginning === undefined || during.from < beginning) sums.beginnings.set(during.to, during.from)
}

export function nodeAudit(node: string, sums: NodeSums): NodeAudit {
  const covered = merged(
    Array.from(sums.beginnings, ([to, from]) => ({ from, to })).sort((a, b) => a.from - b.from),
  )
  const first = covered[0]
  const last = covered.at(-1)
  return {
    node,
    scraped: first === undefined || last === undefined ? undefined : { from: first.from, to: last.to },
    covered,
    samples: sums.samples,
    energy: joules(sums.energy),
    unnamed: joules(sums.unnamed),
    counterAdvance: joules(sums.counterAdvance),
    unchecked: joules(sums.unchecked),
    flags: sums.flags,
  }
}

function merged(ascending: readonly Interval[]): readonly Interval[] {
  const all: Interval[] = []
  for (const interval of ascending) {
    const last = all.at(-1)
    if (last !== undefined && interval.from <= last.to) {
      all[all.length - 1] = { from: last.from, to: instant(Math.max(last.to, interval.to)) }
    } else all.push(interval)
  }
  return all
}
