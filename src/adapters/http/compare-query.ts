import type { Static } from 'typebox'
import type { ComparisonQuestion } from '../../flows/compare-zones.ts'
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

export const CompareQuery = Type.Object(
  { ...energyParameters, ...zoneParameter, ...homeParameter, ...intensityParameters },
  { additionalProperties: false },
)
export type CompareQuery = Static<typeof CompareQuery>

export type UnderstoodComparison = {
  readonly question: ComparisonQuestion
  readonly defaults: readonly string[]
}

const defaultSeconds = 3600

/** Throws RequestError: 400 with the field, what it held and what is accepted; 403 for what the caller may not see. */
export function understandComparison(query: CompareQuery, asking: Asking): UnderstoodComparison {
  const energy = understandEnergy(query, asking, defaultSeconds)
  const { defaults, ...intensity } = understandIntensity(query, asking.now)
  return {
    question: {
      ...energy.scope,
      ...intensity,
      zones: understandZones(query.zone, asking.zones),
      home: understandHome(query.home, asking),
    },
    defaults: [...energy.defaults, ...leftOut({ zone: query.zone, home: query.home }), ...defaults],
  }
}
