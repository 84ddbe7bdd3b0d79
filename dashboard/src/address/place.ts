import { parseRange, rangeInAddress, type TimeRange } from './time-range.ts'

export const views = ['overview', 'explorer', 'comparison', 'intensity', 'quality'] as const
export type View = (typeof views)[number]

/** What energy can be grouped and filtered by, in the order in which one digs. */
export const dimensions = ['namespace', 'workload', 'pod', 'container', 'node'] as const
export type Dimension = (typeof dimensions)[number]
export type Filters = Readonly<Record<Dimension, readonly string[]>>

/** What a chart of the explorer shows: grams per hour or watts by group, or grams per hour by zone. */
export const measures = ['co2', 'power', 'zones'] as const
export type Measure = (typeof measures)[number]

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** A column that a table is ordered by; `co2` is the one of the first zone, and `co2:FR` that of another. */
export type Order = { readonly column: string; readonly isDescending: boolean }

/** Everything that the page shows, as its address says it. */
export type Place = {
  readonly view: View
  /** Undefined is the view's own. */
  readonly range: TimeRange | undefined
  /** The first is home, the one that others are compared with; none is the service's own choice. */
  readonly zones: readonly string[]
  readonly filters: Filters
  readonly grouping: Dimension
  readonly measure: Measure
  readonly order: Order
  readonly search: string
  /** Every zone of a comparison is shown, instead of those that matter. */
  readonly isWhole: boolean
  readonly theme: Theme
}

export const noFilters: Filters = { namespace: [], workload: [], pod: [], container: [], node: [] }

export const firstPlace: Place = {
  view: 'overview',
  range: undefined,
  zones: [],
  filters: noFilters,
  grouping: 'namespace',
  measure: 'co2',
  order: { column: 'co2', isDescending: true },
  search: '',
  isWhole: false,
  theme: 'system',
}

export const mostZones = 6

/** The place as a query string, without what is as it is at first; empty for the first place. */
export function addressOf(place: Place): string {
  const query = new URLSearchParams()
  const put = (name: string, value: string, first: string) => {
    if (value !== first) query.append(name, value)
  }
  put('view', place.view, firstPlace.view)
  if (place.range !== undefined) query.append('range', rangeInAddress(place.range))
  for (const zone of place.zones) query.append('zone', zone)
  for (const dimension of dimensions) {
    for (const name of place.filters[dimension]) query.append(dimension, name)
  }
  put('by', place.grouping, firstPlace.grouping)
  put('show', place.measure, firstPlace.measure)
  put('order', orderInAddress(place.order), orderInAddress(firstPlace.order))
  put('search', place.search, firstPlace.search)
  put('all', String(place.isWhole), String(firstPlace.isWhole))
  put('theme', place.theme, firstPlace.theme)
  const text = query.toString()
  return text === '' ? '' : `?${text.replaceAll('%3A', ':').replaceAll('%2F', '/')}`
}

/** The place that an address names, and a sentence for each part of it that is not understood. */
export function placeAt(address: string): { readonly place: Place; readonly problems: readonly string[] } {
  const query = new URLSearchParams(address)
  const problems: string[] = []
  function choice<T extends string>(name: string, choices: readonly T[], first: T): T {
    const text = query.get(name)
    if (text === null) return first
    const found = choices.find((each) => each === text)
    if (found === undefined) {
      problems.push(`“${name}=${text}” in the address is none of ${choices.join(', ')}; ${first} is shown.`)
    }
    return found ?? first
  }
  const view = choice('view', views, firstPlace.view)
  const rangeText = query.get('range')
  const range = rangeText === null ? undefined : parseRange(rangeText)
  if (rangeText !== null && range === undefined) {
    problems.push(
      `“range=${rangeText}” in the address is no range of time such as 6h, today or 2026-02-11T10:00Z..2026-02-11T11:00Z; the usual one is shown.`,
    )
  }
  const zones = [...new Set(query.getAll('zone').flatMap((text) => text.split(',')))].filter(
    (zone) => zone !== '',
  )
  if (zones.length > mostZones) {
    problems.push(`The address names ${zones.length} zones; the first ${mostZones} are shown.`)
  }
  const place: Place = {
    view,
    range,
    zones: zones.slice(0, mostZones),
    filters: {
      namespace: query.getAll('namespace'),
      workload: query.getAll('workload'),
      pod: query.getAll('pod'),
      container: query.getAll('container'),
      node: query.getAll('node'),
    },
    grouping: choice('by', dimensions, firstPlace.grouping),
    measure: choice('show', measures, firstPlace.measure),
    order: orderAt(query.get('order')),
    search: query.get('search') ?? '',
    isWhole: choice('all', ['true', 'false'], 'false') === 'true',
    theme: choice('theme', themes, firstPlace.theme),
  }
  return { place, problems }
}

/** Numbers are first looked at from their greatest, names from their first. */
export function nextOrder(order: Order, column: string): Order {
  if (order.column === column) return { column, isDescending: !order.isDescending }
  return { column, isDescending: column !== 'name' }
}

/** Into a group: the filters and the grouping that show what it consists of. */
export function within(
  place: Place,
  key: Readonly<Partial<Record<Dimension, string>>>,
): Pick<Place, 'filters' | 'grouping' | 'search'> {
  const filters = { ...place.filters }
  for (const dimension of dimensions) {
    const name = key[dimension]
    if (name !== undefined) filters[dimension] = [name]
  }
  return { filters, grouping: finerThan[place.grouping], search: '' }
}

const finerThan: Readonly<Record<Dimension, Dimension>> = {
  namespace: 'pod',
  workload: 'pod',
  pod: 'container',
  container: 'container',
  node: 'namespace',
}

function orderInAddress({ column, isDescending }: Order): string {
  return isDescending ? `-${column}` : column
}

function orderAt(text: string | null): Order {
  if (text === null || text === '') return firstPlace.order
  return text.startsWith('-')
    ? { column: text.slice(1), isDescending: true }
    : { column: text, isDescending: false }
}
