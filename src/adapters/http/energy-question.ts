import type { Static } from 'typebox'
import type { EnergyScope, IntensityScope } from '../../flows/report-group-emissions.ts'
import { usualSeries } from '../../intensity/preference.ts'
import type { Instant } from '../../units.ts'
import { type Caller, namespacesFor } from './access.ts'
import { type ZonesWithFigures, zoneOf } from './container-emissions-query.ts'
import * as Type from './json-schema.ts'
import { RequestError, shown } from './problem.ts'
import { momentOf, rangeOf } from './time-in-questions.ts'

const text = (description: string) => Type.Optional(Type.String({ minLength: 1, description }))

/** A list: the parameter several times, or once with commas. */
export const listOf = (description: string) =>
  Type.Optional(
    Type.Union(
      [Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }), { maxItems: 1000 })],
      {
        description: `${description} Several: repeat it, or separate them with commas.`,
      },
    ),
  )

const relative = 'ISO 8601 (UTC without an offset), or relative such as now-24h; units s, m, h, d.'

/** Which figures of carbon intensity count. */
export const intensityParameters = {
  basis: Type.Optional(
    Type.Enum(['lifecycle', 'direct'], {
      description: 'Emissions of the whole life cycle, or of the chimney alone. Default: lifecycle.',
    }),
  ),
  signal: Type.Optional(
    Type.Enum(['average', 'marginal'], {
      description: 'Emissions per mean kilowatt hour, or per the next one. Default: average.',
    }),
  ),
  as_of: text(`Intensities as they were known then: ${relative} Default: now.`),
}

/** Whose energy, and when. */
export const energyParameters = {
  from: text(`The beginning of the range: ${relative}`),
  to: text(`Its end, which does not belong to it: ${relative} Default: now.`),
  namespace: listOf('Only containers of this namespace.'),
  pod: listOf('Only containers of this pod.'),
  container: listOf('Only containers of this name.'),
  node: listOf('Only containers on this node.'),
  workload: listOf('Only containers of this workload, such as Deployment/shop-web, or shop-web.'),
}

export const zoneParameter = {
  zone: listOf('A country or zone, in any case, such as DE or DK-DK1.'),
}

export const homeParameter = {
  home: text('The zone that savings are against. Default: the first of COUNTRIES, else DE.'),
}

const EnergyQuery = Type.Object({ ...energyParameters, ...intensityParameters })
export type EnergyQuery = Static<typeof EnergyQuery>

/** A year and a day of quarter hours are 35 000 pieces of each zone's timeline. */
export const mostDays = 366

type WrittenList = string | readonly string[] | undefined

export type Asking = {
  readonly zones: ZonesWithFigures
  /** The zone of those who name none. */
  readonly homeZone: string
  readonly now: Instant
  readonly caller: Caller
}

export type UnderstoodEnergy = {
  readonly scope: EnergyScope
  /** The parameters that were left out and took their default. */
  readonly defaults: readonly string[]
}

/** Throws RequestError: 400 with the field, what it held and what is accepted; 403 for what the caller may not see. */
export function understandEnergy(
  query: EnergyQuery,
  { now, caller }: Pick<Asking, 'now' | 'caller'>,
  defaultSeconds: number,
): UnderstoodEnergy {
  const during = rangeOf(query, now, { defaultSeconds, mostDays })
  const namespaces = namespacesFor(caller, listed('namespace', query.namespace))
  const pods = listed('pod', query.pod)
  const containers = listed('container', query.container)
  const nodes = listed('node', query.node)
  return {
    scope: {
      during,
      where: {
        ...(namespaces === undefined ? {} : { namespaces }),
        ...(pods === undefined ? {} : { pods }),
        ...(containers === undefined ? {} : { containers }),
        ...(nodes === undefined ? {} : { nodes }),
      },
      workloads: listed('workload', query.workload) ?? [],
    },
    defaults: leftOut({ from: query.from, to: query.to }),
  }
}

export function understandIntensity(
  query: Pick<EnergyQuery, 'basis' | 'signal' | 'as_of'>,
  now: Instant,
): IntensityScope & { readonly defaults: readonly string[] } {
  const { basis, signal, as_of } = query
  return {
    asOf: as_of === undefined ? now : momentOf('as_of', as_of, now),
    series: { basis: basis ?? usualSeries.basis, signal: signal ?? usualSeries.signal },
    defaults: leftOut({ as_of, basis, signal }),
  }
}

/** The zones that are asked about, each once; undefined where none is named. Throws RequestError (400). */
export function understandZones(
  written: WrittenList,
  zones: ZonesWithFigures,
): readonly string[] | undefined {
  const names = listed('zone', written)
  return names && [...new Set(names.map((name) => zoneOf(name, 'zone', zones)))]
}

/** The zone that savings are against. Throws RequestError (400). */
export function understandHome(
  written: string | undefined,
  { homeZone, zones }: Pick<Asking, 'homeZone' | 'zones'>,
): string {
  return written === undefined ? homeZone : zoneOf(written, 'home', zones)
}

/** The values of a parameter that may be repeated or hold commas; undefined where it is left out. Throws RequestError (400). */
export function listed(field: string, written: WrittenList): readonly string[] | undefined {
  if (written === undefined) return undefined
  const values = [written].flat().flatMap((value) => value.split(','))
  // To leave out what is empty would widen the question.
  if (values.includes('')) {
    throw new RequestError(
      400,
      `${field} is ${shown(written)}, in which a value is empty; it must be a value, or several with commas`,
    )
  }
  return values
}

/** The names of fields that are undefined. */
export function leftOut(fields: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [name] : []))
}
