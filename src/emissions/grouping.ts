import type { EnergySeries } from '../energy/energy-spans.ts'
import type { OwnerDirectory, WorkloadOwner } from '../energy/workload-owner.ts'

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
}

export function createGrouping({ dimensions, workloads, owners }: GroupingOptions): Grouping {
  const groups: Group[] = []
  const byKey = new Map<string, number>()
  // A reader hands out the same series, and mostly the same list of them, with many portions.
  const bySeries = new WeakMap<EnergySeries, number>()
  const byList = new WeakMap<readonly EnergySeries[], Int32Array>()
  const named = new Set(workloads)
  const hasOwner = dimensions.includes('workload') || dimensions.includes('pod')
  const needsOwner = hasOwner || named.size > 0

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
    const text = JSON.stringify(key)
    const known = byKey.get(text)
    const group = known ?? groups.length
    if (known === undefined) byKey.set(text, group)
    const before = groups[group]?.owner
    groups[group] = { key, owner: hasOwner ? sharedOwner(before, owner) : undefined }
    return group
  }

  return {
    dimensions,
    groups,
    groupsOf(list) {
      const known = byList.get(list)
      if (known !== undefined) return known
      const places = Int32Array.from(list, (series) => {
        const place = bySeries.get(series) ?? groupOf(series)
        bySeries.set(series, place)
        return place
      })
      byList.set(list, places)
      return places
    },
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
