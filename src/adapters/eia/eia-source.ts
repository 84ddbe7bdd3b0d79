import { createAnswerReader } from '../../intensity/answer-reader.ts'
import { dayMs } from '../../intensity/calendar.ts'
import type { EmissionFactors } from '../../intensity/generation-mix.ts'
import { createMixSource } from '../../intensity/mix-source.ts'
import { allPages } from '../../intensity/pages.ts'
import type { AboutSource, IntensitySource } from '../../intensity/source.ts'
import { addressBelow, type WebSourceOptions } from '../../intensity/web-source.ts'
import type { Instant, Interval } from '../../units.ts'
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

  return createMixSource(
    {
      id,
      about,
      name: 'EIA',
      codes: readRespondents(),
      technologyOf: technologyOfFuelType,
      latestMs,
      daysPerRequest,
      read: rowsOf,
      intervalsOf: generatedHours,
    },
    { rank, now, factors },
  )
}

/** `2026-10-04T13`, in UTC. */
function hourText(at: Instant): string {
  return new Date(at).toISOString().slice(0, 13)
}
