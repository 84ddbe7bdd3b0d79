import { attempt, type Execute, finds } from './optional-steps.ts'

export const isDistributed = `select from pg_dist_partition
  where logicalrelid = 'container_metrics'::regclass and partmethod = 'h'`

/**
 * Spreads the table of measurements over the machines of a Citus cluster, by container. The table of containers, which
 * is small, is copied to all of them; the other tables stay where they are.
 *
 * A row is placed by its container's number, so that the predecessor's rows, which have none, get one each first:
 * negative, and never that of a container. All of it happens, or nothing.
 * Source: Citus documentation 12, create_distributed_table, create_reference_table.
 */
export async function useCitus(execute: Execute, onNotice: (text: string) => void): Promise<void> {
  if (await finds(execute, isDistributed)) return
  await attempt(
    execute,
    {
      otherwise: 'Citus does not distribute container_metrics; it stays on one machine',
      sql: [distribution],
    },
    onNotice,
  )
}

/** One string of several statements is one transaction. */
const distribution = `
  with numbered as (
    select ctid, (select least(0, min(container_ref)) from container_metrics) - row_number() over () as ref
    from container_metrics where container_ref is null
  )
  update container_metrics m set container_ref = numbered.ref from numbered where m.ctid = numbered.ctid;
  select create_reference_table('container_refs');
  select create_distributed_table('container_metrics', 'container_ref');
`
