import type { Instant } from '../units.ts'
import type { Workload } from './workload.ts'

/** A container on a node. Its samples stay its own when its names become known or change. */
export type ContainerRecord = {
  readonly node: string
  readonly containerId: string
  /** The number of its series in the node's history. */
  readonly series: number
  readonly level: 'container' | 'pod'
  /** The names it bears now; undefined while the exporter has not told them. */
  readonly workload: Workload | undefined
  readonly lastSeenAt: Instant
}
