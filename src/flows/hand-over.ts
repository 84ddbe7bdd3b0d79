import type { EnergyLedger } from '../energy/energy-ledger.ts'
import type { MeasurementStore, SupersededPages } from '../energy/measurement-store.ts'
import { type Instant, instant } from '../units.ts'

export type HandOverOptions = {
  readonly store: Pick<MeasurementStore, 'nodeStates'>
  readonly ledger: Pick<EnergyLedger, 'knows' | 'restore' | 'adopt'>
  /** Lets go of samples of a node that are in memory and not in the store. */
  readonly forgetSamples: (node: string) => void
  readonly now: () => Instant
}

/** How a node passes from one process to another that writes to the same store. Throws StoreError as the store does. */
export type HandOver = {
  /** Before a node is counted that the ledger does not know: goes on from what is kept of it, if anything. */
  meet(node: string): Promise<void>
  /** Pages were not kept, since another process has counted their time: goes on from what it has kept. */
  superseded(pages: SupersededPages): Promise<void>
}

/** Pages do not wait for a store for longer than this without being superseded again when they are written. */
const rememberedMs = 86_400_000

export function createHandOver({ store, ledger, forgetSamples, now }: HandOverOptions): HandOver {
  /** When the counters of a node last went on from what another process had kept. */
  const adoptedAt = new Map<string, Instant>()

  function forgetOld(): void {
    const oldest = instant(now() - rememberedMs)
    for (const [node, at] of adoptedAt) if (at < oldest) adoptedAt.delete(node)
  }

  return {
    async meet(node) {
      if (ledger.knows(node)) return
      ledger.restore(await store.nodeStates([node]))
    },

    async superseded({ node, until, isMended }) {
      const adopted = adoptedAt.get(node)
      // What was scraped before the counters last went on from elsewhere had to fall, and tells nothing new.
      if (isMended || (adopted !== undefined && until <= adopted)) return
      const [state] = await store.nodeStates([node])
      if (state === undefined) return
      ledger.adopt(state)
      forgetSamples(node)
      adoptedAt.set(node, now())
      forgetOld()
    },
  }
}
