import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import english from 'i18n-iso-countries/langs/en.json' with { type: 'json' }
import { createZoneDirectory, type ZoneDirectory } from '../../intensity/zone.ts'

type NamedZone = { readonly code: string; readonly name: string }

/** Its origin and its columns stand in the SOURCE.md beside it. */
const shippedParts = new URL('../../../data/zones/zones.csv', import.meta.url)

const columns = ['code', 'name', 'country']

/**
 * The countries of ISO 3166-1 by alpha-2 code, Kosovo under the code `XK` that is in general use for it, and the
 * parts of countries whose grids are told apart, such as `DK-DK1`.
 *
 * Of the country names only the English ones are loaded: the package's own entry point registers close to eighty languages.
 */
export function readZoneDirectory(): ZoneDirectory {
  const countries = Object.entries(english.countries).map(toCountry)
  const parts = parseZoneParts(readFileSync(shippedParts, 'utf8'))
  return createZoneDirectory([...countries, ...parts])
}

/** The rows of a table of parts of countries. Throws on any row that cannot be read. */
export function parseZoneParts(csv: string): readonly NamedZone[] {
  const [header, ...rows] = parse(csv)
  if (header?.join() !== columns.join()) throw new Error(`zones: the header is not ${columns.join()}`)
  return rows.map((cells) => {
    const [code, name, country] = cells
    if (!code || !name || !country || !code.startsWith(`${country}-`)) {
      throw new Error(`zones: unreadable row ${cells.join()}`)
    }
    return { code, name }
  })
}

function toCountry([code, names]: [string, string | readonly string[]]): NamedZone {
  return { code, name: typeof names === 'string' ? names : (names[0] ?? code) }
}
