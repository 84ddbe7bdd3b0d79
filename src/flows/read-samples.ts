import type { EnergySample } from '../energy/energy-sample.ts'
import { type ContainerSample, type MeasurementStore, StoreError } from '../energy/measurement-store.ts'
import { mergeSamples } from '../energy/merge-samples.ts'
import type { SampleSelection } from '../energy/node-history.ts'
import { withLastEnds } from '../energy/recent-samples.ts'
import { type Workload, workloadKey } from '../energy/workload.ts'
import type { Instant } from '../units.ts'

export type SampleReading =
  | {
      readonly kind: 'read'
      readonly samples: readonly EnergySample[]
      /** Stores that did not answer though they may know more, each as a sentence. */
      readonly warnings: readonly string[]
    }
  | { readonly kind: 'too-many'; readonly most: number }

/** Reads what was measured, wherever it is: stored, waiting to be stored, or in memory only. */
export type SampleReader = {
  /**
   * Each sample once, oldest first; containers that share names, node and interval are added up. Throws StoreError
   * when a store is away, and the signal's reason when it aborts.
   */
  samplesOf(workload: Workload, selection: SampleSelection, signal: AbortSignal): Promise<SampleReading>
  /** Workloads measured at `since` or later, ascending. */
  workloadsSince(since: Instant, signal: AbortSignal): Promise<readonly Workload[]>
}

export type ReadableStore = Pick<MeasurementStore, 'samplesOf' | 'workloadsSince'> & {
  /** Whether an answer may be given without it, with a warning. */
  readonly whenAway: 'fail' | 'warn'
}

/** Reads from several stores that may hold the same samples. No more than `mostSamples` are read for one answer. */
export function createSampleReader(stores: readonly ReadableStore[], mostSamples: number): SampleReader {
  async function tolerant(
    store: ReadableStore,
    warnings: string[],
    read: () => Promise<void>,
  ): Promise<void> {
    try {
      await read()
    } catch (failure) {
      if (!(failure instanceof StoreError) || store.whenAway === 'fail') throw failure
      warnings.push(`What was stored is missing from this answer: ${failure.message}`)
    }
  }

  return {
    async samplesOf(workload, selection, signal) {
      const found = new Map<string, ContainerSample>()
      const warnings: string[] = []
      for (const store of stores) {
        await tolerant(store, warnings, async () => {
          for await (const portion of store.samplesOf(workload, selection, signal)) {
            for (const sample of portion) found.set(sampleKey(sample), sample)
            if (found.size > mostSamples) return
          }
        })
        if (found.size > mostSamples) return { kind: 'too-many', most: mostSamples }
      }
      const ordered = [...found.values()].sort((a, b) => a.during.to - b.during.to)
      if (selection.kind === 'range') return { kind: 'read', samples: mergeSamples(ordered), warnings }
      const merged = mergeSamples(withLastEnds(ordered, selection.count))
      return { kind: 'read', samples: merged.slice(-selection.count), warnings }
    },

    async workloadsSince(since, signal) {
      const found = new Map<string, Workload>()
      for (const store of stores) {
        // The list has no room for a warning; /readyz tells when a store is away.
        await tolerant(store, [], async () => {
          const workloads = await store.workloadsSince(since, signal)
          for (const workload of workloads) found.set(workloadKey(workload), workload)
        })
      }
      return Array.from(found)
        .sort(byKey)
        .map(([, workload]) => workload)
    },
  }
}

function sampleKey({ node, containerId, during }: ContainerSample): string {
  return `${during.to} ${JSON.stringify([node, containerId])}`
}

function byKey([a]: readonly [string, Workload], [b]: readonly [string, Workload]): number {
  return a < b ? -1 : 1
}
