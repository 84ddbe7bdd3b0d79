import { Type } from 'typebox'
import { type ZonesWithFigures, zoneOf } from './container-emissions-query.ts'
import { listed } from './energy-question.ts'
import { RequestError } from './problem.ts'

/** Several values of one field of a query string: repeated, or with commas in between. */
export const SeveralZones = Type.Optional(
  Type.Union([Type.String(), Type.Array(Type.String())], {
    description:
      'Countries and zones, repeated or with commas in between, such as DE,FR. Default: the first of COUNTRIES, else DE.',
  }),
)

export type AskedZones = {
  /** Each once, in the order in which they were named. */
  readonly zones: readonly string[]
  /** Nobody named one. */
  readonly isDefault: boolean
}

/** The zones that a query names. Throws RequestError (400) for one that is unknown or has no figures, and for too many. */
export function askedZones(
  written: string | readonly string[] | undefined,
  { zones, homeZone, most }: ZonesToAsk,
): AskedZones {
  const codes = listed('zone', written) ?? []
  if (codes.length > most) {
    throw new RequestError(400, `zone names ${codes.length} zones; at most ${most} are accepted here`)
  }
  const isDefault = codes.length === 0
  const named = isDefault ? [homeZone] : codes
  return { zones: [...new Set(named.map((code) => zoneOf(code, 'zone', zones)))], isDefault }
}

export type ZonesToAsk = {
  readonly zones: ZonesWithFigures
  readonly homeZone: string
  readonly most: number
}
