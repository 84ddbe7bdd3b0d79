import { tables } from '../../src/adapters/postgres/inspect.ts'
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

/** Leaves no row in any table but that of the migrations. `truncate` makes every file of theirs anew, which takes ten times as long for a few rows. */
export const emptyEveryTable = tables
  .filter((table) => table !== 'co2_api_migrations')
  .map((table) => `delete from ${table}`)
  .join(';')
