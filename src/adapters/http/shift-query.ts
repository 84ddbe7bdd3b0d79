import type { Static } from 'typebox'
import type { ShiftQuestion } from '../../flows/shift-work.ts'
import { joules } from '../../units.ts'
import {
  type Asking,
  energyParameters,
  homeParameter,
  intensityParameters,
  leftOut,
  understandEnergy,
  understandHome,
  understandIntensity,
  understandZones,
  zoneParameter,
} from './energy-question.ts'
import * as Type from './json-schema.ts'
import { RequestError, shown } from './problem.ts'
import { secondsOf } from './time-in-questions.ts'

export const ShiftQuery = Type.Object(
  {
    ...energyParameters,
    energy_j: Type.Optional(
      Type.String({
        description:
          'The energy of the work in joules, instead of what containers were measured to use; then the range and the filters are not accepted.',
      }),
    ),
    duration: Type.Optional(
      Type.String({ description: 'How long the work takes, in seconds or as 30m, 1h, 1d. Default: 1h.' }),
    ),
    horizon: Type.Optional(
      Type.String({
        description:
          'How far ahead it must have ended, in seconds or as 30m, 1h, 1d; at most 72h. Default: 24h.',
      }),
    ),
    ...zoneParameter,
    ...homeParameter,
    ...intensityParameters,
  },
  { additionalProperties: false },
)
export type ShiftQuery = Static<typeof ShiftQuery>

export type UnderstoodShift = {
  readonly question: ShiftQuestion
  readonly defaults: readonly string[]
}

const defaultSeconds = 86_400
const leastWorkSeconds = 60
/** As far as any source looks ahead. */
const mostHorizonSeconds = 72 * 3600
const energyFields = ['from', 'to', 'namespace', 'pod', 'container', 'node', 'workload'] as const

/** Throws RequestError: 400 with the field, what it held and what is accepted; 403 for what the caller may not see. */
export function understandShift(query: ShiftQuery, asking: Asking): UnderstoodShift {
  const { duration, horizon } = query
  const { work, defaults: ofWork } = workOf(query, asking)
  const { defaults: ofIntensity, ...intensity } = understandIntensity(query, asking.now)
  const horizonSeconds =
    horizon === undefined
      ? 86_400
      : secondsOf('horizon', horizon, { least: leastWorkSeconds, most: mostHorizonSeconds })
  const home = understandHome(query.home, asking)
  return {
    question: {
      ...intensity,
      work,
      durationSeconds:
        duration === undefined
          ? Math.min(3600, horizonSeconds)
          : secondsOf('duration', duration, { least: leastWorkSeconds, most: horizonSeconds }),
      horizonSeconds,
      zones: understandZones(query.zone, asking.zones) ?? [home],
      home,
    },
    defaults: [
      ...ofWork,
      ...leftOut({ duration, horizon, zone: query.zone, home: query.home }),
      ...ofIntensity,
    ],
  }
}

function workOf(
  query: ShiftQuery,
  asking: Asking,
): { readonly work: ShiftQuestion['work']; readonly defaults: readonly string[] } {
  if (query.energy_j === undefined) {
    const { scope, defaults } = understandEnergy(query, asking, defaultSeconds)
    return { work: { kind: 'measured', scope }, defaults }
  }
  const beside = energyFields.find((field) => query[field] !== undefined)
  if (beside !== undefined) {
    throw new RequestError(
      400,
      `${beside} and energy_j are both given; the work must be measured or given, not both`,
    )
  }
  const energy = Number(query.energy_j)
  if (query.energy_j.trim() === '' || !(energy > 0 && energy < Infinity)) {
    throw new RequestError(
      400,
      `energy_j is ${shown(query.energy_j)}; it must be a positive number of joules`,
    )
  }
  return { work: { kind: 'energy', energy: joules(energy) }, defaults: [] }
}
