import type { ScrapeEvent } from './scrape-energy.ts'

/** What happened since the start, counted for metrics. */
export type ScrapeTotals = {
  readonly scrapes: number
  readonly failures: ReadonlyMap<string, number>
  readonly gaps: ReadonlyMap<string, number>
  readonly samples: number
  readonly resets: number
  readonly started: number
  readonly reappeared: number
  readonly refused: number
  readonly unreadLines: number
  readonly stale: number
  readonly bytes: number
  readonly lastSeconds: ReadonlyMap<string, number>
}

export type ScrapeCounter = {
  count(event: ScrapeEvent): void
  /** The target is gone; what it added to the sums stays in them. */
  forget(target: string): void
  totals(): ScrapeTotals
}

export function createScrapeCounter(): ScrapeCounter {
  const failures = new Map<string, number>()
  const gaps = new Map<string, number>()
  const lastSeconds = new Map<string, number>()
  const sums = {
    scrapes: 0,
    samples: 0,
    resets: 0,
    started: 0,
    reappeared: 0,
    refused: 0,
    unreadLines: 0,
    stale: 0,
    bytes: 0,
  }
  return {
    count(event) {
      switch (event.kind) {
        case 'scraped':
          sums.scrapes += 1
          sums.bytes += event.scrape.bytes
          sums.unreadLines += event.scrape.unreadLines.count
          lastSeconds.set(event.target, event.seconds)
          return
        case 'recorded': {
          const { entry } = event
          if (entry.kind === 'stale') {
            sums.stale += 1
            return
          }
          sums.samples += entry.page.measurements.length
          sums.resets += entry.resets
          sums.started += entry.started
          sums.reappeared += entry.reappeared
          sums.refused += entry.refused
          return
        }
        case 'gap':
          increment(gaps, event.gap.cause.kind)
          return
        case 'failed':
          increment(failures, event.failure)
          return
        case 'node-claimed-twice':
          increment(failures, event.kind)
      }
    },

    forget(target) {
      lastSeconds.delete(target)
    },

    totals: () => ({ ...sums, failures, gaps, lastSeconds }),
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
