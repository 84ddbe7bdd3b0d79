import type { EnergyFilter, EnergySeries } from '../../energy/energy-spans.ts'
import { type Instant, instant } from '../../units.ts'
import { time } from './binary-parameters.ts'
import { numberAt, textAt, workloadAt } from './columns.ts'
import { unwrittenMilliseconds } from './container-refs.ts'
import type { Session } from './session.ts'

/** Containers whose energy is read. */
export type EnergyContainers = {
  readonly seriesOf: ReadonlyMap<number, EnergySeries>
  /** Whether these are so few that they are looked up one by one rather than read among all others. */
  readonly areFew: boolean
}

/** Where more containers than one in so many are wanted, all are read. */
const fewAreOneIn = 10

/** The containers that count and were measured after `since`, by their numbers. */
export async function selectContainers(
  session: Session,
  filter: EnergyFilter,
  since: Instant,
): Promise<EnergyContainers> {
  const measuredAfter = time(instant(since - unwrittenMilliseconds))
  const restrictions = [
    { condition: 'node = any', names: filter.nodes },
    { condition: 'node <> all', names: filter.exceptNodes },
    { condition: 'namespace = any', names: filter.namespaces },
    { condition: 'pod = any', names: filter.pods },
    { condition: 'container = any', names: filter.containers },
  ].flatMap(({ condition, names = [] }) => (names.length === 0 ? [] : [{ condition, names }]))
  const conditions = restrictions.map(({ condition }, index) => `and ${condition}($${index + 2}::text[])`)
  const rows = await session.rows(
    `select ref, node, namespace, pod, container from container_refs
     where last_measured_at >= $1 ${conditions.join(' ')}`,
    [measuredAfter, ...restrictions.map(({ names }) => names)],
  )
  const seriesOf = new Map<number, EnergySeries>()
  for (const row of rows) {
    seriesOf.set(numberAt(row, 0), { node: textAt(row, 1), workload: workloadAt(row, 2) })
  }
  if (restrictions.length === 0) return { seriesOf, areFew: false }
  const [all = []] = await session.rows(
    'select count(*)::float8 from container_refs where last_measured_at >= $1',
    [measuredAfter],
  )
  return { seriesOf, areFew: seriesOf.size * fewAreOneIn <= numberAt(all, 0) }
}
