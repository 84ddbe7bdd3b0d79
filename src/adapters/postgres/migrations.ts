import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { StoreRefusedError } from '../../energy/measurement-store.ts'
import { numberAt, textAt } from './columns.ts'
import type { Session } from './session.ts'
import { inTransaction } from './transaction.ts'

/** One step of the schema. A step is never edited once it was released: its checksum is kept in the database. */
export type Migration = {
  readonly number: number
  readonly name: string
  readonly sql: string
  /** Some statements cannot run in a transaction: the file begins with this line, then, and holds one statement. */
  readonly isInTransaction: boolean
}

const outsideTransaction = '-- outside a transaction'

/** Reads `0001-what-it-does.sql` and so on, in the order of their numbers, which count from one without a gap. */
export async function readMigrations(folder: URL): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name, index) => {
      const number = Number.parseInt(name, 10)
      if (number !== index + 1) throw new Error(`migration ${name} should have the number ${index + 1}`)
      const sql = await readFile(new URL(name, folder), 'utf8')
      return { number, name, sql, isInTransaction: !sql.startsWith(outsideTransaction) }
    }),
  )
}

/**
 * Brings the schema up to date. The caller holds the lock that keeps other processes from doing the same.
 * Throws StoreRefusedError when the database has been migrated by a newer version, or by other files of these names.
 */
export async function migrate(session: Session, migrations: readonly Migration[]): Promise<void> {
  const isThere = (await session.rows(tableInSchema)).length > 0
  const applied = isThere ? await appliedMigrations(session) : new Map<number, Applied>()
  const newest = Math.max(0, ...applied.keys())
  if (newest > migrations.length) {
    throw new StoreRefusedError(
      `the database has the schema ${newest} (${applied.get(newest)?.name}) of a newer version; this version knows schemas up to ${migrations.length}`,
    )
  }
  for (const migration of migrations) {
    const before = applied.get(migration.number)
    if (before === undefined) continue
    if (before.checksum !== checksumOf(migration)) {
      throw new StoreRefusedError(
        `the database has been migrated by another ${before.name} than this version's ${migration.name}`,
      )
    }
  }
  if (!isThere) await session.rows(table)
  for (const migration of migrations) {
    if (!applied.has(migration.number)) await apply(session, migration)
  }
}

/** A table of that name in another schema of the search path is another's. */
const tableInSchema = `select from pg_tables
  where schemaname = current_schema() and tablename = 'co2_api_migrations'`

const table = `create table if not exists co2_api_migrations (
  number integer primary key,
  name text not null,
  checksum text not null,
  applied_at timestamptz not null default now()
)`

type Applied = { readonly name: string; readonly checksum: string }

async function appliedMigrations(session: Session): Promise<ReadonlyMap<number, Applied>> {
  const rows = await session.rows('select number, name, checksum from co2_api_migrations')
  return new Map(rows.map((row) => [numberAt(row, 0), { name: textAt(row, 1), checksum: textAt(row, 2) }]))
}

async function apply(session: Session, migration: Migration): Promise<void> {
  const record = () =>
    session.rows('insert into co2_api_migrations (number, name, checksum) values ($1, $2, $3)', [
      migration.number,
      migration.name,
      checksumOf(migration),
    ])
  if (migration.isInTransaction) {
    await inTransaction(session, async () => {
      await session.script(migration.sql)
      await record()
    })
  } else {
    await session.script(migration.sql)
    await record()
  }
}

function checksumOf({ sql }: Migration): string {
  return createHash('sha256').update(sql.replaceAll('\r\n', '\n')).digest('hex')
}
