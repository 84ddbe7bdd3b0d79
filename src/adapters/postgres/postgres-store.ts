import type { TrailReader } from '../../energy/counter-trail.ts'
import type { MeasurementStore } from '../../energy/measurement-store.ts'
import type { FactStore } from '../../intensity/fact-store.ts'
import { type Instant, instant } from '../../units.ts'
import { createContainerRefs } from './container-refs.ts'
import { createDatabase, type Lease } from './database.ts'
import { insertFacts, selectFacts } from './facts.ts'
import { selectGaps } from './gaps.ts'
import { makeSums } from './make-sums.ts'
import { selectStates } from './node-states.ts'
import { forgetBefore } from './retention.ts'
import { type Layout, prepareSchema } from './schema.ts'
import { selectEnergy } from './select-energy.ts'
import { selectSamples } from './select-samples.ts'
import { selectTrail } from './select-trail.ts'
import { selectWorkloads } from './select-workloads.ts'
import { writeBatch } from './write-batch.ts'

export type PostgresStore = MeasurementStore &
  TrailReader &
  FactStore &
  AsyncDisposable & {
    /** Resolves when the database answers and has the schema; throws StoreError, with the reason, when it does not. */
    ping(): Promise<void>
    /** Deletes what is older than the retention, and returns how many measurements; a policy of TimescaleDB does not count. */
    forgetOld(): Promise<number>
    /**
     * Brings the sums of energy up to date and resolves with the number of sums that were made. To be called every
     * minute or so, by any number of processes; nothing is wrong when it is not, but long questions take longer.
     */
    makeSums(signal: AbortSignal): Promise<number>
  }

export type PostgresStoreOptions = {
  /** `postgresql://user:password@host:5432/database`, or `host=… dbname=…`. */
  readonly dsn: string
  readonly retentionDays: number
  /** The length that is assumed of the predecessor's intervals. */
  readonly sampleIntervalSeconds: number
  /** After this a query is cancelled. */
  readonly queryTimeoutSeconds: number
  readonly now: () => Instant
  /** A step that the server could not do, in one line. */
  readonly onNotice: (text: string) => void
}

/**
 * A store in PostgreSQL, with TimescaleDB or Citus where the server has them. Connects when it is first needed: it can
 * be opened while the database is away, and finds it again after any outage. Throws StoreError on a DSN that is none.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  const { sampleIntervalSeconds, retentionDays, now } = options
  let layout: Layout = { kind: 'plain' }
  /** The server, or an extension of it, cannot make them. */
  let areSumsRefused = false
  const database = createDatabase({
    dsn: options.dsn,
    queryTimeoutSeconds: options.queryTimeoutSeconds,
    async prepare(connect) {
      refs.forget()
      layout = await prepareSchema(connect, options)
    },
  })
  const refs = createContainerRefs((statement, values) =>
    database.use('write', (session) => session.prepared(statement, values)),
  )

  async function* reading<Portion>(
    signal: AbortSignal,
    read: (lease: Lease) => AsyncGenerator<Portion, void, undefined>,
  ): AsyncGenerator<Portion, void, undefined> {
    const lease = await database.lease('read', signal)
    try {
      yield* read(lease)
      signal.throwIfAborted()
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw database.failure(error)
    } finally {
      lease.release()
    }
  }

  return {
    write: (batch) => database.use('write', (session) => writeBatch(session, batch, { refs, layout })),

    samplesOf: (workload, selection, signal) =>
      reading(signal, (lease) => selectSamples(lease, refs, { workload, selection, sampleIntervalSeconds })),

    trailWithin: (during, signal) =>
      reading(signal, (lease) => selectTrail(lease, { during, sampleIntervalSeconds })),

    energyWithin: (question, signal) =>
      reading(signal, (lease) => selectEnergy(lease, question, sampleIntervalSeconds)),

    workloadsSince: (since, signal) =>
      database.use('read', (session) => selectWorkloads(session, since, layout), signal),

    gapsWithin: (range, signal) => database.use('read', (session) => selectGaps(session, range), signal),

    nodeStates: (nodes) => database.use('read', (session) => selectStates(session, nodes)),

    addFacts: (records) => database.use('write', (session) => insertFacts(session, records)),

    allFacts: () => database.use('read', (session) => selectFacts(session)),

    async ping() {
      await database.use('write', (session) => session.rows('select 1'))
    },

    forgetOld() {
      const oldest = instant(now() - retentionDays * 86_400_000)
      return database.use('write', (session) => forgetBefore(session, { oldest, layout }))
    },

    async makeSums(signal) {
      if (areSumsRefused) return 0
      return makeSums((step) => database.use('write', step, signal), {
        now: now(),
        layout: () => layout,
        signal,
        onRefused(reason) {
          areSumsRefused = true
          options.onNotice(
            `Sums of energy are not kept; long questions are answered from measurements: ${reason}`,
          )
        },
      })
    },

    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}
