import type { LedgerPage } from '../energy/ledger-page.ts'
import type { NodeState } from '../energy/node-state.ts'

/*
 * Bytes on the heap, as measured with Node 26 on 64 bit. Names and container ids are not counted: the pages of a
 * container share them with its books.
 */
const ofPage = 500
const ofMeasurement = 200
const ofRenaming = 80
const ofGap = 220
const ofState = 300
const ofContainerState = 180
const ofCounterState = 100
const ofNodeCounter = 120

/** An estimate of the memory that a page takes while it waits. */
export function pageBytes({ measurements, renamings, gaps }: LedgerPage): number {
  return ofPage + measurements.length * ofMeasurement + renamings.length * ofRenaming + gaps.length * ofGap
}

/** An estimate of the memory that the state of a node takes while it waits. */
export function stateBytes({ containers, nodeCounters }: NodeState): number {
  const counters = containers.reduce((sum, container) => sum + container.counters.length, 0)
  return (
    ofState +
    containers.length * ofContainerState +
    counters * ofCounterState +
    nodeCounters.length * ofNodeCounter
  )
}
