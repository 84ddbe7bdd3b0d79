import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { ServiceError } from './service-client.ts'

const numberOrNull = Type.Union([Type.Number(), Type.Null()])
const perZone = Type.Record(Type.String(), numberOrNull)

const Series = Type.Object({
  energy_j: Type.Array(numberOrNull),
  co2_g: Type.Record(Type.String(), Type.Array(numberOrNull)),
})

const Provenance = Type.Object({
  intensity_source: Type.String(),
  intensity_method: Type.String(),
  intensity_year: Type.Optional(Type.Number()),
  energy_share: Type.Number(),
})

const Zone = Type.Object({
  zone: Type.String(),
  name: Type.String(),
  co2_g: numberOrNull,
  co2_g_low: numberOrNull,
  co2_g_high: numberOrNull,
  mean_intensity_g_per_kwh: numberOrNull,
  energy_without_intensity_j: Type.Number(),
  provenance: Type.Array(Provenance),
  worst_age_s: numberOrNull,
  intensity_g_per_kwh: Type.Optional(Type.Array(numberOrNull)),
})

const Group = Type.Object({
  key: Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()])),
  energy_j: Type.Number(),
  mean_power_w: Type.Number(),
  coverage: Type.Number(),
  flags: Type.Array(Type.String()),
  co2_g: perZone,
  co2_g_low: perZone,
  co2_g_high: perZone,
})

/** What is read of an answer of `GET /api/v1/emissions`; it may hold more. */
const EmissionsAnswer = Type.Object({
  from: Type.String(),
  to: Type.String(),
  as_of: Type.String(),
  step_s: Type.Optional(numberOrNull),
  basis: Type.String(),
  signal: Type.String(),
  defaults: Type.Array(Type.String()),
  warnings: Type.Array(Type.String()),
  group_by: Type.Array(Type.String()),
  filters: Type.Record(Type.String(), Type.Array(Type.String())),
  coverage: Type.Number(),
  samples: Type.Number(),
  resolution_s: numberOrNull,
  zones: Type.Array(Zone),
  total: Type.Object({
    energy_j: Type.Number(),
    mean_power_w: Type.Number(),
    co2_g: perZone,
    series: Type.Optional(Series),
  }),
  times: Type.Optional(Type.Array(Type.String())),
  groups: Type.Array(Group),
  group_count: Type.Number(),
  next: Type.Union([Type.String(), Type.Null()]),
})

export type EmissionsAnswer = Static<typeof EmissionsAnswer>
export type EmissionsGroup = Static<typeof Group>
export type EmissionsZone = Static<typeof Zone>

/** Throws ServiceError when it is not what this version of the program understands. */
export function readEmissionsAnswer(text: string, address: string): EmissionsAnswer {
  const body = parsed(text, address)
  if (Value.Check(EmissionsAnswer, body)) return body
  const [first] = Value.Errors(EmissionsAnswer, body)
  const where = first === undefined ? '' : `: ${first.instancePath || 'it'} ${first.message}`
  throw new ServiceError(`${address} answered in a shape that is not understood${where}`)
}

export function parsed(text: string, address: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ServiceError(`${address} answered with a body that is not JSON: is it co2-api?`, { cause })
  }
}
