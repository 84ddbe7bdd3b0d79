import {
  openPostgresStore,
  type PostgresStore,
  type PostgresStoreOptions,
} from '../../src/adapters/postgres/postgres-store.ts'
import { instant } from '../../src/units.ts'

/** A store as the service opens it, but for a retention that outlasts the dates of the tests. */
export function openedStore(
  dsn: string,
  differing: Partial<PostgresStoreOptions> = {},
): Promise<PostgresStore> {
  return openPostgresStore({
    dsn,
    retentionDays: 36_500,
    sampleIntervalSeconds: 10,
    queryTimeoutSeconds: 10,
    now: () => instant(1_770_804_000_000),
    onNotice: () => {},
    ...differing,
  })
}

/** Leaves no row in any table. `truncate` makes every file of theirs anew, which takes ten times as long for a few rows. */
export const emptyEveryTable = [
  'container_metrics',
  'container_refs',
  'energy_gaps',
  'node_states',
  'set_aside_measurements',
  'carbon_intensity',
  'energy_sums',
  'energy_sums_made',
  'energy_sums_to_make',
  'energy_long_samples',
]
  .map((table) => `delete from ${table}`)
  .join(';')
