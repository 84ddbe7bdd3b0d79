import type { Instant, Interval } from '../units.ts'
import { partWithin } from './clip-spans.ts'
import type { SpanRow } from './span-columns.ts'
import { finestSumSeconds, multipleBefore } from './sum-levels.ts'

/** What a container used in the time of one sum. */
export type EnergySum = {
  joules: number
  /** The time that its samples cover. */
  coveredMs: number
  /** Samples that end in it. */
  samples: number
  /** Flags that any of them has. */
  flagBits: number
}

/** The sums of one container, by their beginning. */
export type ContainerSums = Map<Instant, EnergySum>

/** Adds to the shortest sums what a sample says of the time `within`, which begins and ends with sums. */
export function addToSums(sums: ContainerSums, sample: SpanRow, within: Interval): void {
  const lengthMs = finestSumSeconds * 1000
  const end = Math.min(sample.to, within.to)
  let from = multipleBefore(Math.max(sample.from, within.from), finestSumSeconds)
  for (; from < end; from = multipleBefore(from + lengthMs, finestSumSeconds)) {
    const part = partWithin(sample, { from, to: multipleBefore(from + lengthMs, finestSumSeconds) })
    if (part !== undefined) add(sums, from, { ...part, coveredMs: part.to - part.from })
  }
}

function add(sums: ContainerSums, from: Instant, added: Readonly<EnergySum>): void {
  const sum = sums.get(from)
  if (sum === undefined) {
    const { joules, coveredMs, samples, flagBits } = added
    sums.set(from, { joules, coveredMs, samples, flagBits })
    return
  }
  sum.joules += added.joules
  sum.coveredMs += added.coveredMs
  sum.samples += added.samples
  sum.flagBits |= added.flagBits
}
