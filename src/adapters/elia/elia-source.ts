import { unknownZone } from '../../intensity/answer-failure.ts'
import { createAnswerReader } from '../../intensity/answer-reader.ts'
import { monthsOf, pastOf, wholeDays } from '../../intensity/calendar.ts'
import { createDatasetRecords, type DatedFigure } from '../../intensity/opendatasoft-records.ts'
import type { AboutSource, IntensitySource } from '../../intensity/source.ts'
import { type Figure, factsFrom, holdingWithin } from '../../intensity/source-facts.ts'
import { heldUntilNext } from '../../intensity/steps.ts'
import type { WebSourceOptions } from '../../intensity/web-source.ts'

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
const dataset = 'ods192'

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

  const records = createDatasetRecords({ httpGet, baseUrl, read, time: 'datetime', grams: 'consumption' })

  const factsOf = (figures: readonly Figure[]) =>
    factsFrom({ id, about, rank, learnedAt: now() }, zone, figures)

  return {
    id,
    about,
    zones: () => [zone],

    /** The last four days, since they are corrected; one page holds them. */
    async latest(asked, signal) {
      if (asked !== zone) throw unknownZone(about.name, asked)
      return factsOf(figuresFrom(await records.latest(dataset, signal)))
    },

    async history(asked, during, signal) {
      if (asked !== zone) throw unknownZone(about.name, asked)
      const figures: Figure[] = []
      for (const month of monthsOf(pastOf(during, now()))) {
        const rows = await records.during(dataset, wholeDays(month), signal)
        figures.push(...holdingWithin(figuresFrom(rows), month))
      }
      return factsOf(figures)
    },
  }
}

function figuresFrom(rows: readonly DatedFigure[]): readonly Figure[] {
  return heldUntilNext(rows).flatMap(({ valid, grams }) =>
    grams === undefined ? [] : [{ valid, grams, method: { kind: 'measured' } }],
  )
}
