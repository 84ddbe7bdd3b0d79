import type { Instant, Interval } from '../units.ts'
import type { AnswerReader } from './answer-reader.ts'
import { allPages } from './pages.ts'
import { addressBelow, type WebSourceOptions } from './web-source.ts'

/** What the API allows: a page of 100 records, and none behind the 10,000th. */
const pageSize = 100
const mostRows = 10_000

/** A record with a time and a figure, or with null in the figure's place. */
export type DatedFigure = { readonly at: Instant; readonly grams: number | undefined }

export type RecordsOptions = Pick<WebSourceOptions, 'httpGet'> & {
  readonly baseUrl: URL
  readonly read: AnswerReader
  /** The names of the two fields. */
  readonly time: string
  readonly grams: string
  /** What else must hold of a record, in ODSQL. */
  readonly where?: string
}

/** Asks a platform of Opendatasoft for the records of its data sets. Throws SourceError. */
export type DatasetRecords = {
  /** The hundred that are latest, in the order of the answer. */
  latest(dataset: string, signal: AbortSignal): Promise<readonly DatedFigure[]>
  /** All of a time, in ascending order. */
  during(dataset: string, during: Interval, signal: AbortSignal): Promise<readonly DatedFigure[]>
}

/** Source: the Explore API v2.1 of Opendatasoft (2026-11), whose query language is ODSQL. */
export function createDatasetRecords(options: RecordsOptions): DatasetRecords {
  const { httpGet, baseUrl, read, time, grams } = options
  const conditions = options.where === undefined ? [] : [options.where]

  async function page(
    dataset: string,
    parameters: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<readonly DatedFigure[]> {
    const address = addressBelow(baseUrl, `api/explore/v2.1/catalog/datasets/${dataset}/records`, {
      select: `${time},${grams}`,
      limit: String(pageSize),
      ...parameters,
    })
    return figuresIn(read.json(await httpGet(address, { signal })))
  }

  function figuresIn(answer: unknown): readonly DatedFigure[] {
    const results = read.list(read.object(answer, 'a body')['results'], 'results')
    return results.map((result, index) => {
      const record = read.object(result, `results[${index}]`)
      return {
        at: read.time(record[time], `results[${index}].${time}`),
        grams: read.numberOrNull(record[grams], `results[${index}].${grams}`),
      }
    })
  }

  const whereAll = (all: readonly string[]) => (all.length === 0 ? {} : { where: all.join(' and ') })

  return {
    latest: async (dataset, signal) =>
      await page(dataset, { ...whereAll(conditions), order_by: `${time} desc` }, signal),

    during: async (dataset, { from, to }, signal) => {
      const within = [`${time} >= ${dateLiteral(from)}`, `${time} < ${dateLiteral(to)}`, ...conditions]
      return await allPages({ pageSize, mostRows }, async (offset) => {
        return await page(dataset, { ...whereAll(within), order_by: time, offset: String(offset) }, signal)
      })
    },
  }
}

function dateLiteral(at: Instant): string {
  return `date'${new Date(at).toISOString().slice(0, 19)}Z'`
}
