import type { TrailReader } from '../energy/counter-trail.ts'
import type { MeasurementStore } from '../energy/measurement-store.ts'
import type { FactStore } from '../intensity/fact-store.ts'

type Store = MeasurementStore & TrailReader & FactStore

/**
 * A store that is opened when it is first needed, and again at the next need when that failed: a full disk or a
 * directory that cannot be written may be mended while the service runs. What `open` throws goes to whoever asked.
 */
export function createLazyStore<S extends Store>(
  open: () => Promise<S>,
): Store & { readonly whenOpen: () => Promise<S>; readonly opened: () => S | undefined } {
  let opening: Promise<S> | undefined
  let opened: S | undefined

  function whenOpen(): Promise<S> {
    if (opened !== undefined) return Promise.resolve(opened)
    opening ??= open().then(
      (store) => {
        opened = store
        return store
      },
      (failure: unknown) => {
        opening = undefined
        throw failure
      },
    )
    return opening
  }

  return {
    whenOpen,
    opened: () => opened,
    write: async (batch) => (await whenOpen()).write(batch),
    async *samplesOf(workload, selection, signal) {
      yield* (await whenOpen()).samplesOf(workload, selection, signal)
    },
    async *trailWithin(during, signal) {
      yield* (await whenOpen()).trailWithin(during, signal)
    },
    async *energyWithin(question, signal) {
      yield* (await whenOpen()).energyWithin(question, signal)
    },
    workloadsSince: async (since, signal) => (await whenOpen()).workloadsSince(since, signal),
    nodeStates: async (nodes) => (await whenOpen()).nodeStates(nodes),
    gapsWithin: async (range, signal) => (await whenOpen()).gapsWithin(range, signal),
    addFacts: async (records) => (await whenOpen()).addFacts(records),
    allFacts: async () => (await whenOpen()).allFacts(),
  }
}
