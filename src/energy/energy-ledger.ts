import type { Instant } from '../units.ts'
import type { EnergySample } from './energy-sample.ts'
import { mergeSamples } from './merge-samples.ts'
import type { SampleSelection } from './node-history.ts'
import {
  createNodeLedger,
  type LedgerLimits,
  type NodeBooks,
  type NodeLedger,
  type ScrapeEntry,
} from './node-ledger.ts'
import type { NodeScrape } from './reading.ts'
import type { Workload } from './workload.ts'
import { createWorkloadIndex } from './workload-index.ts'

/** The energy books of all nodes, with the recent samples of every container. */
export type EnergyLedger = {
  record(scrape: NodeScrape): ScrapeEntry
  /** Samples of all containers that bear these names, oldest first; containers that share an interval are added up. */
  samplesOf(workload: Workload, selection: SampleSelection): readonly EnergySample[]
  workloads(): readonly Workload[]
  books(): readonly NodeBooks[]
  /** Bytes in sample columns, over all nodes. */
  readonly historyBytes: number
  /** Lets go of nodes that were last read before `at`. */
  forgetNodesBefore(at: Instant): void
}

export function createEnergyLedger(limits: LedgerLimits): EnergyLedger {
  const index = createWorkloadIndex()
  const nodes = new Map<string, NodeLedger>()
  let series = 0
  const nextSeries = () => {
    series += 1
    return series
  }

  function nodeLedgerOf(node: string): NodeLedger {
    const known = nodes.get(node)
    if (known !== undefined) return known
    const created = createNodeLedger(node, limits, { index, nextSeries })
    nodes.set(node, created)
    return created
  }

  return {
    record(scrape) {
      return nodeLedgerOf(scrape.node).record(scrape)
    },

    samplesOf(workload, selection) {
      const found: EnergySample[] = []
      for (const record of index.recordsOf(workload)) {
        found.push(...(nodes.get(record.node)?.history.read(record.series, selection) ?? []))
      }
      const merged = mergeSamples(found)
      return selection.kind === 'last' ? merged.slice(-selection.count) : merged
    },

    workloads() {
      return index.workloads()
    },

    books() {
      return Array.from(nodes.values(), (node) => node.books()).filter((books) => books !== undefined)
    },

    get historyBytes() {
      let bytes = 0
      for (const node of nodes.values()) bytes += node.history.bytes
      return bytes
    },

    forgetNodesBefore(at) {
      for (const [name, node] of nodes) {
        if (node.lastScrapedAt === undefined || node.lastScrapedAt >= at) continue
        node.close()
        nodes.delete(name)
      }
    },
  }
}
