import { type Instant, type Interval, instant } from '../units.ts'

/**
 * The most frequent distance between neighbours, in milliseconds; of equally frequent ones the shortest, which claims
 * least. Undefined for fewer than two different times: how long a lone figure holds cannot be told.
 */
export function modalStep(ascending: readonly Instant[]): number | undefined {
  const counts = new Map<number, number>()
  for (const [index, at] of ascending.entries()) {
    const step = at - (ascending[index - 1] ?? at)
    if (step > 0) counts.set(step, (counts.get(step) ?? 0) + 1)
  }
  let modal: number | undefined
  let most = 0
  for (const [step, count] of counts) {
    if (count > most || (count === most && step < (modal ?? Infinity))) {
      modal = step
      most = count
    }
  }
  return modal
}

/**
 * Each point with the time for which it holds, ascending: from its own time to the next point, but for no longer than
 * the series' modal step, so that nothing is told about a gap. Of points at one time the last one given is kept.
 */
export function heldUntilNext<Point extends { readonly at: Instant }>(
  points: readonly Point[],
): readonly (Point & { readonly valid: Interval })[] {
  const byTime = new Map(points.map((point) => [point.at, point]))
  const ascending = [...byTime.values()].sort((a, b) => a.at - b.at)
  const step = modalStep(ascending.map(({ at }) => at))
  if (step === undefined) return []
  return ascending.map((point, index) => {
    const next = ascending[index + 1]?.at ?? Infinity
    return { ...point, valid: { from: point.at, to: instant(Math.min(point.at + step, next)) } }
  })
}
