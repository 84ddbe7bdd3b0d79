import type { Static } from 'typebox'
import { type GroupDimension, groupDimensions, tellingDimensions } from '../../emissions/grouping.ts'
import { groupOrders } from '../../emissions/rank-groups.ts'
import type { EnergyScope, GroupEmissionsQuestion } from '../../flows/report-group-emissions.ts'
import { type AnswerFormat, answerFormats } from './answer-format.ts'
import {
  type Asking,
  energyParameters,
  intensityParameters,
  leftOut,
  listed,
  listOf,
  mostDays,
  understandEnergy,
  understandIntensity,
  understandZones,
  zoneParameter,
} from './energy-question.ts'
import * as Type from './json-schema.ts'
import { readCursor, writeCursor } from './page-cursor.ts'
import { RequestError, shown } from './problem.ts'
import { refuseLong, secondsOf } from './time-in-questions.ts'

const mostGroupsPerPage = 10_000
const groupsPerPage = 100
const mostNumbersPerAnswer = 1_000_000
const defaultSeconds = 3600
const mostStepSeconds = 366 * 86_400

const wholeNumber = (description: string) =>
  Type.Optional(Type.String({ pattern: '^[0-9]{1,9}$', description }))

export const EmissionsQuery = Type.Object(
  {
    ...energyParameters,
    ...zoneParameter,
    ...intensityParameters,
    group_by: listOf(
      `What to tell apart: ${groupDimensions.join(', ')}. Names are unique within their namespace only, so that a pod, container or workload comes with it. Default: totals only.`,
    ),
    step: Type.Optional(
      Type.String({
        description:
          'The length of the steps of a series, in seconds or as 30s, 5m, 1h, 1d. Steps begin at whole multiples since 1970 UTC; the first and the last may be cut. Default: no series.',
      }),
    ),
    sort: Type.Optional(
      Type.Enum([...groupOrders], {
        description:
          'The order of the groups: most grams in the first zone, most energy, or by name. Default: co2_g.',
      }),
    ),
    limit: wholeNumber(
      `Groups in one answer, 1 to ${mostGroupsPerPage}. Default: ${groupsPerPage}, and ${mostGroupsPerPage} in a table.`,
    ),
    cursor: Type.Optional(
      Type.String({ description: 'What the answer before gave as next, with the same parameters.' }),
    ),
    series_limit: wholeNumber(
      `How many numbers of series, or rows of a table, the answer may have. Default and most: ${mostNumbersPerAnswer}.`,
    ),
    format: Type.Optional(
      Type.Enum([...answerFormats], { description: 'Instead of the Accept header. Default: json.' }),
    ),
  },
  { additionalProperties: false },
)
export type EmissionsQuery = Static<typeof EmissionsQuery>

export type UnderstoodEmissions = {
  readonly question: GroupEmissionsQuestion
  readonly mostNumbers: number
  readonly defaults: readonly string[]
  /** Which of the fleet counts, by parameter. */
  readonly filters: Readonly<Record<string, readonly string[]>>
  /** The text by which the page after this place is asked for. */
  readonly cursorAfter: (place: NonNullable<GroupEmissionsQuestion['after']>) => string
}

/** Throws RequestError: 400 with the field, what it held and what is accepted; 403 for what the caller may not see. */
export function understandEmissions(
  query: EmissionsQuery,
  asking: Asking,
  format: AnswerFormat,
): UnderstoodEmissions {
  const energy = understandEnergy(query, asking, defaultSeconds)
  const { defaults: intensityDefaults, ...intensity } = understandIntensity(query, asking.now)
  const zones = understandZones(query.zone, asking.zones) ?? [asking.homeZone]
  const dimensions = dimensionsOf(query.group_by)
  const stepSeconds =
    query.step === undefined ? undefined : secondsOf('step', query.step, { least: 1, most: mostStepSeconds })
  const order = query.sort ?? 'co2_g'
  const { during, ...scope } = energy.scope
  // All that must be the same on every page.
  const same = [scope, zones, dimensions, order, stepSeconds, intensity.series]
  const cursor = query.cursor === undefined ? undefined : readCursor(query.cursor, same)
  const asked = cursor?.during ?? during
  refuseLong(asked, mostDays)
  const asOf = cursor?.asOf ?? intensity.asOf
  const mostNumbers =
    numberOf('series_limit', query.series_limit, mostNumbersPerAnswer) ?? mostNumbersPerAnswer
  const question: Omit<GroupEmissionsQuestion, 'after'> = {
    ...scope,
    during: asked,
    asOf,
    series: intensity.series,
    zones,
    stepSeconds,
    dimensions,
    order,
    limit:
      numberOf('limit', query.limit, mostGroupsPerPage) ??
      (format === 'json' ? groupsPerPage : mostGroupsPerPage),
    isDetailed: format !== 'json',
  }
  refuseTooManySteps(question, mostNumbers)
  return {
    question: { ...question, after: cursor?.after },
    mostNumbers,
    defaults: [...energy.defaults, ...leftOut({ zone: query.zone }), ...intensityDefaults],
    filters: filtersOf(scope),
    cursorAfter: (after) => writeCursor({ during: asked, asOf, after }, same),
  }
}

function dimensionsOf(written: EmissionsQuery['group_by']): readonly GroupDimension[] {
  const names = listed('group_by', written) ?? []
  return tellingDimensions(
    names.map((name) => {
      const found = groupDimensions.find((dimension) => dimension === name)
      if (found !== undefined) return found
      throw new RequestError(
        400,
        `group_by is ${shown(name)}; it must be one or several of ${groupDimensions.join(', ')}`,
      )
    }),
  )
}

function numberOf(field: string, written: string | undefined, most: number): number | undefined {
  if (written === undefined) return undefined
  const number = Number(written)
  if (number >= 1 && number <= most) return number
  throw new RequestError(400, `${field} is ${shown(written)}; it must be a whole number from 1 to ${most}`)
}

function filtersOf({ where, workloads }: Omit<EnergyScope, 'during'>): UnderstoodEmissions['filters'] {
  const filters = {
    namespace: where.namespaces,
    pod: where.pods,
    container: where.containers,
    node: where.nodes,
    workload: workloads.length === 0 ? undefined : workloads,
  }
  return Object.fromEntries(
    Object.entries(filters).flatMap(([name, values]) => (values === undefined ? [] : [[name, values]])),
  )
}

/** Before anything is read: a series that is too long even for one group. */
function refuseTooManySteps(
  { during, stepSeconds, zones, isDetailed }: Omit<GroupEmissionsQuestion, 'after'>,
  mostNumbers: number,
): void {
  if (stepSeconds === undefined) return
  const steps = Math.ceil((during.to - during.from) / (stepSeconds * 1000))
  const numbers = steps * numbersPerStep(zones.length, isDetailed)
  if (numbers <= mostNumbers) return
  throw new RequestError(
    400,
    `${steps} steps would be ${numbers} ${isDetailed ? 'rows' : 'numbers of a series'}, and ${mostNumbers} are given at most; ask for a longer step, a shorter time or fewer zones`,
  )
}

/** Of one group: a row of a table for each zone; or energy, power, and grams for each zone. */
export function numbersPerStep(zones: number, isTable: boolean): number {
  return isTable ? zones : 2 + zones
}
