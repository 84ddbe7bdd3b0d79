import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'

/** Its origin and its columns stand in the SOURCE.md beside it. */
const shippedRespondents = new URL('../../../data/zones/eia-respondents.csv', import.meta.url)

const columns = ['zone', 'respondent']

/** The respondent of Form EIA-930 that each zone is. */
export function readRespondents(): ReadonlyMap<string, string> {
  return parseRespondents(readFileSync(shippedRespondents, 'utf8'))
}

/** Throws on any row that cannot be read. */
export function parseRespondents(csv: string): ReadonlyMap<string, string> {
  const [header, ...rows] = parse(csv)
  if (header?.join() !== columns.join()) throw new Error(`respondents: the header is not ${columns.join()}`)
  return new Map(
    rows.map((cells) => {
      const [zone, respondent] = cells
      if (!zone || !respondent) throw new Error(`respondents: unreadable row ${cells.join()}`)
      return [zone, respondent]
    }),
  )
}
