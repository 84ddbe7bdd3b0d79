import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { GapCause } from '../energy/gap.ts'
import { instant, joules } from '../units.ts'
import type { ScrapeEvent } from './scrape-energy.ts'
import { createScrapeCounter } from './scrape-totals.ts'

const target = 'http://node-a:28282/metrics'
const during = { from: instant(0), to: instant(10_000) }

const measurement = {
  containerId: 'c1',
  workload: undefined,
  during,
  energy: joules(1),
  counter: joules(1),
  flags: [],
}

const nothing = {
  scrapes: 0,
  failures: new Map(),
  gaps: new Map(),
  samples: 0,
  resets: 0,
  started: 0,
  reappeared: 0,
  refused: 0,
  unreadLines: 0,
  stale: 0,
  bytes: 0,
  lastSeconds: new Map(),
}

function totalsAfter(...events: readonly ScrapeEvent[]) {
  const counter = createScrapeCounter()
  for (const event of events) counter.count(event)
  return counter.totals()
}

function scraped(more: { seconds: number; bytes: number; unread: number; target?: string }): ScrapeEvent {
  return {
    kind: 'scraped',
    target: more.target ?? target,
    seconds: more.seconds,
    scrape: {
      dialect: 'current',
      nodes: [],
      unreadLines: { count: more.unread, first: [] },
      notes: [],
      bytes: more.bytes,
    },
  }
}

function gap(cause: GapCause): ScrapeEvent {
  return {
    kind: 'gap',
    target,
    gap: { node: 'node-a', containerId: 'c1', component: 'package', workload: undefined, during, cause },
  }
}

describe('the totals of scraping', () => {
  it('are nothing at the start', () => {
    assert.deepEqual(totalsAfter(), nothing)
  })

  it('count good scrapes, their bytes and unread lines, and how long the last of each target took', () => {
    assert.deepEqual(
      totalsAfter(
        scraped({ seconds: 0.5, bytes: 1000, unread: 0 }),
        scraped({ seconds: 0.25, bytes: 1001, unread: 2 }),
        scraped({ seconds: 4, bytes: 5, unread: 1, target: 'b' }),
      ),
      {
        ...nothing,
        scrapes: 3,
        bytes: 2006,
        unreadLines: 3,
        lastSeconds: new Map([
          [target, 0.25],
          ['b', 4],
        ]),
      },
    )
  })

  it('add up what was recorded', () => {
    const recorded: ScrapeEvent = {
      kind: 'recorded',
      target,
      node: 'node-a',
      entry: {
        kind: 'recorded',
        isBaseline: false,
        during,
        resets: 5,
        started: 4,
        reappeared: 3,
        refused: 2,
        page: {
          node: 'node-a',
          at: instant(10_000),
          measurements: Array(7).fill(measurement),
          renamings: [],
          gaps: [],
        },
      },
    }
    assert.deepEqual(totalsAfter(recorded, recorded), {
      ...nothing,
      samples: 14,
      resets: 10,
      started: 8,
      reappeared: 6,
      refused: 4,
    })
  })

  it('count scrapes that were not later than the one before', () => {
    const entry = { kind: 'stale', at: instant(0), last: instant(1) } as const
    assert.deepEqual(totalsAfter({ kind: 'recorded', target, node: 'node-a', entry }), {
      ...nothing,
      stale: 1,
    })
  })

  it('count gaps by their cause', () => {
    assert.deepEqual(
      totalsAfter(gap({ kind: 'reset' }), gap({ kind: 'vanished' }), gap({ kind: 'reset' })).gaps,
      new Map([
        ['reset', 2],
        ['vanished', 1],
      ]),
    )
  })

  it('count failures by their reason, and nodes that are claimed twice among them', () => {
    assert.deepEqual(
      totalsAfter(
        { kind: 'failed', target, failure: 'timed-out', message: '' },
        { kind: 'failed', target, failure: 'timed-out', message: '' },
        { kind: 'node-claimed-twice', target, node: 'node-a', by: 'b' },
      ).failures,
      new Map([
        ['timed-out', 2],
        ['node-claimed-twice', 1],
      ]),
    )
  })

  it('know nothing of how long the scrapes of a target took that is gone', () => {
    const counter = createScrapeCounter()
    const scrape = {
      dialect: 'current',
      nodes: [],
      unreadLines: { count: 0, first: [] },
      notes: [],
      bytes: 5,
    }
    counter.count({ kind: 'scraped', target, seconds: 0.5, scrape })
    counter.forget(target)
    assert.deepEqual(counter.totals(), { ...nothing, scrapes: 1, bytes: 5 })
  })
})
