import type { EnergySeries, TickBlock } from '../energy/energy-spans.ts'
import type { OwnerDirectory, WorkloadOwner } from '../energy/workload-owner.ts'
import type { RowGroups } from './tick-tally.ts'

/** What energy can be grouped by, from the whole to its parts. */
export const groupDimensions = ['namespace', 'workload', 'pod', 'container', 'node'] as const
export type GroupDimension = (typeof groupDimensions)[number]

export type Group = {
  /** In the order of the grouping's dimensions; null where the container has no names yet. */
  readonly key: readonly (string | null)[]
  /** Whose it is, where the dimensions tell. Of several pods: the labels that all of them bear. */
  readonly owner: WorkloadOwner | undefined
}

/** Sorts the series of energy into groups, which are numbered in the order in which they are met. */
export type Grouping = {
  readonly dimensions: readonly GroupDimension[]
  readonly groups: readonly Group[]
  /** The group of each series; -1 for one that does not count. */
  groupsOf(series: readonly EnergySeries[]): Int32Array
  /** The groups of the rows of a block; to be read before others are asked for. */
  groupsOfRows(series: TickBlock['series']): RowGroups
}

/**
 * Groupings that last from one question to the next, so that it need not look at the names of each container: only for
 * dimensions for which these names alone decide, since owners may change.
 */
export type KnownGroupings = {
  of(options: Omit<GroupingOptions, 'known'>): Grouping
}

/**
 * The dimensions that tell groups apart, in order: the names of pods and of workloads are unique within their
 * namespace only, those of containers within their pod.
 */
export function tellingDimensions(asked: readonly GroupDimension[]): readonly GroupDimension[] {
  const wanted = new Set(asked)
  if (wanted.has('container')) wanted.add('pod')
  if (wanted.has('pod') || wanted.has('workload')) wanted.add('namespace')
  return groupDimensions.filter((dimension) => wanted.has(dimension))
}

/** The name of a workload in questions and answers: `Deployment/shop-web`. */
function workloadName({ kind, name }: WorkloadOwner): string {
  return `${kind}/${name}`
}

export type GroupingOptions = {
  /** None for one group of all. */
  readonly dimensions: readonly GroupDimension[]
  /** Only what belongs to one of these workloads counts, each named as `Deployment/shop-web` or `shop-web`; all, where none is named. */
  readonly workloads: readonly string[]
  readonly owners: OwnerDirectory
  /** What questions before have shown. */
  readonly known?: KnownGroupings
}

export function createGrouping({ known, ...options }: GroupingOptions): Grouping {
  const { dimensions, workloads, owners } = options
  const named = new Set(workloads)
  const hasOwner = dimensions.includes('workload') || dimensions.includes('pod')
  const needsOwner = hasOwner || named.size > 0
  const lasting = needsOwner ? undefined : known?.of(options)
  const groups: Group[] = []
  const byKey = new Map<string, number>()
  /** By the number of the lasting grouping, which may have many groups that this question does not meet. */
  const byLasting: (number | undefined)[] = []
  let ownNumbers = new Int32Array(0)
  // A reader hands out the same series, and mostly the same list of them, with many portions.
  const bySeries = new WeakMap<EnergySeries, number>()
  const byList = new WeakMap<readonly EnergySeries[], Int32Array>()
  const byRows = new WeakMap<TickBlock['series'], RowGroups>()
  let lastAlone: { readonly place: number; readonly found: RowGroups } | undefined

  function groupOf(series: EnergySeries): number {
    const { node, workload } = series
    const owner = needsOwner && workload !== undefined ? owners.ownerOf(workload) : undefined
    const counts =
      named.size === 0 || (owner !== undefined && (named.has(owner.name) || named.has(workloadName(owner))))
    if (!counts) return -1
    const key = dimensions.map((dimension) => {
      if (dimension === 'node') return node
      if (dimension === 'workload') return owner === undefined ? null : workloadName(owner)
      return workload?.[dimension] ?? null
    })
    return numberOf({ key, owner: hasOwner ? owner : undefined })
  }

  function numberOf({ key, owner }: Group): number {
    const text = JSON.stringify(key)
    const met = byKey.get(text)
    const group = met ?? groups.length
    if (met === undefined) byKey.set(text, group)
    groups[group] = { key, owner: sharedOwner(groups[group]?.owner, owner) }
    return group
  }

  function ofLasting(number: number, { groups: all }: Grouping): number {
    const met = byLasting[number]
    if (met !== undefined) return met
    const group = all[number]
    if (group === undefined) throw new RangeError(`there is no group ${number}`)
    const own = numberOf(group)
    byLasting[number] = own
    return own
  }

  function placeOf(series: EnergySeries): number {
    const place = bySeries.get(series) ?? groupOf(series)
    bySeries.set(series, place)
    return place
  }

  return {
    dimensions,
    groups,
    groupsOf(list) {
      const met = byList.get(list)
      if (met !== undefined) return met
      const places = Int32Array.from(list, placeOf)
      byList.set(list, places)
      return places
    },

    groupsOfRows(series) {
      const [one] = series
      // One container is asked about: what is kept of it would be more than what it takes to look.
      if (series.length === 1 && one !== undefined) {
        const place = groupOf(one)
        if (lastAlone?.place !== place) lastAlone = { place, found: groupOfOne(place) }
        return lastAlone.found
      }
      if (lasting !== undefined) {
        const { at, groups: numbers, rowCounts } = lasting.groupsOfRows(series)
        const count = rowCounts.length
        if (ownNumbers.length < count) ownNumbers = new Int32Array(2 * count)
        for (let index = 0; index < count; index += 1)
          ownNumbers[index] = ofLasting(numbers[index] ?? -1, lasting)
        return { at, groups: ownNumbers, rowCounts }
      }
      const met = byRows.get(series)
      if (met !== undefined) return met
      // Each list is another account of its containers: what was said of one by another list may be out of date.
      const places = series.map((one) => (one === undefined ? -1 : groupOf(one)))
      const numbers = Int32Array.from(new Set(places.filter((place) => place >= 0)))
      const indices = new Map(Array.from(numbers, (number, index) => [number, index]))
      const at = Uint32Array.from(places, (place) => indices.get(place) ?? numbers.length)
      const rowCounts = new Uint32Array(numbers.length)
      for (const index of at) if (index < numbers.length) rowCounts[index] = (rowCounts[index] ?? 0) + 1
      const found = { at, groups: numbers, rowCounts }
      byRows.set(series, found)
      return found
    },
  }
}

/** Of each of the few combinations of dimensions; beyond it they are forgotten, since most are likely to be gone. */
const mostGroupsKnown = 10_000

export function createKnownGroupings(): KnownGroupings {
  const byDimensions = new Map<string, Grouping>()
  return {
    of(options) {
      const name = options.dimensions.join()
      const known = byDimensions.get(name)
      if (known !== undefined && known.groups.length <= mostGroupsKnown) return known
      const begun = createGrouping(options)
      byDimensions.set(name, begun)
      return begun
    },
  }
}

function groupOfOne(place: number): RowGroups {
  const groups = place < 0 ? [] : [place]
  return {
    at: Uint32Array.of(0),
    groups: Int32Array.from(groups),
    rowCounts: Uint32Array.from(groups, () => 1),
  }
}

function sharedOwner(a: WorkloadOwner | undefined, b: WorkloadOwner | undefined): WorkloadOwner | undefined {
  if (a === undefined || b === undefined || a === b) return b ?? a
  return {
    ...a,
    labels: Object.fromEntries(Object.entries(a.labels).filter(([name, value]) => b.labels[name] === value)),
    derivedFrom: a.derivedFrom === b.derivedFrom ? a.derivedFrom : 'pod-name',
  }
}
