import type { IntensityFact } from '../src/intensity/fact.ts'
import { gramsPerKilowattHour, instant } from '../src/units.ts'

/** A measured fact about DE from `from` to `to` (ms), known since the epoch; `more` says what is different. */
export function measuredFact(
  grams: number,
  from: number,
  to: number,
  more: Partial<IntensityFact> = {},
): IntensityFact {
  return {
    zone: 'DE',
    valid: { from: instant(from), to: instant(to) },
    intensity: gramsPerKilowattHour(grams),
    source: 'test',
    method: { kind: 'measured' },
    signal: 'average',
    basis: 'lifecycle',
    rank: 20,
    learnedAt: instant(0),
    ...more,
  }
}
