import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { whyImplausible } from '../../intensity/fact.ts'
import { type EmissionFactors, technologies } from '../../intensity/generation-mix.ts'

/** The sets that ship; where each is from, and how sure each figure is, stands in the SOURCE.md beside them. */
export type ShippedFactors = 'ar5-2014'

const folder = new URL('../../../data/emission-factors/', import.meta.url)

const columns = ['technology', 'g_co2e_per_kwh', 'standing', 'low', 'high', 'range_standing', 'note']

/** A set of emission factors that ships with the program, in grams of CO2e per kWh generated. */
export function readEmissionFactors(name: ShippedFactors): EmissionFactors {
  return {
    name,
    gramsPerKilowattHour: parseEmissionFactors(readFileSync(new URL(`${name}.csv`, folder), 'utf8')),
  }
}

/** The factors in a table. Throws unless it has one readable row for each technology, and no others. */
export function parseEmissionFactors(csv: string): EmissionFactors['gramsPerKilowattHour'] {
  const [header, ...rows] = parse(csv)
  if (header?.join() !== columns.join())
    throw new Error(`emission factors: the header is not ${columns.join()}`)

  if (rows.length !== technologies.length) {
    throw new Error(`emission factors: ${rows.length} rows; there are ${technologies.length} technologies`)
  }
  const textOf = new Map(rows.map(([technology = '', grams = '']) => [technology, grams.trim()]))
  return new Map(
    technologies.map((technology) => {
      const text = textOf.get(technology) ?? ''
      const grams = text === '' ? NaN : Number(text)
      if (whyImplausible(grams) !== undefined)
        throw new Error(`emission factors: no figure for ${technology}`)
      return [technology, grams]
    }),
  )
}
