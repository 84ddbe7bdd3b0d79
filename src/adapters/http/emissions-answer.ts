import type { Saving } from '../../emissions/compare-zones.ts'
import type { GroupSums } from '../../emissions/group-sums.ts'
import type { Group } from '../../emissions/grouping.ts'
import { flagsOf } from '../../energy/energy-sample.ts'
import type { GroupEmissionsAnswer } from '../../flows/report-group-emissions.ts'
import { intensityOver, type TimelinePiece } from '../../intensity/timeline.ts'
import { type Interval, instant, isoWithMicroseconds, joules, meanPower } from '../../units.ts'
import type { UnderstoodEmissions } from './emissions-query.ts'
import type { EmissionsReport } from './emissions-schema.ts'
import { provenanceAnswer } from './provenance-answer.ts'

export type Reported = Extract<GroupEmissionsAnswer, { kind: 'reported' }>

/** What all parts of an answer are told about. */
type Context = {
  readonly zones: readonly string[]
  readonly during: Interval
  /** Where steps begin, and the end of the last; undefined where no series is asked for. */
  readonly steps: Float64Array | undefined
}

/** The answer's body as JSON text, in pieces that together are one EmissionsReport: it is never held as text at once. */
export function* emissionsText(
  understood: UnderstoodEmissions,
  { sum, groups, page }: Reported,
  nameOf: (zone: string) => string,
): Generator<string> {
  const { question, defaults, filters, cursorAfter } = understood
  const { during, zones, stepSeconds, dimensions } = question
  const context = { zones, during, steps: stepSeconds === undefined ? undefined : sum.steps }
  const head: Omit<EmissionsReport, 'groups' | 'group_count' | 'next'> = {
    from: isoWithMicroseconds(during.from),
    to: isoWithMicroseconds(during.to),
    step_s: stepSeconds ?? null,
    as_of: isoWithMicroseconds(question.asOf),
    ...question.series,
    defaults: [...defaults],
    group_by: [...dimensions],
    filters: Object.fromEntries(Object.entries(filters).map(([name, values]) => [name, [...values]])),
    coverage: shareOf(during, sum.total.measuredMs({ group: 0 })),
    samples: sum.samples,
    resolution_s: sum.resolutionSeconds ?? null,
    warnings: [...sum.warnings],
    zones: sum.zones.map((zone, at) => ({
      zone: zone.zone,
      name: nameOf(zone.zone),
      ...zoneTotal(sum.total, at),
      mean_intensity_g_per_kwh: zone.provenance.meanIntensity ?? null,
      ...provenanceAnswer(zone.provenance),
      ...(context.steps === undefined
        ? {}
        : { intensity_g_per_kwh: intensitySteps(zone.timeline, context.steps) }),
    })),
    total: amountsOf(sum.total, 0, context),
    ...(context.steps === undefined ? {} : { times: timesOf(context.steps) }),
  }
  yield `${JSON.stringify(head).slice(0, -1)},"groups":[`
  for (const [at, number] of page.groups.entries()) {
    const group = groups[number]
    if (group === undefined) continue
    const answer: EmissionsReport['groups'][number] = {
      key: Object.fromEntries(dimensions.map((dimension, part) => [dimension, group.key[part] ?? null])),
      ...amountsOf(sum.groups, number, context),
      ...uncertaintyOf(sum.groups, number, context),
      flags: [...flagsOf(sum.flagBits[number] ?? 0)],
      ...ownerAnswer(group),
    }
    yield (at === 0 ? '' : ',') + JSON.stringify(answer)
  }
  const next = page.last === undefined ? null : cursorAfter(page.last)
  yield `],"group_count":${page.groupCount},"next":${JSON.stringify(next)}}`
}

export function savingAnswer(saving: Saving | undefined) {
  return { saving_g: saving?.grams ?? null, saving_share: saving?.share ?? null }
}

/** The share of a range, 0 to 1; adding up parts of it must not make it more than all. */
export function shareOf({ from, to }: Interval, milliseconds: number): number {
  return Math.min(1, milliseconds / (to - from))
}

function zoneTotal(total: GroupSums, zone: number) {
  const all = { group: 0, zone }
  return {
    co2_g: total.grams(all) ?? null,
    co2_g_low: total.lowGrams(all) ?? null,
    co2_g_high: total.highGrams(all) ?? null,
    energy_without_intensity_j: total.energyWithoutIntensity(all),
  }
}

function amountsOf(sums: GroupSums, group: number, context: Context) {
  const { zones, during, steps } = context
  const energy = sums.energy({ group })
  const amounts = {
    energy_j: energy,
    mean_power_w: meanPower(energy, during),
    co2_g: byZone(zones, (zone) => sums.grams({ group, zone }) ?? null),
  }
  if (steps === undefined) return amounts
  const intervals = intervalsOf(steps)
  const energies = intervals.map((_, step) => sums.energy({ group, step }))
  return {
    ...amounts,
    series: {
      energy_j: energies,
      mean_power_w: intervals.map((interval, step) => meanPower(joules(energies[step] ?? 0), interval)),
      co2_g: byZone(zones, (zone) => intervals.map((_, step) => sums.grams({ group, zone, step }) ?? null)),
    },
  }
}

function uncertaintyOf(sums: GroupSums, group: number, { zones, during }: Context) {
  return {
    coverage: shareOf(during, sums.measuredMs({ group })),
    co2_g_low: byZone(zones, (zone) => sums.lowGrams({ group, zone }) ?? null),
    co2_g_high: byZone(zones, (zone) => sums.highGrams({ group, zone }) ?? null),
    energy_without_intensity_j: byZone(zones, (zone) => sums.energyWithoutIntensity({ group, zone })),
  }
}

function ownerAnswer({ owner }: Group) {
  if (owner === undefined) return {}
  const { kind, name, derivedFrom, labels } = owner
  return { owner: { kind, name, derived_from: derivedFrom, labels: { ...labels } } }
}

function byZone<Value>(zones: readonly string[], valueOf: (zone: number) => Value): Record<string, Value> {
  return Object.fromEntries(zones.map((zone, at) => [zone, valueOf(at)]))
}

function intensitySteps(timeline: readonly TimelinePiece[], steps: Float64Array): (number | null)[] {
  return intervalsOf(steps).map((interval) => {
    const intensity = intensityOver(timeline, interval)
    return intensity.kind === 'known' ? intensity.mean : null
  })
}

function timesOf(steps: Float64Array): string[] {
  return intervalsOf(steps).map(({ from }) => isoWithMicroseconds(from))
}

/** The steps between their bounds. */
export function intervalsOf(bounds: Float64Array): readonly Interval[] {
  return Array.from(bounds.subarray(1), (to, at) => ({
    from: instant(bounds[at] ?? Number.NaN),
    to: instant(to),
  }))
}
