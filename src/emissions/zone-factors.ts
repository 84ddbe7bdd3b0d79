import { numberAt } from '../energy/columns.ts'
import type { IntensityFact } from '../intensity/fact.ts'
import { likelyRangeOf } from '../intensity/likely-range.ts'
import { firstEndingAfter, type TimelinePiece } from '../intensity/timeline.ts'
import { type Instant, instant } from '../units.ts'

/** How clean electricity is in each atom in one zone, in columns. All are 0 where no intensity is known. */
export type ZoneFactors = {
  readonly gramsPerKwh: Float64Array
  /** Between which multiples of the grams nine of ten true values lie. */
  readonly low: Float64Array
  readonly high: Float64Array
  /** 1 where no intensity is known, else 0. */
  readonly isUnknown: Uint8Array
  /** The fact that counts in each atom, where one is known. */
  readonly facts: readonly (IntensityFact | undefined)[]
}

/** The factors of a zone with this timeline. No piece of it begins or ends within an atom. */
export function zoneFactors(timeline: readonly TimelinePiece[], bounds: Float64Array): ZoneFactors {
  const atoms = bounds.length - 1
  // One piece of memory for all: a small question spends more on pieces than on what is in them.
  const buffer = new ArrayBuffer(25 * atoms)
  const gramsPerKwh = new Float64Array(buffer, 0, atoms)
  const low = new Float64Array(buffer, 8 * atoms, atoms)
  const high = new Float64Array(buffer, 16 * atoms, atoms)
  const isUnknown = new Uint8Array(buffer, 24 * atoms, atoms)
  const facts: (IntensityFact | undefined)[] = []
  let piece = firstEndingAfter(timeline, boundAt(bounds, 0))
  for (let atom = 0; atom < atoms; atom += 1) {
    const begin = boundAt(bounds, atom)
    while ((timeline[piece]?.during.to ?? Infinity) <= begin) piece += 1
    const found = timeline[piece]
    const fact = found?.kind === 'known' && found.during.from <= begin ? found.fact : undefined
    facts.push(fact)
    if (fact === undefined) {
      isUnknown[atom] = 1
      continue
    }
    const likely = likelyRangeOf(fact.method)
    gramsPerKwh[atom] = fact.intensity
    low[atom] = likely.low
    high[atom] = likely.high
  }
  return { gramsPerKwh, low, high, isUnknown, facts }
}

function boundAt(bounds: Float64Array, index: number): Instant {
  return instant(numberAt(bounds, index))
}
