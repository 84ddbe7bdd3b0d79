import path from 'node:path'
import { openPostgresStore } from '../adapters/postgres/postgres-store.ts'
import { openSpool } from '../adapters/spool/spool.ts'
import { SpoolError } from '../adapters/spool/spool-error.ts'
import { openSqliteStore } from '../adapters/sqlite/sqlite-store.ts'
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
      return sqliteStorage(config, config.storage, context)
    case 'postgres':
      return await postgresStorage(config, config.storage, context)
  }
}

type SqliteConfig = Extract<Config['storage'], { kind: 'sqlite' }>

function sqliteStorage(
  config: Config,
  { directory, retentionDays }: SqliteConfig,
  context: StorageContext,
): Storage {
  const file = path.join(directory, 'co2-api.sqlite')
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
    async [Symbol.asyncDispose]() {
      await store.opened()?.[Symbol.asyncDispose]()
    },
  }
}

/** For ever, as far as a policy of the database goes. */
const hundredYearsInDays = 36_500

type PostgresConfig = Extract<Config['storage'], { kind: 'postgres' }>

async function postgresStorage(
  config: Config,
  { dsn, retentionDays, spoolDirectory }: PostgresConfig,
  context: StorageContext,
): Promise<Storage> {
  await using opening = new AsyncDisposableStack()
  const store = opening.use(
    await openPostgresStore({
      dsn,
      retentionDays: retentionDays ?? hundredYearsInDays,
      sampleIntervalSeconds: config.scrape.intervalSeconds,
      queryTimeoutSeconds: config.queryTimeoutSeconds,
      now: context.now,
      onNotice: context.onNotice,
    }),
  )
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
