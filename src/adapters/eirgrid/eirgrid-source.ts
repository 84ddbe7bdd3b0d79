import { unknownZone } from '../../intensity/answer-failure.ts'
import { createAnswerReader } from '../../intensity/answer-reader.ts'
import { pastOf } from '../../intensity/calendar.ts'
import type { IntensityFact } from '../../intensity/fact.ts'
import type { AboutSource, IntensitySource } from '../../intensity/source.ts'
import {
  begunBy,
  expectedAfter,
  type Figure,
  factsFrom,
  holdingWithin,
} from '../../intensity/source-facts.ts'
import { type CalendarDay, createWallClock, daysOf } from '../../intensity/wall-clock.ts'
import { addressBelow, type WebSourceOptions } from '../../intensity/web-source.ts'
import { type Interval, instant } from '../../units.ts'
import { figuresIn, monthNames } from './eirgrid-rows.ts'

const id = 'eirgrid'
const zone = 'IE'

const about: AboutSource = {
  name: 'EirGrid Smart Grid Dashboard',
  url: 'https://www.smartgriddashboard.com/roi/co2/',
  licence: 'unstated',
  attribution: 'EirGrid, Smart Grid Dashboard',
  signal: 'average',
  basis: 'unstated',
  everySeconds: 900,
  secondsBetweenRequests: 2,
}

const defaultBaseUrl = new URL('https://www.smartgriddashboard.com')

const hour = 3600 * 1000
/** Figures come about 90 minutes late: around midnight the newest are those of yesterday. */
const latestReach = 3 * hour
const forecastReach = 24 * hour

/**
 * Carbon intensity of electricity in Ireland (without Northern Ireland), from the address that feeds the charts on the
 * Smart Grid Dashboard of the system operator EirGrid, `GET /api/chart/`. No key.
 *
 * - Unit: gCO2 per kWh. Average. Whether its factors count the whole life cycle is not stated.
 * - Kind: measured, about 90 minutes late, with null for times to come; a forecast stands beside it.
 * - Step: 15 minutes, taken to begin at the time that is told; inferred from the rows. One request tells one day of
 *   the Irish calendar, in Irish local time: 92, 96 or 100 rows.
 * - Licence: none is stated. Limit: none published; asked at most every 2 s.
 * - Source: the dashboard as of 2026-10-05. The address is not documented and may change; it fails now and then with
 *   status 503 and HTML.
 */
export function createEirGridSource(options: WebSourceOptions): IntensitySource {
  const { httpGet, rank, now, baseUrl = defaultBaseUrl } = options
  const read = createAnswerReader(about.name, now)
  const clock = createWallClock('Europe/Dublin')

  async function answerFor(day: CalendarDay, signal: AbortSignal): Promise<unknown> {
    const date = dateOf(day)
    const address = addressBelow(baseUrl, 'api/chart/', {
      region: 'ROI',
      chartType: 'co2',
      dateRange: 'day',
      dateFrom: date,
      dateTo: date,
      areas: 'co2intensity,co2intensityforecast',
    })
    return read.json(await httpGet(address, { signal }))
  }

  async function figuresDuring(
    asked: string,
    during: Interval,
    signal: AbortSignal,
  ): Promise<readonly Figure[]> {
    if (asked !== zone) throw unknownZone(about.name, asked)
    const answers: unknown[] = []
    for (const day of daysOf(clock, during)) answers.push(await answerFor(day, signal))
    return holdingWithin(figuresIn(answers, clock, read), during)
  }

  const factsOf = (figures: readonly Figure[]): readonly IntensityFact[] =>
    factsFrom({ id, about, rank, learnedAt: now() }, zone, figures)

  return {
    id,
    about,
    zones: () => [zone],

    /** What was measured in the last hours, and what was expected since. */
    async latest(asked, signal) {
      const at = now()
      const figures = await figuresDuring(
        asked,
        { from: instant(at - latestReach), to: instant(at + 1) },
        signal,
      )
      return factsOf(begunBy(figures, at))
    },

    async history(asked, during, signal) {
      return factsOf(await figuresDuring(asked, pastOf(during, now()), signal))
    },

    async forecast(asked, signal) {
      const at = now()
      const figures = await figuresDuring(asked, { from: at, to: instant(at + forecastReach) }, signal)
      return factsOf(expectedAfter(figures, at))
    },
  }
}

/** `05-Oct-2026` */
function dateOf({ year, month, day }: CalendarDay): string {
  return `${String(day).padStart(2, '0')}-${monthNames[month - 1]}-${year}`
}
