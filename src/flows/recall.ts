import type { EnergyLedger } from '../energy/energy-ledger.ts'
import { type MeasurementStore, StoreError } from '../energy/measurement-store.ts'
import type { NodeState } from '../energy/node-state.ts'
import type { FactStore } from '../intensity/fact-store.ts'
import { type Instant, instant } from '../units.ts'
import { backOffSeconds } from './back-off.ts'
import type { Clock } from './clock.ts'
import type { KnownIntensities } from './know-intensities.ts'
import type { WriteQueue } from './write-queue.ts'

export type Recollection = {
  readonly store: Pick<MeasurementStore, 'nodeStates'> & FactStore
  readonly queue: Pick<WriteQueue, 'newestStates'>
  readonly ledger: Pick<EnergyLedger, 'restore'>
  readonly intensities: Pick<KnownIntensities, 'recall'>
  readonly clock: Clock
}

/**
 * Goes on from before a restart: counters from where they stood in the store, or in pages that still wait for it, and
 * intensities from what was learned. Throws StoreError when the store is away; nothing has changed then.
 */
export async function recall(recollection: Recollection): Promise<{ readonly nodes: number }> {
  const { store, queue, ledger, intensities, clock } = recollection
  const stored = await store.nodeStates()
  await intensities.recall(store, clock.now())
  const states = newestPerNode([...stored, ...(await queue.newestStates())])
  ledger.restore(states)
  return { nodes: states.length }
}

/**
 * Tries until the store answers. Not to scrape until then loses nothing: counters are cumulative, and the first
 * scrape covers the time since the one that was kept last. False when `signal` aborted first.
 */
export async function recallOnceThere(
  recollection: Recollection,
  about: {
    readonly random: () => number
    readonly onAway: (reason: string, since: Instant) => void
    readonly signal: AbortSignal
  },
): Promise<boolean> {
  const { clock } = recollection
  const since = clock.now()
  for (let failures = 1; !about.signal.aborted; failures += 1) {
    try {
      await recall(recollection)
      return true
    } catch (failure) {
      if (!(failure instanceof StoreError)) throw failure
      about.onAway(failure.message, since)
    }
    const until = instant(clock.now() + backOffSeconds(failures, about.random) * 1000)
    await clock.waitUntil(until, about.signal)
  }
  return false
}

function newestPerNode(states: readonly NodeState[]): readonly NodeState[] {
  const newest = new Map<string, NodeState>()
  for (const state of states) {
    const known = newest.get(state.node)
    if (known === undefined || state.at >= known.at) newest.set(state.node, state)
  }
  return [...newest.values()]
}
