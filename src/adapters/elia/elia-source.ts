import { unknownZone } from '../../intensity/answer-failure.ts'
import { type AnswerReader, createAnswerReader } from '../../intensity/answer-reader.ts'
import { monthsOf, pastOf, wholeDays } from '../../intensity/calendar.ts'
import { allPages } from '../../intensity/pages.ts'
import type { AboutSource, IntensitySource } from '../../intensity/source.ts'
import { type Figure, factsFrom, holdingWithin } from '../../intensity/source-facts.ts'
import { heldUntilNext } from '../../intensity/steps.ts'
import { addressBelow, type WebSourceOptions } from '../../intensity/web-source.ts'
import type { Instant } from '../../units.ts'

const id = 'elia'
const zone = 'BE'

const about: AboutSource = {
  name: 'Elia Open Data',
  url: 'https://opendata.elia.be/explore/dataset/ods192/',
  licence: 'Elia open data terms',
  attribution: 'Elia Transmission Belgium, Elia Open Data',
  signal: 'average',
  basis: 'unstated',
  everySeconds: 24 * 3600,
  secondsBetweenRequests: 2,
}

const defaultBaseUrl = new URL('https://opendata.elia.be')
const records = 'api/explore/v2.1/catalog/datasets/ods192/records'

/** What the API allows: a page of 100 records, and none behind the 10,000th. */
const pageSize = 100
const mostRows = 10_000

type Row = { readonly at: Instant; readonly grams: number | undefined }

/**
 * Carbon intensity of electricity in Belgium, from data set ods192 of the system operator Elia. No key.
 *
 * - Unit: gCO2eq per kWh consumed, imports included (`consumption`; `production` stands beside it and is not used).
 *   Average. Whether its factors count the whole life cycle is not stated.
 * - Kind: measured, of the day before and earlier. The near-real-time set, ods191, was empty on 2026-07-01.
 * - Step: an hour; inferred from the rows.
 * - Licence: Elia's terms of its open data platform. Limit: none published; asked at most every 2 s.
 * - Source: the data set's page on opendata.elia.be; the Explore API v2.1 of Opendatasoft (2026-11).
 */
export function createEliaSource(options: WebSourceOptions): IntensitySource {
  const { httpGet, rank, now, baseUrl = defaultBaseUrl } = options
  const read = createAnswerReader(about.name, now)

  async function rowsOf(
    parameters: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<readonly Row[]> {
    const address = addressBelow(baseUrl, records, {
      select: 'datetime,consumption',
      limit: String(pageSize),
      ...parameters,
    })
    return rowsIn(read.json(await httpGet(address, { signal })), read)
  }

  const factsOf = (figures: readonly Figure[]) =>
    factsFrom({ id, about, rank, learnedAt: now() }, zone, figures)

  return {
    id,
    about,
    zones: () => [zone],

    /** The last four days, since they are corrected; one page holds them. */
    async latest(asked, signal) {
      if (asked !== zone) throw unknownZone(about.name, asked)
      return factsOf(figuresFrom(await rowsOf({ order_by: 'datetime desc' }, signal)))
    },

    async history(asked, during, signal) {
      if (asked !== zone) throw unknownZone(about.name, asked)
      const figures: Figure[] = []
      for (const month of monthsOf(pastOf(during, now()))) {
        const days = wholeDays(month)
        const where = `datetime >= ${dateLiteral(days.from)} and datetime < ${dateLiteral(days.to)}`
        const rows = await allPages({ pageSize, mostRows }, async (offset) => {
          return await rowsOf({ where, order_by: 'datetime', offset: String(offset) }, signal)
        })
        figures.push(...holdingWithin(figuresFrom(rows), month))
      }
      return factsOf(figures)
    },
  }
}

/** A time in ODSQL, the query language of the API. */
function dateLiteral(at: Instant): string {
  return `date'${new Date(at).toISOString().slice(0, 19)}Z'`
}

function rowsIn(answer: unknown, read: AnswerReader): readonly Row[] {
  const results = read.list(read.object(answer, 'a body')['results'], 'results')
  return results.map((result, index) => {
    const field = `results[${index}]`
    const { datetime, consumption } = read.object(result, field)
    return {
      at: read.time(datetime, `${field}.datetime`),
      grams: read.numberOrNull(consumption, `${field}.consumption`),
    }
  })
}

function figuresFrom(rows: readonly Row[]): readonly Figure[] {
  return heldUntilNext(rows).flatMap(({ valid, grams }) =>
    grams === undefined ? [] : [{ valid, grams, method: { kind: 'measured' } }],
  )
}
