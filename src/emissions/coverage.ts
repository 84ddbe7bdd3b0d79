import type { Interval } from '../units.ts'

/**
 * The share of `window` that the intervals cover, from 0 to 1; time that several cover counts once. The intervals
 * ascend by their end. An empty window is covered when any interval holds its moment.
 */
export function coverageOf(window: Interval, intervals: readonly Interval[]): number {
  const length = window.to - window.from
  if (!(length > 0)) return intervals.some(({ from, to }) => from <= window.from && window.from <= to) ? 1 : 0
  let covered = 0
  let coveredFrom = Number.POSITIVE_INFINITY
  // From the end backwards, so that an interval that reaches far back is cut where later ones begin.
  for (let at = intervals.length - 1; at >= 0; at -= 1) {
    const { from, to } = intervals[at] ?? window
    const end = Math.min(to, window.to, coveredFrom)
    const begin = Math.max(from, window.from)
    if (end > begin) covered += end - begin
    coveredFrom = Math.min(coveredFrom, Math.max(from, window.from))
  }
  return covered / length
}
