import { type Instant, instant } from '../../units.ts'
import { milliseconds, numberAt, optionalTextAt, textAt } from './columns.ts'
import { createDatabase } from './database.ts'
import { readMigrations } from './migrations.ts'
import type { Session } from './session.ts'

/** What a database is like, without anything being changed in it. */
export type PostgresInspection = {
  readonly version: string
  readonly user: string
  readonly schema: string | undefined
  /** The extensions that matter here, with their versions, and whether they are in use or could be. */
  readonly extensions: readonly {
    readonly name: string
    readonly version: string
    readonly isInstalled: boolean
  }[]
  /** The number of the newest migration that was applied; 0 where there is none. */
  readonly migration: number
  /** The newest migration that this program knows. */
  readonly newestMigration: number
  /** Whether a table `container_metrics` is there without our migrations: the predecessor's. */
  readonly isPredecessors: boolean
  readonly mayCreate: boolean
  /** What this user may not do with our tables, such as `insert into container_metrics`. */
  readonly refused: readonly string[]
  readonly isReadOnly: boolean
  readonly now: Instant
}

/** Throws StoreError, with the reason, when it cannot be asked. */
export async function inspectPostgres(dsn: string, signal: AbortSignal): Promise<PostgresInspection> {
  const migrations = await readMigrations(new URL('migrations/', import.meta.url))
  await using database = createDatabase({ dsn, queryTimeoutSeconds: 10, prepare: async () => {} })
  return await database.use(
    'read',
    async (session) => ({
      ...(await serverOf(session)),
      extensions: await extensionsOf(session),
      ...(await schemaOf(session)),
      newestMigration: migrations.length,
    }),
    signal,
  )
}

async function serverOf(session: Session) {
  const [row = []] = await session.rows(`select current_setting('server_version'), current_user::text,
    current_schema()::text, pg_is_in_recovery() or current_setting('transaction_read_only') = 'on',
    coalesce(has_schema_privilege(current_schema(), 'create'), false), ${milliseconds('clock_timestamp()')}`)
  return {
    version: textAt(row, 0),
    user: textAt(row, 1),
    schema: optionalTextAt(row, 2),
    isReadOnly: row[3] === true,
    mayCreate: row[4] === true,
    now: instant(numberAt(row, 5)),
  }
}

async function extensionsOf(session: Session): Promise<PostgresInspection['extensions']> {
  const rows =
    await session.rows(`select name, coalesce(installed_version, default_version), installed_version is not null
    from pg_available_extensions where name in ('timescaledb', 'citus') order by name`)
  return rows.map((row) => ({ name: textAt(row, 0), version: textAt(row, 1), isInstalled: row[2] === true }))
}

const privileges = ['select', 'insert', 'update', 'delete'] as const

async function schemaOf(session: Session) {
  const rows = await session.rows(
    `select tablename::text, ${privileges
      .map((privilege) => `has_table_privilege(format('%I.%I', schemaname, tablename), '${privilege}')`)
      .join(', ')}
     from pg_tables where schemaname = current_schema() and tablename = any($1::text[]) order by tablename`,
    [tables],
  )
  const found = new Set(rows.map((row) => textAt(row, 0)))
  const isOurs = found.has('co2_api_migrations')
  const refused = rows.flatMap((row) =>
    privileges.flatMap((privilege, index) =>
      row[index + 1] === true ? [] : [`${privilege} on ${textAt(row, 0)}`],
    ),
  )
  const [newest] =
    isOurs && !refused.includes('select on co2_api_migrations')
      ? await session.rows('select coalesce(max(number), 0)::int from co2_api_migrations')
      : []
  return {
    migration: newest === undefined ? 0 : numberAt(newest, 0),
    isPredecessors: !isOurs && found.has('container_metrics'),
    refused,
  }
}

/** Everything of ours, the predecessor's table included. */
export const tables: readonly string[] = [
  'co2_api_migrations',
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
