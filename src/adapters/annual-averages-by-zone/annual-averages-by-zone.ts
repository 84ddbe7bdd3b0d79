import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { type AnnualAverage, annualFacts, readAnnualAverage } from '../../intensity/annual-facts.ts'
import type { IntensityFact } from '../../intensity/fact.ts'
import type { AboutSource } from '../../intensity/source.ts'
import { sourceRank } from '../../intensity/source-rank.ts'
import { createStaticSource, type StaticSource } from '../../intensity/static-source.ts'

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

/** The annual averages that ship with the program, in gCO2e per kWh consumed, by zone. */
export function readAnnualAveragesByZone(): StaticSource {
  return createStaticSource({
    id,
    about,
    facts: parseAnnualAveragesByZone(readFileSync(shippedTable, 'utf8')),
  })
}

/** The facts in a table of annual averages; throws on any row it cannot read. */
export function parseAnnualAveragesByZone(csv: string): readonly IntensityFact[] {
  const [header, ...rows] = parse(csv)
  if (header?.join() !== columns.join())
    throw new Error(`annual averages by zone: the header is not ${columns.join()}`)

  return annualFacts(rows.map(readRow), { source: id, rank })
}

function readRow(cells: readonly string[]): AnnualAverage {
  const [zone = '', , , yearText = '', gramsText = ''] = cells
  const row = readAnnualAverage(zone, yearText, gramsText)
  if (row === undefined) throw new Error(`annual averages by zone: unreadable row ${cells.join()}`)
  return row
}
