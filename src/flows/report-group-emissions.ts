import {
  createGrouping,
  createKnownGroupings,
  type Group,
  type GroupDimension,
} from '../emissions/grouping.ts'
import { type GroupOrder, type GroupPage, type GroupPlace, pageOfGroups } from '../emissions/rank-groups.ts'
import type { EnergyFilter } from '../energy/energy-spans.ts'
import type { OwnerDirectory } from '../energy/workload-owner.ts'
import type { FactSeries } from '../intensity/preference.ts'
import type { Instant, Interval } from '../units.ts'
import type { EmissionsSummer, Excess, SummedEmissions } from './sum-emissions.ts'

/** Which energy is asked about. */
export type EnergyScope = {
  /** Half-open; samples that reach over an end are cut. */
  readonly during: Interval
  readonly where: EnergyFilter
  /** Only what belongs to one of these counts, each named as `Deployment/shop-web` or `shop-web`; all, where none is. */
  readonly workloads: readonly string[]
}

/** Which figures of carbon intensity count. */
export type IntensityScope = {
  /** As they were known then. */
  readonly asOf: Instant
  readonly series: FactSeries
}

export type GroupEmissionsQuestion = EnergyScope &
  IntensityScope & {
    /** At least one; the first is the one to sort by. */
    readonly zones: readonly string[]
    readonly stepSeconds: number | undefined
    /** None for totals only. */
    readonly dimensions: readonly GroupDimension[]
    readonly order: GroupOrder
    readonly limit: number
    readonly after: GroupPlace | undefined
    /** Whether ranges and coverage are wanted for each step. */
    readonly isDetailed: boolean
  }

export type GroupEmissionsAnswer =
  | {
      readonly kind: 'reported'
      readonly sum: SummedEmissions
      /** All groups, by number. */
      readonly groups: readonly Group[]
      readonly page: GroupPage
    }
  | Excess

/** Answers what groups of containers used and emitted. Throws as an EmissionsSummer does. */
export type GroupEmissionsReporter = (
  question: GroupEmissionsQuestion,
  signal: AbortSignal,
) => Promise<GroupEmissionsAnswer>

export function createGroupEmissionsReporter(ports: {
  readonly sum: EmissionsSummer
  readonly owners: OwnerDirectory
}): GroupEmissionsReporter {
  const known = createKnownGroupings()
  return async (question, signal) => {
    const { dimensions, workloads, order, limit, after, ...rest } = question
    const grouping = createGrouping({ dimensions, workloads, owners: ports.owners, known })
    const sum = await ports.sum({ ...rest, grouping }, signal)
    if (sum.kind !== 'summed') return sum
    const { groups } = grouping
    const keys = dimensions.length === 0 ? [] : groups.map(({ key }) => key)
    const page = pageOfGroups({ keys, sums: sum.groups }, { order, limit, after })
    return { kind: 'reported', sum, groups, page }
  }
}
