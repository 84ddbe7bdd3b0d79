import { type FakeContainer, type FakeZone } from './fake-cluster.ts'
import {
  chosen,
  type Dimension,
  dimensions,
  type FakeState,
  iso,
  joulesBetween,
  one,
  type Query,
  several,
  workOf,
  zonesIn,
} from './fake-work.ts'

export const year = 2024

function uncertaintyOf({ method }: FakeZone): number {
  return { measured: 0, estimated: 0.12, 'annual-average': 0.28 }[method]
}

export function provenanceOf({ method, source }: FakeZone, share: number) {
  return {
    intensity_source: source,
    intensity_method: method,
    ...(method === 'annual-average' ? { intensity_year: year } : {}),
    energy_share: share,
  }
}

/** What a zone's grams come to, with the bounds between which they are likely to be. */
export function zoneFigures(zone: FakeZone, grams: number, at: number) {
  return {
    zone: zone.zone,
    name: zone.name,
    co2_g: grams,
    co2_g_low: grams * (1 - uncertaintyOf(zone)),
    co2_g_high: grams * (1 + uncertaintyOf(zone)),
    mean_intensity_g_per_kwh: zone.intensity(at),
  }
}

export function emissionsAnswer(query: Query, state: FakeState, containers: readonly FakeContainer[]) {
  const now = state.now()
  const { from, to, at, coverage } = workOf(query, state, [])
  const zones = zonesIn(query, state)
  const stepSeconds = one(query['step']) === undefined ? undefined : Number(one(query['step']))
  const bounds: number[] = []
  if (stepSeconds !== undefined) {
    const step = stepSeconds * 1000
    for (let begin = Math.floor(from / step) * step; begin < to; begin += step) bounds.push(begin)
  }
  const grouping = several(query['group_by']).filter((each): each is Dimension =>
    dimensions.some((dimension) => dimension === each),
  )
  const gramsFor = (joules: number, moment: number) =>
    Object.fromEntries(zones.map((zone) => [zone.zone, (joules / 3.6e6) * zone.intensity(moment)]))
  const amounts = (some: readonly FakeContainer[]) => {
    const joules = joulesBetween(some, from, to, state)
    const head = {
      energy_j: joules,
      mean_power_w: joules / ((to - from) / 1000),
      co2_g: gramsFor(joules, at),
    }
    if (stepSeconds === undefined) return head
    const energies = bounds.map((begin) =>
      joulesBetween(some, Math.max(from, begin), Math.min(to, begin + stepSeconds * 1000), state),
    )
    return {
      ...head,
      series: {
        energy_j: energies,
        mean_power_w: energies.map((energy) => energy / stepSeconds),
        co2_g: Object.fromEntries(
          zones.map((zone) => [
            zone.zone,
            energies.map((energy, index) => (energy / 3.6e6) * zone.intensity(bounds[index] ?? at)),
          ]),
        ),
      },
    }
  }
  const all = chosen(query, containers)
  const total = amounts(all)
  const groups =
    grouping.length === 0
      ? []
      : [
          ...Map.groupBy(all, (container) =>
            JSON.stringify(grouping.map((dimension) => container[dimension])),
          ).values(),
        ]
          .map((members) => ({ members, joules: joulesBetween(members, to - 600_000, to, state) }))
          .toSorted((left, right) => right.joules - left.joules)
  const limit = Number(one(query['limit']) ?? 100)
  const isTold = grouping.some((each) => each === 'workload' || each === 'pod' || each === 'container')
  return {
    from: iso(from),
    to: iso(to),
    step_s: stepSeconds ?? null,
    as_of: iso(now),
    basis: 'lifecycle',
    signal: 'average',
    defaults: query['zone'] === undefined ? ['zone', 'as_of'] : ['as_of'],
    group_by: grouping,
    filters: {},
    coverage,
    samples: coverage === 0 ? 0 : Math.round((coverage * (to - from)) / 10_000) * 62,
    resolution_s: null,
    warnings: [],
    zones: zones.map((zone) => {
      const grams = total.co2_g[zone.zone] ?? 0
      return {
        ...zoneFigures(zone, grams, at),
        energy_without_intensity_j: 0,
        provenance: coverage === 0 ? [] : [provenanceOf(zone, 1)],
        worst_age_s: zone.method === 'annual-average' || coverage === 0 ? null : 840,
      }
    }),
    total,
    ...(stepSeconds === undefined ? {} : { times: bounds.map((begin) => iso(Math.max(begin, from))) }),
    groups: groups.slice(0, limit).map(({ members }) => {
      const [first] = members
      const own = amounts(members)
      const range = (share: (zone: FakeZone) => number) =>
        Object.fromEntries(zones.map((zone) => [zone.zone, (own.co2_g[zone.zone] ?? 0) * share(zone)]))
      return {
        key: Object.fromEntries(grouping.map((dimension) => [dimension, first?.[dimension] ?? null])),
        ...own,
        coverage: first?.ownerKind === 'Job' ? coverage * 0.81 : coverage,
        flags: first?.ownerKind === 'Job' ? ['started'] : [],
        co2_g_low: range((zone) => 1 - uncertaintyOf(zone)),
        co2_g_high: range((zone) => 1 + uncertaintyOf(zone)),
        energy_without_intensity_j: Object.fromEntries(zones.map(({ zone }) => [zone, 0])),
        ...(isTold
          ? {
              owner: {
                kind: first?.ownerKind ?? '',
                name: first?.workload.split('/')[1] ?? '',
                derived_from: 'kubernetes',
                labels: {},
              },
            }
          : {}),
      }
    }),
    group_count: groups.length,
    next: null,
  }
}
