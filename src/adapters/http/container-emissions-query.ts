import type { SampleSelection } from '../../energy/node-history.ts'
import type { EmissionsQuestion } from '../../flows/report-emissions.ts'
import { usualSeries } from '../../intensity/preference.ts'
import type { ZoneDirectory } from '../../intensity/zone.ts'
import { acceptedTime, parseIsoTime } from '../../iso-time.ts'
import type { Instant } from '../../units.ts'
import { type ContainerEmissionsQuery, defaultCount, defaultCountries } from './container-emissions-schema.ts'
import { RequestError, shown } from './problem.ts'

/** A query understood: what to ask, and how its caller wrote the countries. */
export type UnderstoodQuery = {
  readonly question: EmissionsQuestion
  /** For each zone of the question, the code as the caller wrote it. */
  readonly writtenCountries: readonly string[]
  /** The fields that took their default. */
  readonly defaults: readonly string[]
}

export type ZonesWithFigures = {
  readonly directory: ZoneDirectory
  hasFigures(zone: string): boolean
  /** Somebody asks about the zone: its figures are to be kept current. */
  want(zone: string): void
}

/** Throws RequestError (400) with the field, what it held and what is accepted. */
export function understandQuery(query: ContainerEmissionsQuery, zones: ZonesWithFigures): UnderstoodQuery {
  const { pod, container, namespace } = query
  const countries = query.countries ?? defaultCountries
  const selection = selectionOf(query)
  const asOfText = query.as_of ?? undefined
  const asOf = asOfText === undefined ? undefined : timeOf('as_of', asOfText)
  const series = { basis: query.basis ?? usualSeries.basis, signal: query.signal ?? usualSeries.signal }
  const byWriting = new Map(
    countries.map((written, at) => [written, zoneOf(written, `countries[${at}]`, zones)]),
  )
  const defaults = [
    ...(query.countries === undefined || query.countries === null ? ['countries'] : []),
    ...(selection.kind === 'last' && (query.n === undefined || query.n === null) ? ['n'] : []),
  ]
  return {
    question: {
      workload: { namespace, pod, container },
      zones: [...byWriting.values()],
      selection,
      asOf,
      series,
    },
    writtenCountries: [...byWriting.keys()],
    defaults,
  }
}

/** The zone that a caller names in `field`. Throws RequestError (400) for one that is unknown or has no figures. */
export function zoneOf(written: string, field: string, zones: ZonesWithFigures): string {
  const found = zones.directory.find(written)
  if (found.kind === 'unknown') {
    throw new RequestError(
      400,
      `${field} is ${shown(written)}, which is no known country; it must be an ISO 3166-1 alpha-2 code such as DE. GET /api/co2-intensities lists the countries with a carbon intensity`,
    )
  }
  if (!zones.hasFigures(found.zone)) {
    throw new RequestError(
      400,
      `${field} is ${shown(written)} (${found.name}), for which no carbon intensity is known. GET /api/co2-intensities lists the countries with one; CO2_INTENSITIES or INTENSITY_FILE can add it`,
    )
  }
  zones.want(found.zone)
  return found.zone
}

function selectionOf(query: ContainerEmissionsQuery): SampleSelection {
  const start = query.start_time ?? undefined
  const end = query.end_time ?? undefined
  if (start === undefined && end === undefined)
    return { kind: 'last', count: countOf(query.n ?? defaultCount) }
  if (start === undefined || end === undefined) {
    const [given, missing] = start === undefined ? ['end_time', 'start_time'] : ['start_time', 'end_time']
    throw new RequestError(
      400,
      `${given} is given without ${missing}; give both, or neither for the last n measurements`,
    )
  }
  const from = timeOf('start_time', start)
  const to = timeOf('end_time', end)
  if (from > to) {
    throw new RequestError(400, `start_time ${shown(start)} is after end_time ${shown(end)}`)
  }
  return { kind: 'range', from, to }
}

function countOf(n: number | string): number {
  return typeof n === 'number' ? n : Math.min(Number(n), Number.MAX_SAFE_INTEGER)
}

function timeOf(field: string, text: string): Instant {
  const time = parseIsoTime(text)
  if (time === undefined) {
    throw new RequestError(400, `${field} is ${shown(text)}; it must be ${acceptedTime}`)
  }
  return time
}
