import { type Instant, type Interval, instant } from '../units.ts'

/** What is made of samples. */
export const finestSumSeconds = 300

/** What is made of the finest sums. */
export const coarsestSumSeconds = 3600

/**
 * Lengths over which stores keep sums of energy, longest first. Sums begin at whole multiples of their length since
 * 1970 UTC. Each length is a multiple of the next, so that the longer are sums of the shorter.
 */
export const sumLevelsSeconds = [coarsestSumSeconds, finestSumSeconds] as const

/**
 * Longer samples are few, those after an outage, and stand apart: they are in no sum. So none has to be found far behind
 * the time that is asked about, and one that reaches back for days does not change the sums of days.
 */
export const longSampleMs = 300_000

/** After so long, what was measured has been written, unless the store was away; what comes later is made up for. */
const onItsWayMs = 60_000

/** Until when sums can be made. */
export function sumsReadyUntil(now: Instant): Instant {
  return multipleBefore(now - onItsWayMs, finestSumSeconds)
}

/** The last multiple of a length at `at` or before. */
export function multipleBefore(at: number, seconds: number): Instant {
  return instant(Math.floor(at / (seconds * 1000)) * seconds * 1000)
}

/** The first multiple of a length at `at` or later. */
export function multipleAfter(at: number, seconds: number): Instant {
  return instant(Math.ceil(at / (seconds * 1000)) * seconds * 1000)
}

/** The least time of whole sums that holds `during`. */
export function wholeSumsAround({ from, to }: Interval, seconds: number): Interval {
  return { from: multipleBefore(from, seconds), to: multipleAfter(to, seconds) }
}
