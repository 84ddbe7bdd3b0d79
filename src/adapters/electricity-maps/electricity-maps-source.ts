import { unknownZone } from '../../intensity/answer-failure.ts'
import { createAnswerReader } from '../../intensity/answer-reader.ts'
import { hourMs, pastOf, piecesOfDays, wholeHours } from '../../intensity/calendar.ts'
import type { AboutSource, IntensitySource } from '../../intensity/source.ts'
import { expectedAfter, type Figure, factsFrom, holdingWithin } from '../../intensity/source-facts.ts'
import { addressBelow, type WebSourceOptions } from '../../intensity/web-source.ts'
import type { Interval } from '../../units.ts'
import { type FactorType, readForecast, readIntensities } from './carbon-intensities.ts'

const name = 'Electricity Maps'

/** A free key may ask 50 times an hour, and about one zone. */
const secondsBetweenRequests = 2

function aboutElectricityMaps(basis: FactorType): AboutSource {
  return {
    name: `${name} API`,
    url: 'https://www.electricitymaps.com',
    licence: 'Electricity Maps API terms',
    attribution: name,
    signal: 'average',
    basis,
    everySeconds: 3600,
    secondsBetweenRequests,
  }
}

const defaultBaseUrl = new URL('https://api.electricitymaps.com/v4')

/** What `carbon-intensity/history` tells for sure, whenever in the hour it is asked. */
const historyMs = 23 * hourMs
const daysPerRequest = 10

/**
 * Carbon intensity from the Electricity Maps API, version 4: gCO2e per kWh consumed (imports and exports are traced),
 * per hour. The key decides which zones are told. A free one tells the last 24 hours and no more; earlier times
 * and the forecast are then `refused`. Direct figures come without a forecast: its answers do not say that they are direct.
 * Source: https://portal.electricitymaps.com/docs, as used by others in 2026.
 */
export function createElectricityMapsSource(
  options: WebSourceOptions & {
    readonly token: string
    /** The zones to ask about, by their codes here, which are those of Electricity Maps. */
    readonly zones: readonly string[]
    /** The source of direct figures has an id of its own. */
    readonly basis?: FactorType
  },
): IntensitySource {
  const { httpGet, rank, now, baseUrl = defaultBaseUrl, token, basis = 'lifecycle' } = options
  const zones = options.zones.toSorted()
  const about = aboutElectricityMaps(basis)
  const id = basis === 'lifecycle' ? 'electricity-maps' : 'electricity-maps-direct'
  const reader = createAnswerReader(name, now)
  const contextOf = (zone: string) => ({ zone, factorType: basis, reader })

  async function ask(
    zone: string,
    what: 'latest' | 'history' | 'past-range' | 'forecast',
    more: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<unknown> {
    if (!zones.includes(zone)) throw unknownZone(name, zone)
    signal.throwIfAborted()
    const url = addressBelow(baseUrl, `carbon-intensity/${what}`, {
      zone,
      emissionFactorType: basis,
      disableCallerLookup: 'true',
      ...more,
    })
    const answer = await httpGet(url, { headers: { 'auth-token': token }, signal })
    if (answer.status < 500 && /zone\b.{0,40}\bdoes not exist/i.test(answer.text))
      throw unknownZone(name, zone)
    return reader.json(answer)
  }

  async function past(zone: string, during: Interval, signal: AbortSignal): Promise<readonly Figure[]> {
    const isRecent = during.from >= now() - historyMs
    if (isRecent) return readIntensities(await ask(zone, 'history', {}, signal), 'history', contextOf(zone))

    const figures: Figure[] = []
    for (const piece of piecesOfDays(during, daysPerRequest)) {
      const range = {
        start: new Date(piece.from).toISOString(),
        end: new Date(piece.to).toISOString(),
        temporalGranularity: 'hourly',
      }
      const json = await ask(zone, 'past-range', range, signal)
      figures.push(...readIntensities(json, 'data', contextOf(zone)))
    }
    return figures
  }

  const told = () => ({ id, about, rank, learnedAt: now() })

  const source: IntensitySource = {
    id,
    about,
    zones: () => zones,
    async latest(zone, signal) {
      const json = await ask(zone, 'latest', {}, signal)
      return factsFrom(told(), zone, readIntensities(json, undefined, contextOf(zone)))
    },
    async history(zone, during, signal) {
      if (!zones.includes(zone)) throw unknownZone(name, zone)
      signal.throwIfAborted()
      const asked = wholeHours(pastOf(during, now()))
      if (asked.from >= asked.to) return []
      return factsFrom(told(), zone, holdingWithin(await past(zone, asked, signal), pastOf(during, now())))
    },
  }
  if (basis === 'direct') return source
  return {
    ...source,
    async forecast(zone, signal) {
      const figures = readForecast(await ask(zone, 'forecast', {}, signal), contextOf(zone))
      return factsFrom(told(), zone, expectedAfter(figures, now()))
    },
  }
}
