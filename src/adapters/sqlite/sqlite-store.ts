import type { TrailReader } from '../../energy/counter-trail.ts'
import type { MeasurementStore } from '../../energy/measurement-store.ts'
import type { FactStore } from '../../intensity/fact-store.ts'
import { type Instant, instant } from '../../units.ts'
import { createContainers } from './containers.ts'
import { openDatabase } from './database.ts'
import { energyWithin } from './energy-within.ts'
import { addFacts, allFacts } from './facts.ts'
import { forgetBefore } from './forget.ts'
import { gapsWithin } from './gaps.ts'
import { makeSums } from './make-sums.ts'
import { allNodeStates } from './node-states.ts'
import { samplesOf } from './read-samples.ts'
import { trailWithin } from './read-trail.ts'
import { settle } from './settle.ts'
import { workloadsSince } from './workloads.ts'
import { writeBatch } from './write-batch.ts'

const millisecondsPerDay = 24 * 3_600_000
/** Samples of the last quarter of an hour stay in the order of time: they may still come in from a queue. */
const settledAfterMilliseconds = 15 * 60_000

export type SqliteStoreOptions = {
  /** The file; it and its directory are made where they are missing. */
  readonly path: string
  /** Measurements that ended longer ago are deleted; undefined keeps them for ever. */
  readonly retentionDays: number | undefined
  readonly now: () => Instant
  /** The file may not grow beyond this; undefined leaves it to the disk. */
  readonly mostBytes?: number | undefined
  /** Another process may write to the file: what is remembered of it holds for one write only. */
  readonly isShared?: boolean
}

export type TidyOutcome = {
  /** Samples that were deleted because they are older than the retention. */
  readonly forgotten: number
  /** Samples that were put in the order of containers. */
  readonly settled: number
}

export type SqliteStore = MeasurementStore &
  TrailReader &
  FactStore &
  AsyncDisposable & {
    /**
     * Deletes what is older than the retention and puts the rest in order, in steps between which others may read and
     * write. To be called every hour, or more often; nothing is lost when it is not, but the file grows and long ranges
     * take longer. Throws StoreError, and the reason of `signal` when that aborts.
     */
    tidy(signal: AbortSignal): Promise<TidyOutcome>
    /**
     * Brings the sums of energy up to date, in steps between which others may read and write. To be called every minute
     * or so; nothing is wrong when it is not, but long questions take longer. Resolves with the number of samples that
     * were summed up. Throws as `tidy` does.
     */
    makeSums(signal: AbortSignal): Promise<number>
  }

/** Measurements and intensity facts in one SQLite file, for one process unless it is shared. Throws StoreError when it cannot be used. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const { path, retentionDays, now, mostBytes, isShared = false } = options
  const database = await openDatabase(path, mostBytes)
  const containers = createContainers(database)
  let inOrder: Promise<unknown> = Promise.resolve()

  /** What goes over many containers in steps waits for the one before. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const outcome = inOrder.then(work)
    inOrder = outcome.catch(() => {})
    return outcome
  }

  return {
    async write(batch) {
      if (isShared) containers.forget()
      return writeBatch(database, containers, { batch, now: now() })
    },
    samplesOf: (workload, selection, signal) => samplesOf(database, { workload, selection }, signal),
    trailWithin: (during, signal) => trailWithin(database, during, signal),
    energyWithin: (question, signal) => energyWithin(database, question, signal),
    workloadsSince: (since, signal) => workloadsSince(database, since, signal),
    async nodeStates(nodes) {
      const all = allNodeStates(database)
      return nodes === undefined ? all : all.filter(({ node }) => nodes.includes(node))
    },
    gapsWithin: (range, signal) => gapsWithin(database, range, signal),

    async addFacts(records) {
      addFacts(database, records)
    },
    async allFacts() {
      return allFacts(database)
    },

    tidy: (signal) =>
      inTurn(async () => {
        const before = retentionDays === undefined ? undefined : now() - retentionDays * millisecondsPerDay
        // First what makes room, so that a full disk does not stay full.
        const forgotten =
          before === undefined
            ? 0
            : await forgetBefore(database, { containers, before: instant(before) }, signal)
        const until = instant(now() - settledAfterMilliseconds)
        return { forgotten, settled: await settle(database, { containers, until }, signal) }
      }),

    makeSums: (signal) => inTurn(() => makeSums(database, now(), signal)),

    async [Symbol.asyncDispose]() {
      database.close()
    },
  }
}
