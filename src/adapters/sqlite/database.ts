import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { StoreRefusedError } from '../../energy/measurement-store.ts'
import { storeError } from './failure.ts'
import { type Columns, numberIn, type Row } from './row.ts'
import { applicationId, migrations } from './schema.ts'

/** Readers, such as a backup, do not lock the file. The process stands still while it waits for who does. */
const waitForLockMilliseconds = 500
/** A burst of writes makes the log grow; this much of it is kept for the next one. */
const mostLogBytes = 32 * 1024 * 1024

/** A file of ours, open and of the present schema. Every method throws StoreError, with the path in it. */
export type Database = {
  readonly path: string
  all(sql: string, ...values: readonly SQLInputValue[]): readonly Row[]
  get(sql: string, ...values: readonly SQLInputValue[]): Row | undefined
  /** Returns how many rows it changed. */
  run(sql: string, ...values: readonly SQLInputValue[]): number
  /** All that `work` does is kept, or none of it. */
  transaction<Result>(work: () => Result): Result
  /** The file as it is now, however it changes meanwhile. The log of changes grows until it is let go. */
  snapshot(): Snapshot
  close(): void
}

export type Snapshot = Disposable & {
  /** Rows as arrays of columns. */
  rows(sql: string, ...values: readonly SQLInputValue[]): readonly Columns[]
}

/**
 * Opens the file at `path`, makes it and its directory where they are missing, and brings its schema up to date.
 * With write-ahead logging and `synchronous=NORMAL`, what was committed outlives the process however it ends; a
 * power cut may take the last commits, and leaves the rest whole. Source: sqlite.org/pragma.html#pragma_synchronous.
 */
export async function openDatabase(path: string, mostBytes: number | undefined): Promise<Database> {
  try {
    await mkdir(dirname(path), { recursive: true })
    const connection = new DatabaseSync(path, { timeout: waitForLockMilliseconds })
    try {
      refuseForeign(connection, path)
      connection.exec('PRAGMA journal_mode = WAL')
      connection.exec('PRAGMA synchronous = NORMAL')
      connection.exec(`PRAGMA journal_size_limit = ${mostLogBytes}`)
      if (mostBytes !== undefined) limitSize(connection, mostBytes)
      migrate(connection)
    } catch (cause) {
      connection.close()
      throw cause
    }
    return databaseOn(connection, path)
  } catch (cause) {
    throw storeError(path, cause)
  }
}

function databaseOn(connection: DatabaseSync, path: string): Database {
  const statements = new Map<string, StatementSync>()

  function statement(sql: string): StatementSync {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const prepared = connection.prepare(sql)
    statements.set(sql, prepared)
    return prepared
  }

  function saying<Result>(work: () => Result): Result {
    try {
      return work()
    } catch (cause) {
      throw storeError(path, cause)
    }
  }

  return {
    path,
    all: (sql, ...values) => saying(() => statement(sql).all(...values)),
    get: (sql, ...values) => saying(() => statement(sql).get(...values)),
    run: (sql, ...values) => saying(() => Number(statement(sql).run(...values).changes)),
    transaction: (work) => saying(() => inTransaction(connection, work)),
    snapshot: () => saying(() => snapshotOf(path, saying)),
    close: () => {
      statements.clear()
      if (connection.isOpen) saying(() => connection.close())
    },
  }
}

type Saying = <Result>(work: () => Result) => Result

/** On a connection of its own: with write-ahead logging, a transaction that reads stands in nobody's way. */
function snapshotOf(path: string, saying: Saying): Snapshot {
  const connection = new DatabaseSync(path, { readOnly: true, timeout: waitForLockMilliseconds })
  const statements = new Map<string, StatementSync>()
  connection.exec('BEGIN')
  return {
    rows: (sql, ...values) =>
      saying(() => {
        const prepared = statements.get(sql) ?? connection.prepare(sql)
        statements.set(sql, prepared)
        prepared.setReturnArrays(true)
        const rows: readonly unknown[] = prepared.all(...values)
        assertColumns(rows)
        return rows
      }),
    [Symbol.dispose]: () => connection.close(),
  }
}

/** The declared type is that of rows by name, whatever was set. */
function assertColumns(rows: readonly unknown[]): asserts rows is readonly Columns[] {
  if (!rows.every(Array.isArray)) throw new TypeError('rows are no arrays of columns')
}

function inTransaction<Result>(connection: DatabaseSync, work: () => Result): Result {
  connection.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    connection.exec('COMMIT')
    return result
  } catch (cause) {
    // SQLite itself has rolled back after some errors, such as a full disk.
    if (connection.isTransaction) connection.exec('ROLLBACK')
    throw cause
  }
}

function refuseForeign(connection: DatabaseSync, path: string): void {
  if (isForeign(connection)) {
    const owner = pragma(connection, 'application_id')
    const why =
      owner === 0 ? 'it has tables, and no application id' : `its application id is 0x${owner.toString(16)}`
    throw new StoreRefusedError(`The database ${path} belongs to another program: ${why}`)
  }
  const version = pragma(connection, 'user_version')
  if (version > migrations.length) {
    throw new StoreRefusedError(
      `The database ${path} has schema version ${version}, and this program knows versions up to ${migrations.length}: run the newer program, or give it another directory`,
    )
  }
}

/** Whether the file belongs to another program: it is neither ours nor empty. */
export function isForeign(connection: DatabaseSync): boolean {
  const owner = pragma(connection, 'application_id')
  const isEmpty = connection.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
  return owner !== applicationId && !(owner === 0 && isEmpty)
}

/** Each version in a transaction of its own: a start that is interrupted goes on where it was. */
function migrate(connection: DatabaseSync): void {
  for (let version = pragma(connection, 'user_version'); version < migrations.length; version += 1) {
    inTransaction(connection, () => {
      connection.exec(migrations[version] ?? '')
      connection.exec(`PRAGMA application_id = ${applicationId}`)
      connection.exec(`PRAGMA user_version = ${version + 1}`)
    })
  }
  // A file that cannot be written opens without a word, and says so at the first write: that shall be now.
  inTransaction(connection, () => connection.exec(`PRAGMA user_version = ${migrations.length}`))
}

function limitSize(connection: DatabaseSync, mostBytes: number): void {
  const pages = Math.max(1, Math.floor(mostBytes / pragma(connection, 'page_size')))
  connection.exec(`PRAGMA max_page_count = ${pages}`)
}

export function pragma(connection: DatabaseSync, name: string): number {
  return numberIn(connection.prepare(`PRAGMA ${name}`).get() ?? {}, name)
}
