import { gramsPerKilowattHour, type Instant, instant } from '../units.ts'
import { type IntensityFact, whyImplausible } from './fact.ts'

/** One row of a table of annual averages; grams of CO2e per kWh. */
export type AnnualAverage = { readonly zone: string; readonly year: number; readonly grams: number }

/** A row out of its cells as text; undefined for one that cannot be read, or whose figure is none. */
export function readAnnualAverage(
  zone: string,
  yearText: string,
  gramsText: string,
): AnnualAverage | undefined {
  const year = Number(yearText)
  const grams = gramsText.trim() === '' ? Number.NaN : Number(gramsText)
  const isReadable =
    zone !== '' && Number.isInteger(year) && year >= 1900 && whyImplausible(grams) === undefined
  return isReadable ? { zone, year, grams } : undefined
}

/**
 * The facts in a table of annual averages. A row holds from the start of its year (UTC) to the start of the same
 * zone's next row, its first also for all time before and its last for all time after. They are known for ever:
 * whenever the program ran, such a table was at hand.
 */
export function annualFacts(
  rows: readonly AnnualAverage[],
  { source, rank }: Pick<IntensityFact, 'source' | 'rank'>,
): readonly IntensityFact[] {
  const byZone = Map.groupBy(rows, (row) => row.zone)
  return [...byZone.values()].flatMap((ofZone) =>
    ofZone
      .toSorted((a, b) => a.year - b.year)
      .map(
        ({ zone, year, grams }, at, ascending): IntensityFact => ({
          zone,
          valid: {
            from: at === 0 ? instant(Number.NEGATIVE_INFINITY) : startOf(year),
            to: startOf(ascending[at + 1]?.year ?? Number.POSITIVE_INFINITY),
          },
          intensity: gramsPerKilowattHour(grams),
          source,
          method: { kind: 'annual-average', year },
          signal: 'average',
          basis: 'lifecycle',
          rank,
          learnedAt: instant(Number.NEGATIVE_INFINITY),
        }),
      ),
  )
}

function startOf(year: number): Instant {
  return instant(Number.isFinite(year) ? Date.UTC(year, 0, 1) : year)
}
