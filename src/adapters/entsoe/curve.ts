import { type Interval, instant } from '../../units.ts'

/** A value at the `position`-th step of a period; the first position is 1. */
export type CurvePoint = { readonly position: number; readonly value: number }

export type Curve = {
  readonly during: Interval
  readonly stepMs: number
  /**
   * `sequential` (A01): a step without a point has no value. `variable` (A03): a point that repeats the one before is
   * left out, and the last one holds until the period ends.
   */
  readonly kind: 'sequential' | 'variable'
  /** Of points at one position the last one given counts. */
  readonly points: readonly CurvePoint[]
}

/** The value of each step of a curve that has one, ascending. What is before the first point has none. */
export function valuesOf(curve: Curve): readonly { readonly valid: Interval; readonly value: number }[] {
  const { during, stepMs, kind } = curve
  const given = new Map(curve.points.map(({ position, value }) => [position, value]))
  const values: { valid: Interval; value: number }[] = []
  let held: number | undefined
  for (let position = 1, from = during.from; from < during.to; position++) {
    const to = instant(from + stepMs)
    const value: number | undefined = given.get(position) ?? (kind === 'variable' ? held : undefined)
    if (value !== undefined) values.push({ valid: { from, to }, value })
    held = value
    from = to
  }
  return values
}
