import { access, constants, mkdtemp, rm, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import type { PostgresInspection } from '../adapters/postgres/inspect.ts'
import type { Config } from '../config.ts'
import { StoreError } from '../energy/measurement-store.ts'
import { examineClock } from '../flows/examine-clock.ts'
import { type Finding, findingsOn } from '../flows/finding.ts'
import { sqliteFileIn } from '../service/storage.ts'
import type { Instant } from '../units.ts'
import { reasonOf } from './option-values.ts'

/** Less is a matter of days; less than the second, of minutes. */
const comfortableBytes = 1024 ** 3
const leastBytes = 64 * 1024 ** 2

/** Whether what is measured can be kept where the configuration says. */
export async function examineStorage(
  { storage }: Config,
  now: () => Instant,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  switch (storage.kind) {
    case 'memory':
      return [
        findingsOn('storage').warn(
          'measurements live in memory only, and a restart begins anew',
          'Set DATA_DIR to a directory of one’s own, or MODE=db and TSDB_DSN.',
        ),
      ]
    case 'sqlite': {
      const directory = await examineDirectory(storage.directory)
      return [...directory, ...(await examineFile(sqliteFileIn(storage.directory)))]
    }
    case 'postgres': {
      const database = await examineDatabase(storage.dsn, now, signal)
      const spool =
        storage.spoolDirectory === undefined
          ? [
              findingsOn('data directory').warn(
                'what waits for the database waits in memory, and is lost if the service ends while the database is away',
                'Set DATA_DIR to a directory of one’s own.',
              ),
            ]
          : await examineDirectory(storage.spoolDirectory)
      return [...database, ...spool]
    }
  }
}

async function examineDirectory(directory: string): Promise<readonly Finding[]> {
  const { ok, warn, fail } = findingsOn(`data directory ${directory}`)
  const existing = await nearestExisting(directory)
  try {
    await access(existing, constants.W_OK | constants.X_OK)
    // A file system may be read-only, or full, whatever the permissions say.
    await rm(await mkdtemp(path.join(existing, '.co2-api-doctor-')), { recursive: true })
  } catch (cause) {
    return [
      fail(
        `it cannot be written: ${existing}: ${reasonOf(cause)}`,
        `Give it to the user that the service runs as (here ${process.getuid?.() ?? 'unknown'}), or set DATA_DIR to another one.`,
      ),
    ]
  }
  const { bavail, bsize } = await statfs(existing)
  const free = bavail * bsize
  const room = `${(free / 1e9).toFixed(1)} GB free`
  if (free < leastBytes)
    return [fail(room, 'Make room: the file cannot grow, and the oldest measurements will be dropped.')]
  if (free < comfortableBytes)
    return [
      warn(
        room,
        '1,000 containers take some 11 GB a month (docs/storage.md): make room, or set RETENTION_DAYS.',
      ),
    ]
  return [
    ok(
      existing === directory ? `it can be written, ${room}` : `it is not there yet and can be made, ${room}`,
    ),
  ]
}

/** The directory itself, or the one above it that is there. */
async function nearestExisting(directory: string): Promise<string> {
  const absolute = path.resolve(directory)
  try {
    await stat(absolute)
    return absolute
  } catch {
    const above = path.dirname(absolute)
    return above === absolute ? absolute : await nearestExisting(above)
  }
}

async function examineFile(file: string): Promise<readonly Finding[]> {
  const { inspectSqlite } = await import('../adapters/sqlite/inspect.ts')
  const { ok, fail } = findingsOn(`file ${file}`)
  try {
    const found = inspectSqlite(file)
    switch (found.kind) {
      case 'missing':
        return [ok('it is not there yet; the service will make it')]
      case 'foreign':
        return [fail('it belongs to another program', 'Set DATA_DIR to a directory of one’s own.')]
      case 'ours':
        return [schemaFinding(`file ${file}`, { found: found.version, known: found.newestVersion })]
    }
  } catch (cause) {
    if (!(cause instanceof StoreError)) throw cause
    return [
      fail(
        cause.message,
        'Restore it from a backup (docs/storage.md), or set DATA_DIR to another directory.',
      ),
    ]
  }
}

function schemaFinding(
  subject: string,
  { found, known }: { readonly found: number; readonly known: number },
): Finding {
  const { ok, fail } = findingsOn(subject)
  if (found > known)
    return fail(
      `its schema ${found} is of a newer version; this one knows schemas up to ${known}`,
      'Run the newer version, or keep measurements elsewhere.',
    )
  if (found === known) return ok(`schema ${found}, up to date`)
  return ok(`schema ${found}; the service will bring it to ${known} when it starts`)
}

async function examineDatabase(
  dsn: string,
  now: () => Instant,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { inspectPostgres } = await import('../adapters/postgres/inspect.ts')
  const before = now()
  let inspection: PostgresInspection
  try {
    inspection = await inspectPostgres(dsn, signal)
  } catch (cause) {
    if (!(cause instanceof StoreError)) throw cause
    return [findingsOn('database').fail(cause.message, adviceOn(cause.message))]
  }
  return [
    ...serverFindings(inspection),
    examineClock('clock of the database', { theirs: inspection.now, before, after: now() }),
  ]
}

function adviceOn(message: string): string {
  if (/28P01|28000/.test(message)) return 'Mend user and password in TSDB_DSN.'
  if (message.includes('3D000')) return 'Make the database (createdb), or name another one in TSDB_DSN.'
  if (message.includes('TSDB_DSN')) return 'Mend TSDB_DSN: postgresql://user:password@host:5432/database.'
  return 'Is PostgreSQL running there, and does it listen for this machine (listen_addresses, pg_hba.conf, NetworkPolicy)?'
}

function serverFindings(inspection: PostgresInspection): readonly Finding[] {
  const { version, user, schema, extensions, migration, newestMigration, refused } = inspection
  const { ok, fail } = findingsOn('database')
  const isUpToDate = migration >= newestMigration
  const extension = extensions.map(
    ({ name, version: itsVersion, isInstalled }) =>
      `${name} ${itsVersion} ${isInstalled ? 'in use' : 'could be installed'}`,
  )
  const engines = extension.length === 0 ? 'neither TimescaleDB nor Citus' : extension.join(', ')
  return [
    ok(`PostgreSQL ${version}, ${engines}`),
    ...(inspection.isReadOnly
      ? [fail('it takes no writes', 'TSDB_DSN must lead to the primary server, not to a replica.')]
      : []),
    ...(schema === undefined
      ? [
          fail(
            `user ${user} has no schema to make tables in`,
            `Make one: create schema ${user} authorization ${user};`,
          ),
        ]
      : []),
    ...(schema !== undefined && !isUpToDate && !inspection.mayCreate
      ? [
          fail(
            `user ${user} may not make tables in schema ${schema}`,
            `Allow it: grant create on schema ${schema} to ${user};`,
          ),
        ]
      : []),
    ...(refused.length === 0
      ? []
      : [
          fail(
            `user ${user} lacks rights: ${refused.join(', ')}`,
            `Grant them: grant select, insert, update, delete on all tables in schema ${schema} to ${user};`,
          ),
        ]),
    ...(inspection.isPredecessors
      ? [ok('there is a table of the predecessor; the service will upgrade it in place and keep its rows')]
      : []),
    schemaFinding('database', { found: migration, known: newestMigration }),
  ]
}
