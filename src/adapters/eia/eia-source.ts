import { unknownZone } from '../../intensity/answer-failure.ts'
import { createAnswerReader } from '../../intensity/answer-reader.ts'
import { pastOf, piecesOfDays } from '../../intensity/calendar.ts'
import { type EmissionFactors, mixFigures } from '../../intensity/generation-mix.ts'
import { allPages } from '../../intensity/pages.ts'
import type { AboutSource, IntensitySource } from '../../intensity/source.ts'
import { type Figure, factsFrom, holdingWithin } from '../../intensity/source-facts.ts'
import { addressBelow, type WebSourceOptions } from '../../intensity/web-source.ts'
import { type Instant, type Interval, instant } from '../../units.ts'
import { type FuelTypeRow, generatedHours, readFuelTypeRows } from './fuel-type-rows.ts'
import { technologyOfFuelType } from './fuel-types.ts'
import { readRespondents } from './respondents.ts'

const id = 'eia'

const about: AboutSource = {
  name: 'US Energy Information Administration, Form EIA-930 (production mix x emission factors, imports not counted)',
  url: 'https://www.eia.gov/opendata/',
  licence: 'Public domain (work of the US federal government)',
  attribution: 'U.S. Energy Information Administration',
  signal: 'average',
  basis: 'lifecycle',
  everySeconds: 3600,
  secondsBetweenRequests: 1,
}

const defaultBaseUrl = new URL('https://api.eia.gov/v2')

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** EIA is one hour to more than a day late, and corrects. */
const latestMs = 2 * dayMs
/** The most rows that EIA tells at once. */
const pageSize = 5000
/** Fifteen types for ten days are 3600 rows: as a rule one page. */
const daysPerRequest = 10
const mostRowsPerRequest = 4 * pageSize

/**
 * Carbon intensity from what plants of a US balancing authority generated, per hour and fuel, times a set of
 * emission factors. gCO2e per kWh generated, over the life cycle; imports and exports are not counted. Needs a key,
 * which travels in the address. Source: EIA API v2, `electricity/rto/fuel-type-data`.
 */
export function createEiaSource(
  options: WebSourceOptions & {
    readonly apiKey: string
    readonly factors: EmissionFactors
  },
): IntensitySource {
  const { httpGet, rank, now, baseUrl = defaultBaseUrl, apiKey, factors } = options
  const respondents = readRespondents()
  const zones = [...respondents.keys()].sort()
  const reader = createAnswerReader('EIA', now)

  async function rowsOf(
    respondent: string,
    during: Interval,
    signal: AbortSignal,
  ): Promise<readonly FuelTypeRow[]> {
    return await allPages({ pageSize, mostRows: mostRowsPerRequest }, async (offset) => {
      const url = addressBelow(baseUrl, 'electricity/rto/fuel-type-data/data/', {
        api_key: apiKey,
        frequency: 'hourly',
        'data[0]': 'value',
        'facets[respondent][]': respondent,
        start: hourText(during.from),
        end: hourText(during.to),
        'sort[0][column]': 'period',
        'sort[0][direction]': 'asc',
        offset: String(offset),
        length: String(pageSize),
      })
      const json = reader.json(await httpGet(url, { signal }))
      return readFuelTypeRows(json, { respondent, reader, knownTypes: technologyOfFuelType })
    })
  }

  /** The day before is asked for too: it tells which types are usual. */
  async function figures(zone: string, during: Interval, signal: AbortSignal): Promise<readonly Figure[]> {
    const respondent = respondents.get(zone)
    if (respondent === undefined) throw unknownZone('EIA', zone)
    signal.throwIfAborted()
    const past = pastOf(during, now())
    if (past.from >= past.to) return []

    const asked = {
      from: instant(Math.floor(past.from / hourMs) * hourMs - dayMs),
      to: instant(Math.ceil(past.to / hourMs) * hourMs),
    }
    const rows: FuelTypeRow[] = []
    for (const piece of piecesOfDays(asked, daysPerRequest)) {
      rows.push(...(await rowsOf(respondent, piece, signal)))
    }
    return holdingWithin(mixFigures(generatedHours(rows), technologyOfFuelType, factors), past)
  }

  const told = () => ({ id, about, rank, learnedAt: now() })

  return {
    id,
    about,
    zones: () => zones,
    async latest(zone, signal) {
      const during = { from: instant(now() - latestMs), to: now() }
      return factsFrom(told(), zone, await figures(zone, during, signal))
    },
    async history(zone, during, signal) {
      return factsFrom(told(), zone, await figures(zone, during, signal))
    },
  }
}

/** `2026-10-04T13`, in UTC. */
function hourText(at: Instant): string {
  return new Date(at).toISOString().slice(0, 13)
}
