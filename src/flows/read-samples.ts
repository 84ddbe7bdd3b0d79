import type { EnergySample } from '../energy/energy-sample.ts'
import type { ContainerSample, MeasurementStore } from '../energy/measurement-store.ts'
import { mergeSamples } from '../energy/merge-samples.ts'
import type { SampleSelection } from '../energy/node-history.ts'
import { withLastEnds } from '../energy/recent-samples.ts'
import { type Workload, workloadKey } from '../energy/workload.ts'
import type { Instant } from '../units.ts'
import { type MayBeAway, warningWithout } from './store-away.ts'

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

export type ReadableStore = Pick<MeasurementStore, 'samplesOf' | 'workloadsSince'> & MayBeAway

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
      warnings.push(warningWithout(store, failure, 'answer'))
    }
  }

  return {
    async samplesOf(workload, selection, signal) {
      const found = createSampleSet()
      const warnings: string[] = []
      for (const store of stores) {
        await tolerant(store, warnings, async () => {
          for await (const portion of store.samplesOf(workload, selection, signal)) {
            found.add(store, portion)
            if (found.size > mostSamples) return
          }
        })
        if (found.size > mostSamples) return { kind: 'too-many', most: mostSamples }
      }
      // Each store tells oldest first: there is something to order only where several have told.
      const ordered = found.samples()
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

/** Samples of several stores, oldest first, each once. A store tells none twice: as long as only one has told any, nothing is compared. */
function createSampleSet() {
  let only: { readonly store: ReadableStore; readonly samples: ContainerSample[] } | undefined
  const byKey = new Map<string, ContainerSample>()
  return {
    get size() {
      return byKey.size + (only?.samples.length ?? 0)
    },
    add(store: ReadableStore, portion: readonly ContainerSample[]): void {
      if (byKey.size === 0) only ??= { store, samples: [] }
      if (only?.store === store) {
        only.samples.push(...portion)
        return
      }
      for (const sample of only?.samples ?? []) byKey.set(sampleKey(sample), sample)
      only = undefined
      for (const sample of portion) byKey.set(sampleKey(sample), sample)
    },
    samples: () => only?.samples ?? [...byKey.values()].sort((a, b) => a.during.to - b.during.to),
  }
}

function sampleKey({ node, containerId, during }: ContainerSample): string {
  // The length keeps names apart that run together.
  return `${during.to} ${node.length} ${node}${containerId}`
}

function byKey([a]: readonly [string, Workload], [b]: readonly [string, Workload]): number {
  return a < b ? -1 : 1
}
