import { StoreError } from '../../energy/measurement-store.ts'
import { isDistributed, useCitus } from './citus.ts'
import { sqlStateOf } from './failure.ts'
import { migrate, readMigrations } from './migrations.ts'
import { attempt, type Execute, finds } from './optional-steps.ts'
import type { Connect, Session } from './session.ts'
import { hasRetentionPolicy, isHypertable, type TimescaleOptions, useTimescale } from './timescale.ts'

/** What the table of measurements turned out to be. Statements differ where an engine cannot do what another can. */
export type Layout =
  | { readonly kind: 'plain' }
  | { readonly kind: 'hypertable'; readonly dropsOldChunks: boolean }
  | { readonly kind: 'distributed' }

/** Any number that nobody else locks: the letters "co2-api". */
const lock = 0x63_6f_32_2d_61_70_69n

/**
 * Makes the schema or brings it up to date, and uses what the server can do beyond plain PostgreSQL. Of many that
 * start at once, one does it and the others wait.
 */
export async function prepareSchema(connect: Connect, options: TimescaleOptions): Promise<Layout> {
  const migrations = await readMigrations(new URL('migrations/', import.meta.url))
  return connect(async (session) => {
    // The lock goes with the connection.
    await session.rows(`select set_config('lock_timeout', '30s', false)`)
    await session.rows(`select pg_advisory_lock(${lock})`).catch(refuseToWait)
    await session.rows(`select set_config('lock_timeout', '0', false)`)
    await migrate(session, migrations)
    const engine = await engineOf({ session, connect, onNotice: options.onNotice })
    if (engine === undefined) return { kind: 'plain' }
    return connect(async (another) => {
      const execute: Execute = (sql) => another.rows(sql)
      if (engine === 'citus') await useCitus(execute, options.onNotice)
      else await useTimescale(execute, options)
      return layoutOf(execute, engine)
    })
  })
}

/** A large table takes longer to change; whoever waits tries again. */
function refuseToWait(error: unknown): never {
  if (sqlStateOf(error) !== '55P03') throw error
  throw new StoreError('another process is changing the schema')
}

type Engine = 'citus' | 'timescaledb'

async function engineOf({
  session,
  connect,
  onNotice,
}: {
  readonly session: Session
  readonly connect: Connect
  readonly onNotice: (text: string) => void
}): Promise<Engine | undefined> {
  const isFound = (catalogue: string) => finds((sql) => session.rows(sql), `select from ${catalogue}`)
  if (await isFound(`pg_extension where extname = 'citus'`)) return 'citus'
  if (await isFound(`pg_extension where extname = 'timescaledb'`)) return 'timescaledb'
  const otherwise = 'TimescaleDB is not used'
  if (!(await isFound(`pg_available_extensions where name = 'timescaledb'`))) {
    onNotice(`${otherwise}: the server does not have it`)
    return undefined
  }
  const sql = ['create extension if not exists timescaledb'] as const
  const isHad = await connect((another) =>
    attempt((statement) => another.rows(statement), { otherwise, sql }, onNotice),
  )
  return isHad ? 'timescaledb' : undefined
}

async function layoutOf(execute: Execute, engine: Engine): Promise<Layout> {
  if (engine === 'citus' && (await finds(execute, isDistributed))) return { kind: 'distributed' }
  if (engine === 'timescaledb' && (await finds(execute, isHypertable))) {
    return { kind: 'hypertable', dropsOldChunks: await finds(execute, hasRetentionPolicy) }
  }
  return { kind: 'plain' }
}
