import type { GroupSums } from './group-sums.ts'

export const groupOrders = ['co2_g', 'energy_j', 'name'] as const
/** By grams in the first zone or by energy, most first; or by name. */
export type GroupOrder = (typeof groupOrders)[number]

/** Where a group stands in an order: what a page remembers to go on after it. */
export type GroupPlace = {
  /** Undefined where the order is by name, or the grams are unknown. */
  readonly value: number | undefined
  readonly key: readonly (string | null)[]
}

export type GroupPage = {
  /** Numbers of groups, in order. */
  readonly groups: readonly number[]
  /** On all pages together. */
  readonly groupCount: number
  /** The last of them, where others come after it. */
  readonly last: GroupPlace | undefined
}

export type PageQuestion = {
  readonly order: GroupOrder
  readonly limit: number
  /** Only groups after this place; undefined for the first page. */
  readonly after: GroupPlace | undefined
}

/**
 * One page, in an order, of the groups of which anything was measured. Groups that are equal, or whose grams are
 * unknown, stand by name; the unknown come last.
 */
export function pageOfGroups(
  { keys, sums }: { readonly keys: readonly GroupPlace['key'][]; readonly sums: GroupSums },
  { order, limit, after }: PageQuestion,
): GroupPage {
  const ordered = keys
    .map((key, group) => ({ group, key, value: valueOf(group, sums, order) }))
    .filter(({ group }) => sums.measuredMs({ group }) > 0)
    .sort(comparePlaces)
  const begin = after === undefined ? 0 : ordered.findIndex((place) => comparePlaces(place, after) > 0)
  const page = begin < 0 ? [] : ordered.slice(begin, begin + limit)
  const isLastPage = begin < 0 || begin + limit >= ordered.length
  return {
    groups: page.map(({ group }) => group),
    groupCount: ordered.length,
    last: isLastPage ? undefined : page.at(-1),
  }
}

function valueOf(group: number, sums: GroupSums, order: GroupOrder): number | undefined {
  switch (order) {
    case 'co2_g':
      return sums.grams({ group, zone: 0 })
    case 'energy_j':
      return sums.energy({ group })
    case 'name':
      return undefined
  }
}

function comparePlaces(a: GroupPlace, b: GroupPlace): number {
  if (a.value !== b.value) {
    if (a.value === undefined) return 1
    if (b.value === undefined) return -1
    return b.value - a.value
  }
  for (const [at, part] of a.key.entries()) {
    const order = compareNames(part, b.key[at] ?? null)
    if (order !== 0) return order
  }
  return 0
}

/** What has no name comes last. */
function compareNames(a: string | null, b: string | null): number {
  if (a === b) return 0
  if (a === null) return 1
  if (b === null) return -1
  return a < b ? -1 : 1
}
