import { sumLevelsSeconds } from '../../energy/sum-levels.ts'
import { type Instant, instant } from '../../units.ts'
import { time } from './binary-parameters.ts'
import { unwrittenMilliseconds } from './container-refs.ts'
import type { Layout } from './schema.ts'
import type { Session } from './session.ts'
import { inTransaction } from './transaction.ts'

const rowsPerStep = 20_000

/**
 * Deletes what is older than `oldest` and returns how many measurements those were. One step is one statement of a
 * bounded number of rows, so that nobody waits for long. TimescaleDB drops whole chunks, uncounted: by its own policy,
 * or here where the edition has none.
 */
export async function forgetBefore(
  session: Session,
  { oldest, layout }: { readonly oldest: Instant; readonly layout: Layout },
): Promise<number> {
  const deleted = await forgetMeasurements(session, oldest, layout)
  for (const seconds of sumLevelsSeconds) {
    // A sum goes when all of its time has passed.
    const begun = instant(oldest - seconds * 1000)
    await deleteInSteps(session, 'energy_sums', `level_seconds = ${seconds} and begins_at <= $1`, begun)
  }
  await deleteInSteps(session, 'energy_long_samples', 'time < $1', oldest)
  await deleteInSteps(session, 'energy_sums_to_make', 'until_time <= $1', oldest)
  await deleteInSteps(session, 'energy_gaps', 'ended_at < $1', oldest)
  await deleteInSteps(session, 'set_aside_measurements', 'set_aside_at < $1', oldest)
  await deleteInSteps(session, 'node_states', 'at < $1', oldest)
  const unmeasured = instant(oldest - unwrittenMilliseconds)
  await deleteInSteps(session, 'container_refs', 'last_measured_at < $1', unmeasured)
  return deleted
}

async function forgetMeasurements(session: Session, oldest: Instant, layout: Layout): Promise<number> {
  switch (layout.kind) {
    case 'plain':
      return deleteInSteps(session, 'container_metrics', 'time < $1', oldest)
    case 'distributed':
      return session.count('delete from container_metrics where time < $1', [time(oldest)])
    case 'hypertable': {
      if (layout.dropsOldChunks) return 0
      await session.rows(`select drop_chunks('container_metrics', older_than => $1::timestamptz)`, [
        time(oldest),
      ])
      return 0
    }
  }
}

async function deleteInSteps(
  session: Session,
  table: string,
  condition: string,
  oldest: Instant,
): Promise<number> {
  let deleted = 0
  for (;;) {
    const step = await inTransaction(session, async () => {
      // The planner takes a limit for a reason to read the table from its beginning: hours, where there is nothing old.
      await session.rows(`select set_config('enable_seqscan', 'off', true)`)
      return session.count(
        `delete from ${table} where ctid = any(array(select ctid from ${table} where ${condition} limit ${rowsPerStep}))`,
        [time(oldest)],
      )
    })
    deleted += step
    if (step < rowsPerStep) return deleted
  }
}
