import type { TrailReader } from '../../src/energy/counter-trail.ts'
import type { LedgerPage, Measurement } from '../../src/energy/ledger-page.ts'
import type { MeasurementStore } from '../../src/energy/measurement-store.ts'
import type { NodeState } from '../../src/energy/node-state.ts'
import type { Workload } from '../../src/energy/workload.ts'

export type KeptMeasurement = Measurement & { readonly node: string }

/** A store that keeps pages as they are, so that a test can look at them. */
export type KeptPages = Pick<MeasurementStore, 'write' | 'nodeStates'> &
  TrailReader & {
    readonly measurements: readonly KeptMeasurement[]
    readonly pages: readonly LedgerPage[]
    /** How often it was written to. */
    readonly writes: number
  }

export function createKeptPages(states: readonly NodeState[] = []): KeptPages {
  const kept = new Map<string, KeptMeasurement>()
  const names = new Map<string, Workload>()
  const pages: LedgerPage[] = []
  let writes = 0
  return {
    get measurements() {
      return [...kept.values()]
    },
    pages,
    get writes() {
      return writes
    },

    async write(batch) {
      writes += 1
      let written = 0
      let repeated = 0
      for (const page of batch.pages) {
        pages.push(page)
        for (const measurement of page.measurements) {
          const container = JSON.stringify([page.node, measurement.containerId])
          const key = `${container} ${measurement.during.to}`
          if (measurement.workload !== undefined) names.set(container, measurement.workload)
          if (kept.has(key)) repeated += 1
          else written += 1
          if (!kept.has(key)) kept.set(key, { ...measurement, node: page.node })
        }
        for (const { containerId, workload } of page.renamings)
          names.set(JSON.stringify([page.node, containerId]), workload)
      }
      return { written, repeated, setAside: [] }
    },

    async nodeStates() {
      return states
    },

    async *trailWithin({ from, to }) {
      const found = Array.from(kept.values()).filter(({ during }) => from < during.to && during.to <= to)
      const inOrder = found.toSorted((a, b) => a.during.to - b.during.to)
      yield inOrder.map((measurement) => ({
        ...measurement,
        workload: names.get(JSON.stringify([measurement.node, measurement.containerId])),
      }))
    },
  }
}
