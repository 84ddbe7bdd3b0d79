import type { Instant } from '../units.ts'
import {
  createNodeLedger,
  type LedgerLimits,
  type NodeBooks,
  type NodeLedger,
  type ScrapeEntry,
} from './node-ledger.ts'
import type { NodeState } from './node-state.ts'
import type { NodeScrape } from './reading.ts'
import type { Steps } from './steps.ts'
import { type Workload, workloadKey } from './workload.ts'

/** The energy books of all nodes. What a scrape adds leaves as a page; nothing but counters is kept here. */
export type EnergyLedger = {
  record(scrape: NodeScrape): ScrapeEntry
  /** The same, in steps: for a scrape of so many containers that others would have to wait. */
  recording(scrape: NodeScrape): Steps<ScrapeEntry>
  /** Where the counters of a node stand; undefined for a node that was never read. */
  stateOf(node: string): NodeState | undefined
  /** Goes on from where counters stood before a restart. A node that was read already keeps what it has. */
  restore(states: readonly NodeState[]): void
  /** Whether the node was read, or its state restored. */
  knows(node: string): boolean
  /**
   * Goes on from where another process says that the counters of the node stand, whatever was counted here meanwhile;
   * its books begin anew.
   */
  adopt(state: NodeState): void
  /** Every workload whose containers are remembered, measured or not. */
  workloads(): readonly Workload[]
  books(): readonly NodeBooks[]
  /** Undefined for a node that was never read. */
  booksOf(node: string): NodeBooks | undefined
  /** Lets go of nodes that were last read before `at`. */
  forgetNodesBefore(at: Instant): void
}

export function createEnergyLedger(limits: LedgerLimits): EnergyLedger {
  const nodes = new Map<string, NodeLedger>()

  function nodeLedgerOf(node: string): NodeLedger {
    const known = nodes.get(node)
    if (known !== undefined) return known
    const created = createNodeLedger(node, limits)
    nodes.set(node, created)
    return created
  }

  return {
    record: (scrape) => nodeLedgerOf(scrape.node).record(scrape),

    recording: (scrape) => nodeLedgerOf(scrape.node).recording(scrape),

    stateOf(node) {
      return nodes.get(node)?.state()
    },

    restore(states) {
      for (const state of states) {
        if (!nodes.has(state.node)) nodes.set(state.node, createNodeLedger(state.node, limits, state))
      }
    },

    knows: (node) => nodes.has(node),

    adopt(state) {
      nodes.set(state.node, createNodeLedger(state.node, limits, state))
    },

    workloads() {
      const byKey = new Map<string, Workload>()
      for (const node of nodes.values()) {
        for (const workload of node.workloads()) byKey.set(workloadKey(workload), workload)
      }
      return [...byKey.values()]
    },

    books() {
      return Array.from(nodes.values(), (node) => node.books()).filter((books) => books !== undefined)
    },

    booksOf(node) {
      return nodes.get(node)?.books()
    },

    forgetNodesBefore(at) {
      for (const [name, { lastScrapedAt }] of nodes) {
        if (lastScrapedAt !== undefined && lastScrapedAt < at) nodes.delete(name)
      }
    },
  }
}
