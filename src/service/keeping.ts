import type { Config } from '../config.ts'
import type { EnergyLedger } from '../energy/energy-ledger.ts'
import type { LedgerPage } from '../energy/ledger-page.ts'
import { StoreError, StoreRefusedError } from '../energy/measurement-store.ts'
import type { Clock } from '../flows/clock.ts'
import { createHandOver } from '../flows/hand-over.ts'
import { createKeeper, type KeepEvent } from '../flows/keep-measurements.ts'
import type { KnownIntensities } from '../flows/know-intensities.ts'
import { recall, recallOnceThere } from '../flows/recall.ts'
import { repeat } from '../flows/repeat.ts'
import type { QueueDepth } from '../flows/write-queue.ts'
import { StartError } from './start-inputs.ts'
import type { Storage } from './storage.ts'
import type { TaskWatch } from './task-watch.ts'

const mostMeasurementsPerBatch = 10_000
const lastFlushSeconds = 5
const tidyEverySeconds = 3600
const makeSumsEverySeconds = 60

/** The keeping of measurements, on its way. */
export type Keeping = {
  /** Settled before the service listens. Rejects with StartError when the storage is not ours to use. */
  readonly ready: Promise<void>
  /** Whether what was kept before a restart is known; false when the service stopped before. */
  readonly recalled: Promise<boolean>
  /** Before a node is counted that the ledger does not know. */
  meet(node: string): Promise<void>
  /** Takes over a page that the ledger has just written. */
  keep(page: LedgerPage): Promise<void>
  reasonsNotReady(): readonly string[]
  warnings(): readonly string[]
  depth(): QueueDepth
}

export type KeepingContext = {
  readonly storage: Storage
  readonly config: Config
  readonly clock: Clock
  readonly ledger: EnergyLedger
  readonly intensities: KnownIntensities
  /** Lets go of samples of a node that are in memory and not in the store. */
  readonly forgetSamples: (node: string) => void
  readonly onEvent: (event: KeepEvent) => void
  readonly signal: AbortSignal
  readonly tasks: TaskWatch
}

/** Recalls what was kept, and then keeps what is measured, until `signal` aborts. */
export function startKeeping(context: KeepingContext): Keeping {
  const { storage, config, clock, ledger, intensities, onEvent, signal, tasks } = context
  const { store, queue, whenAway } = storage
  // Of many shards each learns of the nodes that it meets.
  const known = storage.isShared && config.shard.count > 1 ? { ...store, nodeStates: async () => [] } : store
  const recollection = { store: known, queue, ledger, intensities, clock }
  const handOver = createHandOver({
    store,
    ledger,
    forgetSamples: context.forgetSamples,
    now: () => clock.now(),
  })
  let awayReason: string | undefined = 'The store has not answered yet.'
  let isRecalled = false
  let sumsProblem: string | undefined

  const keeper = createKeeper({
    queue,
    store,
    clock,
    random: Math.random,
    flushEverySeconds: config.flushIntervalSeconds,
    mostMeasurementsPerBatch,
    lastFlushSeconds,
    onEvent,
    onSuperseded: (pages) => handOver.superseded(pages),
  })

  const onAway = (reason: string) => {
    if (awayReason !== reason) onEvent({ kind: 'store-away', reason })
    awayReason = reason
  }

  const onSumsFailed = (reason: string) => {
    if (sumsProblem !== reason) onEvent({ kind: 'sums-failed', reason })
    sumsProblem = reason
  }

  /** One try; without the store the service goes on from memory. */
  async function recallIfThere(): Promise<void> {
    try {
      await recall(recollection)
      awayReason = undefined
    } catch (failure) {
      if (failure instanceof StoreRefusedError) throw new StartError([failure.message])
      if (!(failure instanceof StoreError)) throw failure
      onAway(failure.message)
    }
  }

  async function recallBeforeAnything(): Promise<boolean> {
    const isThere = await recallOnceThere(recollection, { random: Math.random, onAway, signal })
    if (isThere) awayReason = undefined
    return isThere
  }

  const ready = whenAway === 'warn' ? recallIfThere() : Promise.resolve()
  const recalled = whenAway === 'warn' ? ready.then(() => true) : recallBeforeAnything()
  // Whoever needs them sees them fail; here it must only not be taken for unnoticed.
  recalled.catch(() => {})

  async function keepFromThenOn(): Promise<void> {
    isRecalled = await recalled
    if (isRecalled) await keeper.run(signal)
  }

  tasks.watch('keeping measurements', keepFromThenOn())
  tasks.watch(
    'asking whether the store is there',
    repeat(
      async () => {
        if (!isRecalled) return
        await storage.check()
        awayReason = undefined
      },
      {
        everySeconds: config.flushIntervalSeconds,
        clock,
        signal,
        onFailure: (failure) => onAway(messageOf(failure)),
      },
    ),
  )
  tasks.watch(
    'putting the store in order',
    repeat(() => storage.tidy(signal), {
      everySeconds: tidyEverySeconds,
      clock,
      signal,
      onFailure: (failure) => {
        if (!signal.aborted) onAway(messageOf(failure))
      },
    }),
  )

  tasks.watch(
    'summing up energy',
    repeat(
      async () => {
        if (!isRecalled) return
        await storage.makeSums(signal)
        sumsProblem = undefined
      },
      {
        everySeconds: makeSumsEverySeconds,
        clock,
        signal,
        onFailure: (failure) => {
          if (!signal.aborted) onSumsFailed(messageOf(failure))
        },
      },
    ),
  )

  const problems = () => {
    const { problems: ofKeeper, storeAway } = keeper.status()
    return storeAway === undefined && awayReason !== undefined ? [awayReason, ...ofKeeper] : ofKeeper
  }
  const isAway = () => awayReason !== undefined || keeper.status().storeAway !== undefined

  return {
    ready,
    recalled,
    async meet(node) {
      if (storage.isShared) await handOver.meet(node)
    },
    async keep(page) {
      const state = ledger.stateOf(page.node)
      if (state === undefined) throw new Error(`the node ${page.node} has a page and no counters`)
      await keeper.keep(page, state)
    },
    reasonsNotReady: () => (whenAway === 'fail' && isAway() ? problems() : []),
    warnings: () => [
      ...(whenAway === 'fail' && isAway() ? [] : problems()),
      ...(sumsProblem === undefined ? [] : [`Sums of energy could not be made: ${sumsProblem}`]),
    ],
    depth: () => queue.depth,
  }
}

function messageOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure)
}
