import { unknownZone } from '../../intensity/answer-failure.ts'
import { createAnswerReader } from '../../intensity/answer-reader.ts'
import { monthsOf, pastOf, wholeDays } from '../../intensity/calendar.ts'
import { createDatasetRecords, type DatedFigure } from '../../intensity/opendatasoft-records.ts'
import type { AboutSource, IntensitySource } from '../../intensity/source.ts'
import { type Figure, factsFrom, holdingWithin } from '../../intensity/source-facts.ts'
import { heldUntilNext } from '../../intensity/steps.ts'
import type { WebSourceOptions } from '../../intensity/web-source.ts'
import type { Interval } from '../../units.ts'

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

  const records = createDatasetRecords({
    httpGet,
    baseUrl,
    read,
    time: 'date_heure',
    grams: 'taux_co2',
    where: 'taux_co2 is not null',
  })

  async function figuresDuring(
    dataset: string,
    during: Interval,
    signal: AbortSignal,
  ): Promise<readonly Figure[]> {
    const figures: Figure[] = []
    for (const month of monthsOf(during)) {
      const rows = await records.during(dataset, wholeDays(month), signal)
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
      return factsOf(figuresFrom(await records.latest(realTime, signal)))
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

/** A row without a figure, should there be one in spite of the question, is one to come: it ends none before it. */
function figuresFrom(rows: readonly DatedFigure[]): readonly Figure[] {
  const known = rows.flatMap(({ at, grams }) => (grams === undefined ? [] : [{ at, grams }]))
  return heldUntilNext(known).map(({ valid, grams }) => ({ valid, grams, method: { kind: 'measured' } }))
}
