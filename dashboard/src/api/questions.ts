import { type Dimension, dimensions, type Filters, noFilters } from '../address/place.ts'
import { type Bounds, rangeAsked, type TimeRange } from '../address/time-range.ts'

/** What is asked about: which time, which work, in which zones. */
export type Subject = {
  readonly range: TimeRange
  readonly zones: readonly string[]
  readonly filters: Filters
}

/** The address of each question to the API, relative to the page, so that a proxy's prefix is kept. */

export function emissionsQuestion(
  subject: Subject,
  more: {
    readonly groupBy?: Dimension
    readonly stepSeconds?: number
    readonly limit?: number
    readonly sort?: 'co2_g' | 'energy_j' | 'name'
    readonly format?: 'csv'
  },
  now: number,
): string {
  const query = subjectQuery(subject, now)
  if (more.groupBy !== undefined) query.append('group_by', keyOf(more.groupBy).join(','))
  if (more.stepSeconds !== undefined) query.append('step', String(more.stepSeconds))
  if (more.sort !== undefined) query.append('sort', more.sort)
  if (more.limit !== undefined) query.append('limit', String(more.limit))
  if (more.format !== undefined) query.append('format', more.format)
  return `api/v1/emissions?${readable(query)}`
}

/** What was emitted in the hour that ended so many hours ago. */
export function hourQuestion(zones: readonly string[], hoursAgo: number): string {
  const query = new URLSearchParams({ from: `now-${hoursAgo + 1}h`, to: `now-${hoursAgo}h` })
  for (const zone of zones) query.append('zone', zone)
  return `api/v1/emissions?${query}`
}

export function comparisonQuestion(subject: Subject, now: number): string {
  const [home] = subject.zones
  const query = subjectQuery({ ...subject, zones: [] }, now)
  if (home !== undefined) query.append('home', home)
  return `api/v1/compare?${readable(query)}`
}

/** When and where an hour of the work that was measured in the last day would emit least. */
export function shiftQuestion({ zones, filters }: Omit<Subject, 'range'>, now: number): string {
  const [home] = zones
  const query = subjectQuery({ range: { kind: 'last', seconds: 86_400 }, zones, filters }, now)
  if (home !== undefined) query.append('home', home)
  return `api/v1/shift?${readable(query)}`
}

export function auditQuestion(range: TimeRange, now: number): string {
  return `api/v1/audit?${readable(subjectQuery({ range, zones: [], filters: noFilters }, now))}`
}

export function timelineQuestion(zone: string, { from, to }: Bounds): string {
  const query = new URLSearchParams({
    zone,
    start: new Date(from).toISOString(),
    end: new Date(to).toISOString(),
  })
  return `api/v1/intensity?${readable(query)}`
}

export function streamQuestion(zones: readonly string[]): string {
  const query = new URLSearchParams(zones.map((zone) => ['zone', zone]))
  return zones.length === 0 ? 'api/v1/stream' : `api/v1/stream?${query}`
}

/** What names a group of a dimension: a pod's name alone is not its own. */
function keyOf(dimension: Dimension): readonly Dimension[] {
  switch (dimension) {
    case 'namespace':
      return ['namespace']
    case 'workload':
      return ['namespace', 'workload']
    case 'pod':
      return ['namespace', 'pod']
    case 'container':
      return ['namespace', 'pod', 'container']
    case 'node':
      return ['node']
  }
}

function subjectQuery({ range, zones, filters }: Subject, now: number): URLSearchParams {
  const query = new URLSearchParams(rangeAsked(range, now))
  for (const zone of zones) query.append('zone', zone)
  for (const dimension of dimensions) {
    for (const name of filters[dimension]) query.append(dimension, name)
  }
  return query
}

function readable(query: URLSearchParams): string {
  return query.toString().replaceAll('%3A', ':').replaceAll('%2F', '/').replaceAll('%2C', ',')
}
