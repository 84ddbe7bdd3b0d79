import path from 'node:path'
import { openSpool } from '../adapters/spool/spool.ts'
import { SpoolError } from '../adapters/spool/spool-error.ts'
import type { Config } from '../config.ts'
import type { TrailReader } from '../energy/counter-trail.ts'
import type { MeasurementStore } from '../energy/measurement-store.ts'
import { createLazyStore } from '../flows/lazy-store.ts'
import { createMemoryQueue } from '../flows/memory-queue.ts'
import type { DroppedMeasurements, WriteQueue } from '../flows/write-queue.ts'
import type { FactStore } from '../intensity/fact-store.ts'
import type { Instant } from '../units.ts'
import { StartError } from './start-inputs.ts'

/** What outlives the process, and what waits for it. */
export type Storage = AsyncDisposable & {
  readonly store: MeasurementStore & TrailReader & FactStore
  readonly queue: WriteQueue
  /**
   * `fail`: without the store there are neither answers nor scrapes, as MODE=db promises. `warn`: the service goes on
   * from memory and says so.
   */
  readonly whenAway: 'fail' | 'warn'
  /** Whether other processes may write to it too. */
  readonly isShared: boolean
  /** Asks the store whether it is there; throws StoreError when it is not. */
  check(): Promise<void>
  /** Forgets what is older than the retention, and puts things in order. */
  tidy(signal: AbortSignal): Promise<void>
  /** Brings the sums of energy up to date. Answers are right without it, and take longer. */
  makeSums(signal: AbortSignal): Promise<void>
}

export type StorageContext = {
  readonly now: () => Instant
  readonly onDropped: (dropped: DroppedMeasurements) => void
  /** Something that a person should know once: a step that was skipped, a file that was mended. */
  readonly onNotice: (notice: string) => void
}

/** The storage that the configuration asks for; undefined when nothing outlives the process. */
export async function openStorage(config: Config, context: StorageContext): Promise<Storage | undefined> {
  switch (config.storage.kind) {
    case 'memory':
      return undefined
    case 'sqlite':
      return await sqliteStorage(config, config.storage, context)
    case 'postgres':
      return await postgresStorage(config, config.storage, context)
  }
}

/**
 * The store alone, for a command that writes to it while a service may do so too; undefined when nothing outlives the
 * process. Throws StoreError when it cannot be used.
 */
export async function openStore(
  config: Config,
  context: Pick<StorageContext, 'now' | 'onNotice'>,
): Promise<(MeasurementStore & TrailReader & AsyncDisposable) | undefined> {
  switch (config.storage.kind) {
    case 'memory':
      return undefined
    case 'sqlite': {
      const { openSqliteStore } = await import('../adapters/sqlite/sqlite-store.ts')
      const { directory, retentionDays } = config.storage
      const path = sqliteFileIn(directory)
      return await openSqliteStore({ path, retentionDays, now: context.now, isShared: true })
    }
    case 'postgres':
      return await openPostgres(config, config.storage, context)
  }
}

/** Where measurements are kept in DATA_DIR. */
export function sqliteFileIn(directory: string): string {
  return path.join(directory, 'co2-api.sqlite')
}

type SqliteConfig = Extract<Config['storage'], { kind: 'sqlite' }>

async function sqliteStorage(
  config: Config,
  { directory, retentionDays }: SqliteConfig,
  context: StorageContext,
): Promise<Storage> {
  const { openSqliteStore } = await import('../adapters/sqlite/sqlite-store.ts')
  const file = sqliteFileIn(directory)
  const store = createLazyStore(() => openSqliteStore({ path: file, retentionDays, now: context.now }))
  return {
    store,
    queue: createMemoryQueue({ mostBytes: config.writeQueueBytes, onDropped: context.onDropped }),
    whenAway: 'warn',
    isShared: false,
    async check() {
      await store.whenOpen()
    },
    async tidy(signal) {
      await (await store.whenOpen()).tidy(signal)
    },
    async makeSums(signal) {
      await (await store.whenOpen()).makeSums(signal)
    },
    async [Symbol.asyncDispose]() {
      await store.opened()?.[Symbol.asyncDispose]()
    },
  }
}

/** For ever, as far as a policy of the database goes. */
const hundredYearsInDays = 36_500

type PostgresConfig = Extract<Config['storage'], { kind: 'postgres' }>

async function openPostgres(
  config: Config,
  { dsn, retentionDays }: Pick<PostgresConfig, 'dsn' | 'retentionDays'>,
  context: Pick<StorageContext, 'now' | 'onNotice'>,
) {
  const { openPostgresStore } = await import('../adapters/postgres/postgres-store.ts')
  return await openPostgresStore({
    dsn,
    retentionDays: retentionDays ?? hundredYearsInDays,
    sampleIntervalSeconds: config.scrape.intervalSeconds,
    queryTimeoutSeconds: config.queryTimeoutSeconds,
    now: context.now,
    onNotice: context.onNotice,
  })
}

async function postgresStorage(
  config: Config,
  { dsn, retentionDays, spoolDirectory }: PostgresConfig,
  context: StorageContext,
): Promise<Storage> {
  await using opening = new AsyncDisposableStack()
  const store = opening.use(await openPostgres(config, { dsn, retentionDays }, context))
  const queue =
    spoolDirectory === undefined
      ? createMemoryQueue({ mostBytes: config.writeQueueBytes, onDropped: context.onDropped })
      : opening.use(await spoolIn(spoolDirectory, config, context))
  const opened = opening.move()
  return {
    store,
    queue,
    whenAway: 'fail',
    isShared: true,
    check: () => store.ping(),
    async tidy() {
      await store.forgetOld()
    },
    async makeSums(signal) {
      await store.makeSums(signal)
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

async function spoolIn(directory: string, config: Config, context: StorageContext) {
  try {
    return await openSpool({
      directory: path.join(directory, 'spool'),
      mostBytes: config.writeQueueBytes,
      mostMemoryBytes: config.writeQueueBytes,
      onDropped: context.onDropped,
      onNotice: (notice) => context.onNotice(`The spool in ${directory}: ${JSON.stringify(notice)}`),
    })
  } catch (failure) {
    if (failure instanceof SpoolError) throw new StartError([failure.message])
    throw failure
  }
}
