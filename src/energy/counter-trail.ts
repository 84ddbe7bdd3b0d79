import type { Interval } from '../units.ts'
import type { ContainerSample } from './measurement-store.ts'
import type { Workload } from './workload.ts'

/** A sample with the container's counter at its end, and the names that the container bears now. */
export type TrailSample = ContainerSample & {
  /** Undefined while the exporter has not told them. */
  readonly workload: Workload | undefined
}

/** Reads the samples of all containers, also of those without names. */
export type TrailReader = {
  /**
   * Samples that end in `(from, to]`, in portions of bounded size. Those of one container come oldest first; containers
   * may take turns. Throws StoreError when the store is away, and the signal's reason when it aborts.
   */
  trailWithin(during: Interval, signal: AbortSignal): AsyncIterable<readonly TrailSample[]>
}
