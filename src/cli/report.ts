import type { EmissionsAnswer, EmissionsGroup, EmissionsZone } from '../adapters/co2-api/emissions-answer.ts'

/** What a person is told of a source of figures. */
export type SourceCredit = {
  readonly name: string
  readonly url: string
  readonly licence: string
  readonly attribution: string
}

/** How much may have gone uncounted in the time of a report. */
export type GapTally =
  | { readonly kind: 'told'; readonly byCause: ReadonlyMap<string, number> }
  /** The service did not say; the reason as a sentence. */
  | { readonly kind: 'untold'; readonly why: string }

/** All that a report shows. */
export type Report = {
  readonly emissions: EmissionsAnswer
  /** Totals over time. */
  readonly course: EmissionsAnswer | undefined
  /** By the name that provenance gives them. */
  readonly sources: ReadonlyMap<string, SourceCredit>
  readonly gaps: GapTally
  /** The address at which the same figures are had again. */
  readonly question: string
  readonly madeAt: string
  readonly version: string
}

/** What the groups that are not shown add up to; undefined when all are. */
export function restOf({ groups, group_count: count, total, group_by: by }: EmissionsAnswer) {
  if (by.length === 0 || groups.length >= count) return undefined
  const sum = (values: readonly (number | null | undefined)[]) =>
    values.reduce<number>((all, value) => all + (value ?? 0), 0)
  return {
    count: count - groups.length,
    energyJoules: Math.max(0, total.energy_j - sum(groups.map((group) => group.energy_j))),
    powerWatts: Math.max(0, total.mean_power_w - sum(groups.map((group) => group.mean_power_w))),
    gramsIn: (zone: string): number | null => {
      const all = total.co2_g[zone] ?? null
      return all === null ? null : Math.max(0, all - sum(groups.map((group) => group.co2_g[zone])))
    },
  }
}

/** The name of a group in one dimension, as people read it. No name can move the cursor of a terminal. */
export function nameIn({ key }: EmissionsGroup, dimension: string): string {
  return (key[dimension] ?? '(no name yet)').replaceAll(/\p{Cc}/gu, '\u{FFFD}')
}

/** Whether the grams of any zone are uncertain by more than their measurement. */
export function hasRange({ co2_g_low: low, co2_g_high: high }: EmissionsZone): boolean {
  return low !== null && high !== null && high - low > 1e-9 * Math.abs(high)
}

const methodNames: ReadonlyMap<string, string> = new Map([
  ['measured', 'measured'],
  ['estimated', 'estimated'],
  ['forecast', 'forecast'],
  ['annual-average', 'annual average'],
  ['configured', 'set by the operator'],
])

/** How a source came by its figures, such as `annual average of 2024`. */
export function methodText(part: EmissionsZone['provenance'][number]): string {
  const name = methodNames.get(part.intensity_method) ?? part.intensity_method
  return part.intensity_year === undefined ? name : `${name} of ${part.intensity_year}`
}

/** What is counted, in words. */
export function scopeText({ group_by: by, filters }: EmissionsAnswer): string {
  const only = Object.entries(filters).map(([name, values]) => `${name} ${values.join(' or ')}`)
  const whose = only.length === 0 ? 'all containers' : `only ${only.join(', ')}`
  return by.length === 0 ? whose : `${whose}, by ${by.join(' and ')}`
}
