import { unknownZone } from '../../intensity/answer-failure.ts'
import { type AnswerReader, createAnswerReader } from '../../intensity/answer-reader.ts'
import { minuteOf, monthsOf, pastOf, wholeDays } from '../../intensity/calendar.ts'
import type { IntensityFact } from '../../intensity/fact.ts'
import type { AboutSource, IntensitySource } from '../../intensity/source.ts'
import {
  begunBy,
  expectedAfter,
  type Figure,
  factsFrom,
  holdingWithin,
  measuredOrForecast,
} from '../../intensity/source-facts.ts'
import { heldUntilNext } from '../../intensity/steps.ts'
import { addressBelow, type WebSourceOptions } from '../../intensity/web-source.ts'
import type { Interval } from '../../units.ts'
import { countryOfZone } from './countries.ts'

const id = 'energy-charts'

const about: AboutSource = {
  name: 'Energy-Charts',
  url: 'https://www.energy-charts.info',
  licence: 'CC-BY-4.0',
  attribution: 'Energy-Charts.info, Fraunhofer ISE',
  signal: 'average',
  basis: 'unstated',
  everySeconds: 900,
  secondsBetweenRequests: 1.5,
}

const defaultBaseUrl = new URL('https://api.energy-charts.info')

/**
 * Carbon intensity of electricity in Europe, from the Energy-Charts API of Fraunhofer ISE, `GET /co2eq`. No key.
 *
 * - Unit: gCO2eq per kWh of the country's own production. Average. Whether its factors count the whole life cycle is
 *   not stated.
 * - Kind: measured, and a forecast to the end of tomorrow (local time); a measured figure wins where both are given.
 * - Step: 15 to 60 minutes, by country and year; inferred from the answer, since it is not told.
 * - Licence: CC BY 4.0. Limit: not published, status 429 with Retry-After; calls 1.5 s apart pass.
 * - Source: api.energy-charts.info (OpenAPI page) and answers of 2024-03-22 and 2026-10-04. `deprecated: true` in an
 *   answer announces the end of the address six months ahead; its figures are as good as before.
 */
export function createEnergyChartsSource(options: WebSourceOptions): IntensitySource {
  const { httpGet, rank, now, baseUrl = defaultBaseUrl } = options
  const read = createAnswerReader(about.name, now)
  const zones = [...countryOfZone.keys()].sort()

  /** The figures of an interval; without one, of today and tomorrow. */
  async function figuresOf(
    zone: string,
    during: Interval | undefined,
    signal: AbortSignal,
  ): Promise<readonly Figure[]> {
    const country = countryOfZone.get(zone)
    if (country === undefined) throw unknownZone(about.name, zone)
    const times =
      during === undefined ? {} : { start: `${minuteOf(during.from)}Z`, end: `${minuteOf(during.to)}Z` }
    const answer = await httpGet(addressBelow(baseUrl, 'co2eq', { country, ...times }), { signal })
    // Its way to say that a country is none of its own; the reason is plain text.
    if (answer.status === 400) throw unknownZone(about.name, zone)
    return figuresIn(read.json(answer), read)
  }

  const factsOf = (zone: string, figures: readonly Figure[]) =>
    factsFrom({ id, about, rank, learnedAt: now() }, zone, figures)

  return {
    id,
    about,
    zones: () => zones,

    /** What is known of today and, where the measurements are late, what was expected until now. */
    async latest(zone, signal) {
      const figures = await figuresOf(zone, undefined, signal)
      return factsOf(zone, begunBy(figures, now()))
    },

    /** One request a month: the step of a country changes from one month to the next, if it does. */
    async history(zone, during, signal) {
      const facts: IntensityFact[] = []
      for (const month of monthsOf(pastOf(during, now()))) {
        const figures = await figuresOf(zone, wholeDays(month), signal)
        facts.push(...factsOf(zone, holdingWithin(figures, month)))
      }
      return facts
    },

    async forecast(zone, signal) {
      const figures = await figuresOf(zone, undefined, signal)
      return factsOf(zone, expectedAfter(figures, now()))
    },
  }
}

function figuresIn(answer: unknown, read: AnswerReader): readonly Figure[] {
  const body = read.object(answer, 'a body')
  const times = read.list(body['unix_seconds'], 'unix_seconds')

  const column = (field: string) => {
    const values = read.list(body[field], field)
    if (values.length !== times.length) {
      throw read.unexpected(values, field, 'a list as long as unix_seconds')
    }
    return values.map((value, index) => read.numberOrNull(value, `${field}[${index}]`))
  }
  const measured = column('co2eq')
  const forecast = column('co2eq_forecast')

  const points = times.map((seconds, index) => ({
    at: read.unixTime(seconds, `unix_seconds[${index}]`),
    measured: measured[index],
    forecast: forecast[index],
  }))
  return heldUntilNext(points).flatMap((point) =>
    measuredOrForecast(point.valid, point.measured, point.forecast),
  )
}
