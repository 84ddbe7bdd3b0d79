import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { type IntensityFact, whyImplausible } from '../../intensity/fact.ts'
import type { AboutSource } from '../../intensity/source.ts'
import { sourceRank } from '../../intensity/source-rank.ts'
import { createStaticSource, type StaticSource } from '../../intensity/static-source.ts'
import { gramsPerKilowattHour, type Instant, instant } from '../../units.ts'

const id = 'ember-annual'

const about: AboutSource = {
  name: 'Ember, Yearly Electricity Data',
  url: 'https://ember-energy.org/data/yearly-electricity-data/',
  licence: 'CC-BY-4.0',
  attribution: 'Ember - Yearly Electricity Data',
  signal: 'average',
  basis: 'lifecycle',
  everySeconds: Number.POSITIVE_INFINITY,
  secondsBetweenRequests: 0,
}

/** Its origin and its columns stand in the SOURCE.md beside it. */
const shippedTable = new URL('../../../data/annual-intensity/annual-by-country.csv', import.meta.url)

const columns = ['iso2', 'iso3', 'country', 'year', 'g_co2e_per_kwh', 'source']

type AnnualAverage = { readonly zone: string; readonly year: number; readonly grams: number }

/**
 * The annual averages that ship with the program, in gCO2e per kWh generated, by country.
 *
 * The table is read where it lies, not compiled into code: the file that SOURCE.md vouches for is then the file that
 * is used, and reading its 10 kB takes a few milliseconds.
 */
export function readAnnualAverages(): StaticSource {
  return createStaticSource({ id, about, facts: parseAnnualAverages(readFileSync(shippedTable, 'utf8')) })
}

/**
 * The facts in a table of annual averages. A row holds from the start of its year (UTC) to the start of the same
 * country's next row, its first also for all time before and its last for all time after. They are known for ever:
 * whenever the program ran, such a table was at hand. Throws on any row it cannot read.
 */
export function parseAnnualAverages(csv: string): readonly IntensityFact[] {
  const [header, ...rows] = parse(csv)
  if (header?.join() !== columns.join())
    throw new Error(`annual averages: the header is not ${columns.join()}`)

  const byZone = Map.groupBy(rows.map(readRow), (row) => row.zone)
  return [...byZone.values()].flatMap((ofZone) =>
    ofZone
      .toSorted((a, b) => a.year - b.year)
      .map((row, index, ascending) =>
        factOf(row, {
          from: index === 0 ? instant(-Infinity) : startOf(row.year),
          to: startOf(ascending[index + 1]?.year ?? Infinity),
        }),
      ),
  )
}

function readRow(cells: readonly string[]): AnnualAverage {
  const [zone, , , yearText, gramsText] = cells
  const year = Number(yearText)
  const grams = gramsText === undefined || gramsText.trim() === '' ? NaN : Number(gramsText)
  if (!zone || !Number.isInteger(year) || year < 1900 || whyImplausible(grams) !== undefined) {
    throw new Error(`annual averages: unreadable row ${cells.join()}`)
  }
  return { zone, year, grams }
}

function startOf(year: number): Instant {
  return instant(year === Infinity ? Infinity : Date.UTC(year, 0, 1))
}

function factOf({ zone, year, grams }: AnnualAverage, valid: IntensityFact['valid']): IntensityFact {
  return {
    zone,
    valid,
    intensity: gramsPerKilowattHour(grams),
    source: id,
    method: { kind: 'annual-average', year },
    signal: about.signal,
    basis: about.basis,
    rank: sourceRank.annual,
    learnedAt: instant(-Infinity),
  }
}
