import { unknownZone } from '../../intensity/answer-failure.ts'
import { type AnswerReader, createAnswerReader } from '../../intensity/answer-reader.ts'
import { minuteOf, pastOf, piecesOfDays } from '../../intensity/calendar.ts'
import type { IntensityFact } from '../../intensity/fact.ts'
import { type AboutSource, type IntensitySource, SourceError } from '../../intensity/source.ts'
import {
  expectedAfter,
  type Figure,
  factsFrom,
  holdingWithin,
  measuredOrForecast,
} from '../../intensity/source-facts.ts'
import { addressBelow, type WebSourceOptions } from '../../intensity/web-source.ts'
import { type Instant, type Interval, instant } from '../../units.ts'

const id = 'neso'
const zone = 'GB'

const about: AboutSource = {
  name: 'NESO Carbon Intensity API',
  url: 'https://carbonintensity.org.uk',
  licence: 'CC-BY-4.0',
  attribution: 'National Energy System Operator, Carbon Intensity API',
  signal: 'average',
  basis: 'direct',
  everySeconds: 1800,
  secondsBetweenRequests: 2,
}

const defaultBaseUrl = new URL('https://api.carbonintensity.org.uk')

/** The most that one request may cover: api-definitions, `/intensity/{from}/{to}`. */
const mostDays = 14
const halfHour = 1800 * 1000

/**
 * Carbon intensity of electricity in Great Britain (without Northern Ireland), from the API of its system operator,
 * `GET /intensity...`. No key.
 *
 * - Unit: gCO2 per kWh consumed, imports and losses included. Average. Direct: what burning fuel emits, nothing for
 *   nuclear, wind, sun and water. Not to be compared with life-cycle figures.
 * - Kind: `actual`, which is computed from metered generation, counts as measured; `forecast` up to 48 hours ahead,
 *   often less.
 * - Step: half an hour, given with each figure, in UTC without seconds.
 * - Licence: CC BY 4.0. Limit: none published; asked at most every 2 s.
 * - Source: carbon-intensity/api-definitions (e3f25a1); an answer of 2023-12-03. `/intensity` tells the last whole
 *   half hour. When there is nothing to tell the answer is `{}` or `{"data":[]}`, with status 200.
 */
export function createNesoSource(options: WebSourceOptions): IntensitySource {
  const { httpGet, rank, now, baseUrl = defaultBaseUrl } = options
  const read = createAnswerReader(about.name, now)

  async function figuresAt(path: string, asked: string, signal: AbortSignal): Promise<readonly Figure[]> {
    if (asked !== zone) throw unknownZone(about.name, asked)
    return figuresIn(read.json(await httpGet(addressBelow(baseUrl, path), { signal })), read)
  }

  const factsOf = (figures: readonly Figure[]) =>
    factsFrom({ id, about, rank, learnedAt: now() }, zone, figures)

  return {
    id,
    about,
    zones: () => [zone],

    async latest(asked, signal) {
      return factsOf(await figuresAt('intensity', asked, signal))
    },

    async history(asked, during, signal) {
      const facts: IntensityFact[] = []
      const past = pastOf(during, now())
      for (const part of piecesOfDays({ from: startOfHalfHour(past.from), to: past.to }, mostDays)) {
        const path = `intensity/${minuteOf(part.from)}Z/${minuteOf(endOfHalfHour(part.to))}Z`
        facts.push(...factsOf(holdingWithin(await figuresAt(path, asked, signal), overlap(part, past))))
      }
      return facts
    },

    async forecast(asked, signal) {
      const figures = await figuresAt(`intensity/${minuteOf(now())}Z/fw48h`, asked, signal)
      return factsOf(expectedAfter(figures, now()))
    },
  }
}

/** The half hour in which `during` begins belongs to it, and so must be asked for. */
function startOfHalfHour(at: Instant): Instant {
  return instant(Math.floor(at / halfHour) * halfHour)
}

function endOfHalfHour(at: Instant): Instant {
  return instant(Math.ceil(at / halfHour) * halfHour)
}

function overlap(a: Interval, b: Interval): Interval {
  return { from: instant(Math.max(a.from, b.from)), to: instant(Math.min(a.to, b.to)) }
}

function figuresIn(answer: unknown, read: AnswerReader): readonly Figure[] {
  const body = read.object(answer, 'a body')
  if (body['error'] !== undefined) throw toldError(read.object(body['error'], 'error'))
  if (body['data'] === undefined) return []
  return read.list(body['data'], 'data').flatMap((entry, index) => {
    const field = `data[${index}]`
    const { from, to, intensity } = read.object(entry, field)
    const valid = { from: read.time(from, `${field}.from`), to: read.time(to, `${field}.to`) }
    if (valid.to <= valid.from) throw read.unexpected(to, `${field}.to`, 'later than its beginning')
    const { actual, forecast } = read.object(intensity, `${field}.intensity`)
    return measuredOrForecast(
      valid,
      read.numberOrNull(actual, `${field}.intensity.actual`),
      read.numberOrNull(forecast, `${field}.intensity.forecast`),
    )
  })
}

/** An error that came with status 200; its code begins with the status that it should have had. */
function toldError({ code }: Readonly<Record<string, unknown>>): SourceError {
  const isServers = typeof code === 'string' && code.startsWith('5')
  return new SourceError(
    { kind: isServers ? 'server-error' : 'unexpected-answer' },
    `${about.name} answered with an error instead of figures`,
  )
}
