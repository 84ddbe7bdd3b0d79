import type { IntensityFact } from '../../intensity/fact.ts'
import { firstEndingAfter, intensityOver, type TimelinePiece } from '../../intensity/timeline.ts'
import { type GramsPerKilowattHour, type Interval, intensityOf, joules, meanPower } from '../../units.ts'
import { provenanceOf } from './container-emissions-answer.ts'
import { intervalsOf, type Reported, shareOf } from './emissions-answer.ts'
import type { UnderstoodEmissions } from './emissions-query.ts'

/** A column of a table, and what its cells are. Text and numbers may be null. */
export type TableColumn = {
  readonly name: string
  readonly type: 'time' | 'text' | 'number' | 'integer'
}
/** Times are milliseconds since 1970 UTC. */
export type TableCell = string | number | null

export type EmissionsTable = {
  readonly columns: readonly TableColumn[]
  /** Each has a cell for every column. */
  readonly rows: Iterable<readonly TableCell[]>
}

const names = ['namespace', 'pod', 'container', 'node', 'workload'] as const
const numbers = [
  'energy_j',
  'mean_power_w',
  'co2_g',
  'co2_g_low',
  'co2_g_high',
  'intensity_g_per_kwh',
] as const

/** One row for each group, step and zone; the columns of names are those that the groups have. */
export function emissionsTable({ question }: UnderstoodEmissions, reported: Reported): EmissionsTable {
  const { dimensions } = question
  const told = names.filter((name) => dimensions.includes(name))
  return {
    columns: [
      { name: 'from', type: 'time' },
      { name: 'to', type: 'time' },
      ...told.map((name) => ({ name, type: 'text' }) as const),
      ...(dimensions.includes('workload') ? [{ name: 'owner_derived_from', type: 'text' } as const] : []),
      { name: 'zone', type: 'text' },
      ...numbers.map((name) => ({ name, type: 'number' }) as const),
      { name: 'intensity_source', type: 'text' },
      { name: 'intensity_method', type: 'text' },
      { name: 'intensity_year', type: 'integer' },
      { name: 'energy_without_intensity_j', type: 'number' },
      { name: 'coverage', type: 'number' },
      { name: 'as_of', type: 'time' },
    ],
    rows: {
      *[Symbol.iterator]() {
        const zoneSteps = zoneStepsOf(reported)
        for (const { sums, group, key } of rowGroupsOf(reported, dimensions.length === 0)) {
          const named = told.map((name) => key[dimensions.indexOf(name)] ?? null)
          const owner = dimensions.includes('workload')
            ? [reported.groups[group]?.owner?.derivedFrom ?? null]
            : []
          for (const [step, { interval, zones }] of zoneSteps.entries()) {
            const energy = sums.energy({ group, step })
            for (const [zone, about] of zones.entries()) {
              const of = { group, zone, step }
              const grams = sums.grams(of)
              const unknown = sums.energyWithoutIntensity(of)
              yield [
                interval.from,
                interval.to,
                ...named,
                ...owner,
                about.zone,
                energy,
                meanPower(energy, interval),
                grams ?? null,
                sums.lowGrams(of) ?? null,
                sums.highGrams(of) ?? null,
                about.only ?? intensityOf(grams, joules(energy - unknown)) ?? about.mean ?? null,
                about.source,
                about.method,
                about.year,
                unknown,
                shareOf(interval, sums.measuredMs({ group, step })),
                question.asOf,
              ]
            }
          }
        }
      },
    },
  }
}

/** The groups of the page, or the total where there are none to tell apart. */
function rowGroupsOf({ sum, groups, page }: Reported, isTotal: boolean) {
  if (isTotal) return [{ sums: sum.total, group: 0, key: [] }]
  return page.groups.map((group) => ({ sums: sum.groups, group, key: groups[group]?.key ?? [] }))
}

type ZoneStep = {
  readonly zone: string
  /** Of the one fact that counts throughout, exactly. */
  readonly only: GramsPerKilowattHour | undefined
  /** Time-weighted; it stands where no energy was used. */
  readonly mean: GramsPerKilowattHour | undefined
  readonly source: string | null
  readonly method: string | null
  /** Of the annual average, where one stands in. */
  readonly year: number | null
}

/** What is known of the intensity of each zone in each step: the same for all groups. */
function zoneStepsOf({ sum }: Reported): readonly { interval: Interval; zones: readonly ZoneStep[] }[] {
  return intervalsOf(sum.steps).map((interval) => ({
    interval,
    zones: sum.zones.map(({ zone, timeline }) => {
      const intensity = intensityOver(timeline, interval)
      const facts = factsWithin(timeline, interval)
      const provenance = facts.length === 0 ? undefined : provenanceOf(facts)
      return {
        zone,
        only: intensity.kind === 'known' && facts.length === 1 ? facts[0]?.intensity : undefined,
        mean: intensity.kind === 'known' ? intensity.mean : undefined,
        source: provenance?.intensity_source ?? null,
        method: provenance?.intensity_method ?? null,
        year: provenance?.intensity_year ?? null,
      }
    }),
  }))
}

/** In the order of their use. */
function factsWithin(timeline: readonly TimelinePiece[], during: Interval): readonly IntensityFact[] {
  const facts: IntensityFact[] = []
  for (let at = firstEndingAfter(timeline, during.from); at < timeline.length; at += 1) {
    const piece = timeline[at]
    if (piece === undefined || piece.during.from >= during.to) break
    if (piece.kind === 'known') facts.push(piece.fact)
  }
  return facts
}
