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

/** Where all counters of a node stood after a scrape. Plain data: JSON holds it without loss. */
export type NodeState = {
  readonly node: string
  readonly at: Instant
  readonly basis: string
  readonly unreadLines: number
  readonly containers: readonly ContainerState[]
  readonly nodeCounters: readonly (readonly [key: string, joules: number])[]
}
