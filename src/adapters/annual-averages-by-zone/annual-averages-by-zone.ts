import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { type IntensityFact, whyImplausible } from '../../intensity/fact.ts'
import type { AboutSource } from '../../intensity/source.ts'
import { sourceRank } from '../../intensity/source-rank.ts'
import { createStaticSource, type StaticSource } from '../../intensity/static-source.ts'
import { gramsPerKilowattHour, type Instant, instant } from '../../units.ts'

const id = 'electricity-maps-annual'

const about: AboutSource = {
  name: 'Electricity Maps, yearly data sets',
  url: 'https://portal.electricitymaps.com/datasets',
  licence: 'ODbL-1.0',
  attribution:
    'Contains information from Electricity Maps, which is made available under the Open Database License (ODbL)',
  signal: 'average',
  basis: 'lifecycle',
  everySeconds: Number.POSITIVE_INFINITY,
  secondsBetweenRequests: 0,
}

/** Before the averages by country: they count what is consumed, and know the parts of countries. */
const rank = sourceRank.annual - 1

/** In a folder of its own, for its licence's sake; its origin and its columns stand in the SOURCE.md beside it. */
const shippedTable = new URL(
  '../../../data/annual-intensity-by-zone-ODbL/annual-by-zone.csv',
  import.meta.url,
)

const columns = [
  'zone',
  'zone_name',
  'country_name',
  'year',
  'g_co2e_per_kwh',
  'renewable_pct',
  'carbon_free_pct',
]

type AnnualAverage = { readonly zone: string; readonly year: number; readonly grams: number }

/** The annual averages that ship with the program, in gCO2e per kWh consumed, by zone. */
export function readAnnualAveragesByZone(): StaticSource {
  return createStaticSource({
    id,
    about,
    facts: parseAnnualAveragesByZone(readFileSync(shippedTable, 'utf8')),
  })
}

/**
 * The facts in a table of annual averages by zone. A row holds from the start of its year (UTC) to the start of the
 * same zone's next row, its first also for all time before and its last for all time after. They are known for ever:
 * whenever the program ran, such a table was at hand. Throws on any row it cannot read.
 */
export function parseAnnualAveragesByZone(csv: string): readonly IntensityFact[] {
  const [header, ...rows] = parse(csv)
  if (header?.join() !== columns.join())
    throw new Error(`annual averages by zone: the header is not ${columns.join()}`)

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
    throw new Error(`annual averages by zone: unreadable row ${cells.join()}`)
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
    rank,
    learnedAt: instant(-Infinity),
  }
}
