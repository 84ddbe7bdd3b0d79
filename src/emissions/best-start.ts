import type { KnownPiece } from '../intensity/timeline.ts'
import { type Interval, instant } from '../units.ts'

/**
 * The time of this length, in milliseconds, over which the mean intensity is least, out of `pieces`, which ascend and may
 * leave holes: none of them is in it. Of equally good ones the first; undefined where nothing known is long enough.
 *
 * Between two instants at which an end of the window meets a bound of a piece, the mean changes linearly, so that the
 * least one is at such an instant: these alone are looked at.
 */
export function bestStart(pieces: readonly KnownPiece[], lengthMs: number): Interval | undefined {
  let best: { readonly from: number; readonly load: number } | undefined
  for (const run of runsOf(pieces)) {
    const loadUntil = cumulativeLoad(run)
    const first = run[0]?.during.from ?? Number.NaN
    const last = (run.at(-1)?.during.to ?? Number.NaN) - lengthMs
    const bounds = run.flatMap(({ during: { from, to } }) => [from, to])
    const starts = [first, ...bounds, ...bounds.map((bound) => bound - lengthMs)]
      .filter((start) => start >= first && start <= last)
      .sort((a, b) => a - b)
    for (const from of starts) {
      const load = loadUntil(from + lengthMs) - loadUntil(from)
      if (best === undefined || load < best.load) best = { from, load }
    }
  }
  return best === undefined ? undefined : { from: instant(best.from), to: instant(best.from + lengthMs) }
}

/** Pieces that follow each other without a hole. */
function runsOf(pieces: readonly KnownPiece[]): readonly (readonly KnownPiece[])[] {
  const runs: KnownPiece[][] = []
  for (const piece of pieces) {
    const run = runs.at(-1)
    if (run?.at(-1)?.during.to === piece.during.from) run.push(piece)
    else runs.push([piece])
  }
  return runs
}

/** Intensity times time, from the beginning of the run until an instant within it. */
function cumulativeLoad(run: readonly KnownPiece[]): (at: number) => number {
  let sum = 0
  const pieces = run.map(({ during, fact: { intensity } }) => {
    const before = sum
    sum += intensity * (during.to - during.from)
    return { from: during.from, intensity, before }
  })
  return (at) => {
    const piece = pieces.findLast(({ from }) => from <= at)
    return piece === undefined ? 0 : piece.before + piece.intensity * (at - piece.from)
  }
}
