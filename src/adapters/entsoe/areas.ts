import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'

/** Its origin and its columns stand in the SOURCE.md beside it. */
const shippedAreas = new URL('../../../data/zones/entsoe-areas.csv', import.meta.url)

const columns = ['zone', 'eic', 'area']

/** The Energy Identification Code of the area that each zone is. */
export function readAreas(): ReadonlyMap<string, string> {
  return parseAreas(readFileSync(shippedAreas, 'utf8'))
}

/** Throws on any row that cannot be read. */
export function parseAreas(csv: string): ReadonlyMap<string, string> {
  const [header, ...rows] = parse(csv)
  if (header?.join() !== columns.join()) throw new Error(`areas: the header is not ${columns.join()}`)
  return new Map(
    rows.map((cells) => {
      const [zone, eic] = cells
      if (!zone || eic?.length !== 16) throw new Error(`areas: unreadable row ${cells.join()}`)
      return [zone, eic]
    }),
  )
}
