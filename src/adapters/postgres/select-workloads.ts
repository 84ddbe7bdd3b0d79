import type { Workload } from '../../energy/workload.ts'
import { type Instant, instant } from '../../units.ts'
import { time } from './binary-parameters.ts'
import { textAt } from './columns.ts'
import { unwrittenMilliseconds } from './container-refs.ts'
import type { Layout } from './schema.ts'
import type { Session } from './session.ts'

/**
 * Workloads that were measured at `since` or later. `last_measured_at` is at most ten minutes behind; where that
 * matters, the measurements are asked. What only the predecessor measured stands in its rows alone.
 */
export async function selectWorkloads(
  session: Session,
  since: Instant,
  layout: Layout,
): Promise<readonly Workload[]> {
  const rows = await session.rows(
    `select * from (
       select c.namespace, c.pod, c.container from container_refs c
       where c.pod is not null and (c.last_measured_at >= $1
         or c.last_measured_at >= $2 and ${layout.kind === 'distributed' ? isMeasuredSomewhere : isMeasured})
       union
       select distinct coalesce(namespace, ''), pod_id, container_name from container_metrics
       where started_at is null and time >= $1
     ) w order by namespace collate "C", pod collate "C", container collate "C"`,
    [time(since), time(instant(since - unwrittenMilliseconds))],
  )
  return rows.map((row) => ({ namespace: textAt(row, 0), pod: textAt(row, 1), container: textAt(row, 2) }))
}

const isMeasured = `exists (select from container_metrics m where m.container_ref = c.ref and m.time >= $1)`

/** Citus knows no query within a query that depends on the outer row. */
const isMeasuredSomewhere = `c.ref in (
  select m.container_ref from container_metrics m
  where m.time >= $1 and m.time < $1::timestamptz + interval '10 minutes' and m.started_at is not null
)`
