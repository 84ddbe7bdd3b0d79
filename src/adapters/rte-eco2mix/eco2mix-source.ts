import { unknownZone } from '../../intensity/answer-failure.ts'
import { type AnswerReader, createAnswerReader } from '../../intensity/answer-reader.ts'
import { monthsOf, pastOf, wholeDays } from '../../intensity/calendar.ts'
import { allPages } from '../../intensity/pages.ts'
import type { AboutSource, IntensitySource } from '../../intensity/source.ts'
import { type Figure, factsFrom, holdingWithin } from '../../intensity/source-facts.ts'
import { heldUntilNext } from '../../intensity/steps.ts'
import { addressBelow, type WebSourceOptions } from '../../intensity/web-source.ts'
import type { Instant, Interval } from '../../units.ts'

const id = 'rte-eco2mix'
const zone = 'FR'

const about: AboutSource = {
  name: 'RTE eCO2mix',
  url: 'https://odre.opendatasoft.com/explore/dataset/eco2mix-national-tr/',
  licence: 'etalab-2.0',
  attribution: 'RTE, eCO2mix, via Open Data Réseaux Énergies (ODRÉ)',
  signal: 'average',
  basis: 'direct',
  everySeconds: 900,
  secondsBetweenRequests: 2,
}

const defaultBaseUrl = new URL('https://odre.opendatasoft.com')

/** Figures as they come, for the last months. */
const realTime = 'eco2mix-national-tr'
/** Figures that are settled, from 2012 on, some weeks to months old. */
const settled = 'eco2mix-national-cons-def'
const settledAfter = 30 * 24 * 3600 * 1000

/** What the API allows: a page of 100 records, and none behind the 10,000th. */
const pageSize = 100
const mostRows = 10_000

type Row = { readonly at: Instant; readonly grams: number }

/**
 * Carbon intensity of electricity in mainland France, from eCO2mix of the system operator RTE, as the open data platform
 * ODRÉ tells it. No key.
 *
 * - Unit: gCO2 per kWh produced in France (`taux_co2`). Average. Direct: what burning fuel emits, nothing else;
 *   imports are left out. Usually 12 to 31.
 * - Kind: measured. There are rows for times to come; their figure is null.
 * - Step: 15 or 30 minutes; inferred from the rows with a figure. Times carry an offset.
 * - Licence: Licence Ouverte 2.0 (Etalab). Limit: 50,000 requests a month.
 * - Source: rte-france.com/eco2mix, "Comment sont calculées les émissions de CO2"; the two data sets' pages; the
 *   Explore API v2.1 of Opendatasoft (2026-11).
 */
export function createEco2mixSource(options: WebSourceOptions): IntensitySource {
  const { httpGet, rank, now, baseUrl = defaultBaseUrl } = options
  const read = createAnswerReader(about.name, now)

  async function rowsOf(
    dataset: string,
    parameters: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<readonly (Row | undefined)[]> {
    const address = addressBelow(baseUrl, `api/explore/v2.1/catalog/datasets/${dataset}/records`, {
      select: 'date_heure,taux_co2',
      limit: String(pageSize),
      ...parameters,
    })
    return rowsIn(read.json(await httpGet(address, { signal })), read)
  }

  async function figuresDuring(
    dataset: string,
    during: Interval,
    signal: AbortSignal,
  ): Promise<readonly Figure[]> {
    const figures: Figure[] = []
    for (const month of monthsOf(during)) {
      const asked = wholeDays(month)
      const where = `date_heure >= ${dateLiteral(asked.from)} and date_heure < ${dateLiteral(asked.to)} and ${isKnown}`
      const rows = await allPages({ pageSize, mostRows }, async (offset) => {
        return await rowsOf(dataset, { where, order_by: 'date_heure', offset: String(offset) }, signal)
      })
      figures.push(...holdingWithin(figuresFrom(rows), month))
    }
    return figures
  }

  const factsOf = (figures: readonly Figure[]) =>
    factsFrom({ id, about, rank, learnedAt: now() }, zone, figures)

  return {
    id,
    about,
    zones: () => [zone],

    /** The last 25 hours or more, since they are corrected during the day; one page holds them. */
    async latest(asked, signal) {
      if (asked !== zone) throw unknownZone(about.name, asked)
      return factsOf(
        figuresFrom(await rowsOf(realTime, { where: isKnown, order_by: 'date_heure desc' }, signal)),
      )
    },

    /** What the real-time figures do not reach back to is told by the settled ones. */
    async history(asked, during, signal) {
      if (asked !== zone) throw unknownZone(about.name, asked)
      const past = pastOf(during, now())
      const recent = await figuresDuring(realTime, past, signal)
      const older = { from: past.from, to: recent[0]?.valid.from ?? past.to }
      const isSettled = older.from < older.to && now() - older.from > settledAfter
      return factsOf(isSettled ? [...(await figuresDuring(settled, older, signal)), ...recent] : recent)
    },
  }
}

const isKnown = 'taux_co2 is not null'

/** A time in ODSQL, the query language of the API. */
function dateLiteral(at: Instant): string {
  return `date'${new Date(at).toISOString().slice(0, 19)}Z'`
}

/** The rows of a page, with undefined for one that has no figure: the length of a page tells whether it is the last. */
function rowsIn(answer: unknown, read: AnswerReader): readonly (Row | undefined)[] {
  const results = read.list(read.object(answer, 'a body')['results'], 'results')
  return results.map((result, index) => {
    const field = `results[${index}]`
    const { date_heure, taux_co2 } = read.object(result, field)
    const at = read.time(date_heure, `${field}.date_heure`)
    const grams = read.numberOrNull(taux_co2, `${field}.taux_co2`)
    return grams === undefined ? undefined : { at, grams }
  })
}

function figuresFrom(rows: readonly (Row | undefined)[]): readonly Figure[] {
  return heldUntilNext(rows.filter((row) => row !== undefined)).map(({ valid, grams }) => ({
    valid,
    grams,
    method: { kind: 'measured' },
  }))
}
