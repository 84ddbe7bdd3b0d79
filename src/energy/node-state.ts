import type { Instant } from '../units.ts'
import type { EnergyMode } from './reading.ts'
import type { Workload } from './workload.ts'

/** Where one counter stood: what is needed to go on from it. Numbers are cumulative joules. */
export type CounterState = {
  readonly component: string
  readonly mode: EnergyMode
  readonly believed: number
  readonly suspect: number | null
  readonly terminated: number | null
}

export type ContainerState = {
  readonly containerId: string
  readonly level: 'container' | 'pod'
  readonly workload: Workload | null
  readonly hasOwnName: boolean
  readonly presence: 'present' | 'absent' | 'ended'
  readonly coveredUntil: Instant
  readonly lastSeenAt: Instant
  readonly counters: readonly CounterState[]
}

/** Which state of a node: of two processes that count the same node, neither makes one like the other's. */
export type StateMark = {
  readonly at: Instant
  /** The process that made it; empty where that was not told. */
  readonly by: string
}

/** Where all counters of a node stood after a scrape. Plain data: JSON holds it without loss. */
export type NodeState = {
  readonly node: string
  readonly at: Instant
  /** The process that made it; absent where that was not told. */
  readonly by?: string
  readonly basis: string
  readonly unreadLines: number
  readonly containers: readonly ContainerState[]
  readonly nodeCounters: readonly (readonly [key: string, joules: number])[]
}

export function markOf({ at, by }: Pick<NodeState, 'at' | 'by'>): StateMark {
  return { at, by: by ?? '' }
}
