import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readingsOf } from '../../test/counter-readings.ts'
import { createEnergyBooks } from '../../test/energy-books.ts'
import type { NodeScrape } from '../energy/reading.ts'
import { instant, watts } from '../units.ts'
import { type EnergySource, ScrapeError, type ScrapeFailure, type TargetScrape } from './energy-source.ts'
import { createNodeOwners } from './node-owners.ts'
import { type ScrapeEvent, scrapeEnergy } from './scrape-energy.ts'
import { createScrapeHealth } from './scrape-health.ts'

const target = 'http://node-a:28282/metrics'
const web = { namespace: 'shop', pod: 'web-1', container: 'app' }
const atSecond = (second: number) => instant(second * 1000)

function nodeScrape(second: number, joules: number, about: Partial<NodeScrape> = {}): NodeScrape {
  return {
    node: 'node-a',
    at: atSecond(second),
    basis: 'current/container/package',
    level: 'container',
    readings: readingsOf([
      {
        containerId: 'c1',
        component: 'package',
        mode: 'dynamic',
        state: 'running',
        naming: { kind: 'named', workload: web },
        joules,
      },
    ]),
    nodeReadings: [],
    unreadLines: 0,
    ...about,
  }
}

function targetScrape(...nodes: readonly NodeScrape[]): TargetScrape {
  return { dialect: 'current', nodes, unreadLines: { count: 0, first: [] }, notes: [], bytes: 1000 }
}

/** A ledger with one target, or several, and what their scrapes tell. */
function createScraping() {
  const ledger = createEnergyBooks({
    nodeMaxWatts: watts(1000),
    scrapeIntervalSeconds: 10,
    retentionSeconds: 3600,
  })
  const health = createScrapeHealth([target], 10)
  const owners = createNodeOwners(35)
  const events: ScrapeEvent[] = []

  async function scrape(
    second: number,
    read: EnergySource['read'],
    about: {
      readonly from?: string
      readonly signal?: AbortSignal
      readonly meet?: (node: string) => Promise<void>
    } = {},
  ): Promise<readonly ScrapeEvent[]> {
    const before = events.length
    await scrapeEnergy(
      {
        source: { target: about.from ?? target, read },
        ledger,
        health,
        owners,
        ...(about.meet === undefined ? {} : { meet: about.meet }),
        keep: () => {},
        pause: async () => {},
        now: () => atSecond(second),
        onEvent: (event) => events.push(event),
      },
      about.signal ?? new AbortController().signal,
    )
    return events.slice(before)
  }

  const samples = () =>
    ledger
      .samplesOf(web, { kind: 'last', count: 100 })
      .map(({ during, energy, flags }) => [during.from / 1000, during.to / 1000, energy, ...flags])

  return { scrape, samples, health, ledger }
}

const failures: readonly ScrapeFailure[] = [
  'unreachable',
  'timed-out',
  'bad-status',
  'cut-off',
  'too-large',
  'empty',
  'not-an-exposition',
  'no-power-families',
  'credentials-unreadable',
]

const kinds = (events: readonly ScrapeEvent[]) => events.map(({ kind }) => kind)

describe('a scrape of energy', () => {
  it('enters what was read into the ledger', async () => {
    const { scrape, samples, health } = createScraping()
    await scrape(0, async () => targetScrape(nodeScrape(0, 100)))
    const events = await scrape(10, async () => targetScrape(nodeScrape(10, 130)))
    assert.deepEqual(samples(), [[0, 10, 30]])
    assert.deepEqual(kinds(events), ['scraped', 'recorded'])
    assert.equal(health.lastSuccessAt, atSecond(10))
    assert.equal(health.lastFailureAt, undefined)
  })

  it('enters every node that the source speaks for', async () => {
    const { scrape, ledger } = createScraping()
    await scrape(0, async () => targetScrape(nodeScrape(0, 1), nodeScrape(0, 1, { node: 'node-b' })))
    assert.deepEqual(
      ledger.books().map(({ node }) => node),
      ['node-a', 'node-b'],
    )
  })

  it('asks what others have kept of a node before it is entered', async () => {
    const { scrape, ledger } = createScraping()
    const met: string[] = []
    await scrape(0, async () => targetScrape(nodeScrape(0, 1)), {
      async meet(node) {
        met.push(`${node} ${ledger.books().length}`)
      },
    })
    assert.deepEqual(met, ['node-a 0'])
  })

  it('takes nothing while nobody can say what others have kept of a node', async () => {
    const { scrape, ledger, health } = createScraping()
    const events = await scrape(0, async () => targetScrape(nodeScrape(0, 1)), {
      async meet() {
        throw new Error('the store is away')
      },
    })
    assert.deepEqual(events, [{ kind: 'failed', target, failure: 'other', message: 'the store is away' }])
    assert.deepEqual(ledger.books(), [])
    assert.equal(health.lastSuccessAt, undefined)
  })

  it('says how long reading took', async () => {
    let second = 0
    const events: ScrapeEvent[] = []
    await scrapeEnergy(
      {
        source: {
          target,
          read: async () => {
            second = 2.5
            return targetScrape()
          },
        },
        ledger: createScraping().ledger,
        health: createScrapeHealth([target], 10),
        owners: createNodeOwners(35),
        keep: () => {},
        pause: async () => {},
        now: () => atSecond(second),
        onEvent: (event) => events.push(event),
      },
      new AbortController().signal,
    )
    assert.deepEqual(events, [{ kind: 'scraped', target, seconds: 2.5, scrape: targetScrape() }])
  })

  for (const failure of failures) {
    it(`that fails as ${failure} is recorded as that, and nothing of it is entered`, async () => {
      const { scrape, samples, health } = createScraping()
      await scrape(0, async () => targetScrape(nodeScrape(0, 100)))
      const message = `${target} failed`
      const events = await scrape(10, async () => {
        throw new ScrapeError(failure, message)
      })
      assert.deepEqual(events, [{ kind: 'failed', target, failure, message }])
      assert.deepEqual(samples(), [])
      assert.equal(health.lastSuccessAt, atSecond(0))
      assert.deepEqual(health.targets()[0]?.lastFailure, { at: atSecond(10), failure, message })
    })
  }

  it('that fails in a way nobody thought of is recorded as other', async () => {
    const { scrape } = createScraping()
    const ofError = await scrape(0, async () => {
      throw new TypeError('x is undefined')
    })
    assert.deepEqual(ofError, [{ kind: 'failed', target, failure: 'other', message: 'x is undefined' }])
    const ofText = await scrape(10, () => Promise.reject('only a text'))
    assert.deepEqual(ofText, [{ kind: 'failed', target, failure: 'other', message: 'only a text' }])
  })

  it('covers the time of the failed scrapes before it', async () => {
    const { scrape, samples } = createScraping()
    const fails = async () => {
      throw new ScrapeError('bad-status', 'HTTP 500')
    }
    await scrape(0, async () => targetScrape(nodeScrape(0, 100)))
    await scrape(10, fails)
    await scrape(20, fails)
    await scrape(30, async () => targetScrape(nodeScrape(30, 190)))
    assert.deepEqual(samples(), [[0, 30, 90, 'gap']])
  })

  it('is no failure when it was aborted', async () => {
    const { scrape, health } = createScraping()
    const stop = new AbortController()
    const events = await scrape(
      10,
      async (signal) => {
        stop.abort()
        signal.throwIfAborted()
        return targetScrape()
      },
      { signal: stop.signal },
    )
    assert.deepEqual(events, [])
    assert.equal(health.lastFailureAt, undefined)
  })

  it('tells of every gap in what was counted', async () => {
    const { scrape } = createScraping()
    await scrape(0, async () => targetScrape(nodeScrape(0, 100)))
    const [, , gap] = await scrape(10, async () => targetScrape(nodeScrape(10, 5)))
    assert.equal(gap?.kind, 'gap')
    assert.deepEqual(gap?.kind === 'gap' && gap.gap.cause, { kind: 'reset' })
  })

  it('tells when it was not later than the one before', async () => {
    const { scrape, samples } = createScraping()
    await scrape(20, async () => targetScrape(nodeScrape(20, 100)))
    const [, recorded] = await scrape(15, async () => targetScrape(nodeScrape(15, 190)))
    assert.deepEqual(recorded?.kind === 'recorded' && recorded.entry, {
      kind: 'stale',
      at: atSecond(15),
      last: atSecond(20),
    })
    assert.deepEqual(samples(), [])
  })

  it('leaves out a node that another target counts in another way, and is a failure then', async () => {
    const { scrape, samples, health } = createScraping()
    const other = 'http://old-kepler:9102/metrics'
    health.expect(other)
    await scrape(0, async () => targetScrape(nodeScrape(0, 100)))
    const events = await scrape(
      5,
      async () => targetScrape(nodeScrape(5, 7000, { basis: 'legacy/container/total' })),
      { from: other },
    )
    await scrape(10, async () => targetScrape(nodeScrape(10, 130)))
    assert.deepEqual(kinds(events), ['scraped', 'node-claimed-twice'])
    assert.deepEqual(events[1], { kind: 'node-claimed-twice', target: other, node: 'node-a', by: target })
    assert.deepEqual(samples(), [[0, 10, 30]])
    const state = health.targets().find((known) => known.target === other)
    assert.equal(state?.lastSuccessAt, undefined)
    assert.equal(
      state?.lastFailure?.message,
      `${other} answers for node "node-a", which ${target} already counts in another way; it is left out, since its energy would be counted twice`,
    )
  })

  it('counts its other nodes all the same when one of them is claimed twice', async () => {
    const { scrape, ledger } = createScraping()
    await scrape(0, async () => targetScrape(nodeScrape(0, 100)))
    const basis = 'legacy/container/total'
    const events = await scrape(
      5,
      async () => targetScrape(nodeScrape(5, 1, { basis }), nodeScrape(5, 1, { basis, node: 'node-b' })),
      { from: 'http://old-kepler:9102/metrics' },
    )
    assert.deepEqual(kinds(events), ['scraped', 'node-claimed-twice', 'recorded'])
    assert.deepEqual(
      ledger.books().map(({ node }) => node),
      ['node-a', 'node-b'],
    )
  })
})
