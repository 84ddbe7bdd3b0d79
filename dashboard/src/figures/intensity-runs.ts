import type { Bounds } from '../address/time-range.ts'
import { type Method, methodOf } from './method-words.ts'
import type { Values } from './stack.ts'

/** A piece of a zone's timeline. Times are milliseconds since 1970. */
export type IntensityPiece = {
  readonly from: number
  readonly to: number
  readonly gramsPerKwh: number | null
  readonly method: Method | 'unknown'
  readonly source: string
  readonly year: number | undefined
}

type WrittenPiece = {
  readonly from: string | null
  readonly to: string | null
  readonly g_per_kwh: number | null
  readonly intensity_source: string | null
  readonly intensity_method: string | null
  readonly intensity_year?: number | undefined
}

/** Pieces as the API writes them, cut to `window`; those without a length are left out. */
export function piecesWithin(written: readonly WrittenPiece[], window: Bounds): readonly IntensityPiece[] {
  return written
    .map((piece) => ({
      from: Math.max(window.from, piece.from === null ? -Infinity : Date.parse(piece.from)),
      to: Math.min(window.to, piece.to === null ? Infinity : Date.parse(piece.to)),
      gramsPerKwh: piece.g_per_kwh,
      method: methodOf(piece.intensity_method),
      source: piece.intensity_source ?? '',
      year: piece.intensity_year,
    }))
    .filter(({ from, to }) => from < to)
}

/** Neighbouring pieces of one source and method as one, with the bounds of their figures. */
export type Run = Omit<IntensityPiece, 'gramsPerKwh'> & {
  readonly low: number | null
  readonly high: number | null
}

export function runsOf(pieces: readonly IntensityPiece[]): readonly Run[] {
  const runs: Run[] = []
  for (const { gramsPerKwh, ...piece } of pieces) {
    const last = runs.at(-1)
    const goesOn =
      last !== undefined &&
      last.to === piece.from &&
      last.source === piece.source &&
      last.method === piece.method &&
      last.year === piece.year
    if (goesOn)
      runs[runs.length - 1] = { ...last, to: piece.to, ...bounds([last.low, last.high, gramsPerKwh]) }
    else runs.push({ ...piece, ...bounds([gramsPerKwh]) })
  }
  return runs
}

function bounds(figures: readonly (number | null)[]): {
  readonly low: number | null
  readonly high: number | null
} {
  const known = figures.filter((figure) => figure !== null)
  return known.length === 0
    ? { low: null, high: null }
    : { low: Math.min(...known), high: Math.max(...known) }
}

/** A line of one zone, of figures that are drawn alike. */
export type IntensityLine = {
  readonly zone: string
  readonly method: Method | 'unknown'
  readonly values: Values
}

/**
 * The lines of several zones over common `times` (ascending, milliseconds), to be drawn in steps: a value holds from its
 * time to the next. Each line also has a value at the end of its last piece, so that it reaches as far as that.
 */
export function intensityLines(zones: ReadonlyMap<string, readonly IntensityPiece[]>): {
  readonly times: readonly number[]
  readonly lines: readonly IntensityLine[]
} {
  const all = [...zones.values()].flat()
  const times = [...new Set(all.flatMap(({ from, to }) => [from, to]))].sort((left, right) => left - right)
  const lines = [...zones].flatMap(([zone, pieces]) => {
    const known = pieces.filter(({ gramsPerKwh }) => gramsPerKwh !== null)
    return [...new Set(known.map(({ method }) => method))].map((method) => ({
      zone,
      method,
      values: valuesAt(
        times,
        known.filter((piece) => piece.method === method),
      ),
    }))
  })
  return { times, lines }
}

function valuesAt(times: readonly number[], pieces: readonly IntensityPiece[]): Values {
  let next = 0
  let last: IntensityPiece | undefined
  return times.map((time) => {
    while (next < pieces.length && (pieces[next]?.from ?? Infinity) <= time) {
      last = pieces[next]
      next += 1
    }
    return last !== undefined && time <= last.to ? last.gramsPerKwh : null
  })
}

/** The figure in force at a moment. */
export function pieceAt(pieces: readonly IntensityPiece[], at: number): IntensityPiece | undefined {
  return pieces.find(({ from, to }) => from <= at && at < to)
}
