import { numberAt } from '../energy/columns.ts'
import type { TimelinePiece } from '../intensity/timeline.ts'
import type { Interval } from '../units.ts'

const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
/** The grains in which energy may be kept as sums, coarsest first. */
const grainsSeconds = [3600, 300] as const
/** Time is looked at in stretches of these lengths to see how much of it was measured, coarsest first. */
const coverageStretchesMs = [24 * hourMs, 6 * hourMs, hourMs, 5 * minuteMs, minuteMs, 10 * secondMs] as const
const leastCoverageStretches = 24

/**
 * Where the steps of a range begin, ascending, and the end of the last: the ends of `during`, and the whole multiples
 * of the step since 1970 UTC in between. Without a step the whole range is one.
 */
export function stepBounds(during: Interval, stepSeconds: number | undefined): Float64Array {
  if (stepSeconds === undefined) return Float64Array.of(during.from, during.to)
  return Float64Array.from([during.from, ...multiplesWithin(during, stepSeconds * 1000), during.to])
}

/**
 * The bounds of the atoms of a range: stretches within which no step ends and no intensity changes, so that energy
 * summed over an atom has one intensity per zone. Every bound of `steps` and of the timelines is one of them, ascending
 * and without repeats; and so are whole hours, minutes or the like, by which coverage is judged.
 */
export function atomBounds(
  steps: Float64Array,
  timelines: readonly (readonly TimelinePiece[])[],
): Float64Array {
  const during = rangeOf(steps)
  const bounds: number[] = multiplesWithin(during, coverageStretchMs(during))
  for (const step of steps) bounds.push(step)
  for (const timeline of timelines) {
    for (const piece of timeline) {
      if (piece.during.from > during.from && piece.during.from < during.to) bounds.push(piece.during.from)
    }
  }
  const ascending = new Float64Array(bounds).sort()
  let length = 0
  for (const bound of ascending) {
    if (length > 0 && bound === ascending[length - 1]) continue
    ascending[length] = bound
    length += 1
  }
  return ascending.subarray(0, length)
}

/**
 * The coarsest grain of sums that no bound cuts, in seconds; undefined where only samples will do. The two ends of the
 * range may cut a grain: a reader of energy gives samples there.
 */
export function grainOf(bounds: Float64Array): number | undefined {
  return grainsSeconds.find((grain) =>
    bounds.subarray(1, -1).every((bound) => Number.isInteger(bound / (grain * 1000))),
  )
}

/** The step that each atom lies in. Both ascend, and every bound of a step is one of an atom. */
export function stepOfAtoms(atoms: Float64Array, steps: Float64Array): Uint32Array {
  const places = new Uint32Array(atoms.length - 1)
  let step = 0
  for (let atom = 0; atom < places.length; atom += 1) {
    while (numberAt(steps, step + 1) <= numberAt(atoms, atom)) step += 1
    places[atom] = step
  }
  return places
}

function rangeOf(bounds: Float64Array) {
  return { from: numberAt(bounds, 0), to: numberAt(bounds, bounds.length - 1) }
}

function coverageStretchMs({ from, to }: { readonly from: number; readonly to: number }): number {
  return (
    coverageStretchesMs.find((stretch) => (to - from) / stretch >= leastCoverageStretches) ?? 10 * secondMs
  )
}

function multiplesWithin(
  { from, to }: { readonly from: number; readonly to: number },
  stepMs: number,
): number[] {
  const multiples: number[] = []
  for (let at = Math.floor(from / stepMs) * stepMs + stepMs; at < to; at += stepMs) multiples.push(at)
  return multiples
}
