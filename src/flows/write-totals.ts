import type { KeepEvent } from './keep-measurements.ts'

/** What happened on the way to the store since the start, counted for metrics. */
export type WriteTotals = {
  readonly flushes: number
  /** Measurements that were new to the store. */
  readonly written: number
  /** Measurements that were delivered again. */
  readonly repeated: number
  /** Measurements that no store can hold. */
  readonly setAside: number
  /** Measurements of a time that another process has counted. */
  readonly superseded: number
  /** Measurements that had to make room in the queue. */
  readonly dropped: number
  readonly storeFailures: number
  readonly lastSeconds: number | undefined
}

export type WriteCounter = { count(event: KeepEvent): void; totals(): WriteTotals }

export function createWriteCounter(): WriteCounter {
  const sums = {
    flushes: 0,
    written: 0,
    repeated: 0,
    setAside: 0,
    superseded: 0,
    dropped: 0,
    storeFailures: 0,
  }
  let lastSeconds: number | undefined
  return {
    count(event) {
      switch (event.kind) {
        case 'flushed':
          sums.flushes += 1
          sums.written += event.written
          sums.repeated += event.repeated
          sums.setAside += event.setAside
          lastSeconds = event.seconds
          return
        case 'dropped':
          sums.dropped += event.measurements
          return
        case 'superseded':
          sums.superseded += event.measurements
          return
        case 'store-failed':
          sums.storeFailures += 1
          return
        case 'set-aside':
        case 'store-away':
        case 'sums-failed':
        case 'store-back':
        case 'left-behind':
      }
    },

    totals: () => ({ ...sums, lastSeconds }),
  }
}
