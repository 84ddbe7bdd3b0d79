import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { type AnnualAverage, annualFacts, readAnnualAverage } from '../../intensity/annual-facts.ts'
import type { IntensityFact } from '../../intensity/fact.ts'
import type { AboutSource } from '../../intensity/source.ts'
import { sourceRank } from '../../intensity/source-rank.ts'
import { createStaticSource, type StaticSource } from '../../intensity/static-source.ts'

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

/**
 * The annual averages that ship with the program, in gCO2e per kWh generated, by country.
 *
 * The table is read where it lies, not compiled into code: the file that SOURCE.md vouches for is then the file that
 * is used, and reading its 10 kB takes a few milliseconds.
 */
export function readAnnualAverages(): StaticSource {
  return createStaticSource({ id, about, facts: parseAnnualAverages(readFileSync(shippedTable, 'utf8')) })
}

/** The facts in a table of annual averages; throws on any row it cannot read. */
export function parseAnnualAverages(csv: string): readonly IntensityFact[] {
  const [header, ...rows] = parse(csv)
  if (header?.join() !== columns.join())
    throw new Error(`annual averages: the header is not ${columns.join()}`)

  return annualFacts(rows.map(readRow), { source: id, rank: sourceRank.annual })
}

function readRow(cells: readonly string[]): AnnualAverage {
  const [zone = '', , , yearText = '', gramsText = ''] = cells
  const row = readAnnualAverage(zone, yearText, gramsText)
  if (row === undefined) throw new Error(`annual averages: unreadable row ${cells.join()}`)
  return row
}
