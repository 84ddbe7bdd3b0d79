import { setImmediate as nextTurn } from 'node:timers/promises'
import { compareWorkloads, type Workload, workloadKey } from '../../energy/workload.ts'
import type { Instant } from '../../units.ts'
import { workloadIn } from './containers.ts'
import type { Database } from './database.ts'
import { numberIn } from './row.ts'

const containersPerTurn = 2000

/** Names of the containers that were last measured at `since` or later, ascending. */
export async function workloadsSince(
  database: Database,
  since: Instant,
  signal: AbortSignal,
): Promise<readonly Workload[]> {
  signal.throwIfAborted()
  const inRecent = new Set(
    database
      .all('SELECT DISTINCT container FROM recent_sample WHERE ends_at_ms >= ?', since)
      .map((row) => numberIn(row, 'container')),
  )
  const found = new Map<string, Workload>()
  for (let id = 0; ; ) {
    signal.throwIfAborted()
    const rows = database.all(
      `SELECT id, namespace, pod, container,
              EXISTS (SELECT 1 FROM settled_sample WHERE container = c.id AND ends_at_ms >= ?) AS is_settled
       FROM container c WHERE id > ? AND named_at_ms IS NOT NULL ORDER BY id LIMIT ?`,
      since,
      id,
      containersPerTurn,
    )
    for (const row of rows) {
      if (numberIn(row, 'is_settled') === 0 && !inRecent.has(numberIn(row, 'id'))) continue
      const workload = workloadIn(row)
      found.set(workloadKey(workload), workload)
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < containersPerTurn) break
    id = numberIn(last, 'id')
    await nextTurn()
  }
  return [...found.values()].sort(compareWorkloads)
}
