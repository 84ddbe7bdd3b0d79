import type { TargetStatus } from '../src/flows/scrape-health.ts'
import type { ServiceState } from '../src/flows/service-metrics.ts'
import { instant } from '../src/units.ts'

const scraped: TargetStatus = {
  target: 'http://a/metrics',
  dialect: 'current',
  state: 'failing',
  lastScrapeSeconds: 0.25,
  nodes: [],
  lastSuccessAt: instant(1_770_804_000_500),
  lastFailure: undefined,
  failuresInARow: 2,
  notes: [],
  unreadLines: { count: 0, first: [] },
}

/** A service to which everything has happened that it counts. Nothing outlives it, and it has no live sources. */
export const busyService: ServiceState = {
  version: '1.2.3',
  totals: {
    scrapes: 3,
    failures: new Map([['timed-out', 2]]),
    gaps: new Map([['reset', 1]]),
    samples: 4,
    resets: 5,
    started: 6,
    reappeared: 7,
    refused: 8,
    unreadLines: 9,
    stale: 10,
    bytes: 11,
    lastSeconds: new Map([['http://a/metrics', 0.25]]),
  },
  targets: [
    scraped,
    {
      ...scraped,
      target: 'http://b/metrics',
      dialect: undefined,
      state: 'never',
      lastScrapeSeconds: undefined,
      lastSuccessAt: undefined,
      failuresInARow: 0,
    },
  ],
  books: [
    {
      node: 'node-a',
      during: { from: instant(0), to: instant(10_000) },
      basis: 'current/container/package',
      containerJoules: 100.5,
      unnamedJoules: 0.5,
      containerIdleJoules: 0,
      nodeActiveJoules: 120,
      nodeIdleJoules: 80,
    },
  ],
  containers: 2,
  historyBytes: 4096,
  isReady: true,
  startedAt: instant(1_770_800_000_000),
  now: instant(1_770_804_002_000),
  stream: { listeners: 2, dropped: 1 },
  refusals: new Map([['no-token', 3]]),
  keeping: undefined,
  sources: [],
}
