import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readingsOf, rowsOf } from '../../test/counter-readings.ts'
import { createKeptPages } from '../../test/prometheus/kept-pages.ts'
import type { NodeScrape } from '../energy/reading.ts'
import { instant, joules, watts } from '../units.ts'
import { type BackfillEvent, backfill } from './backfill.ts'
import type { Clock } from './clock.ts'
import type { EnergyHistory, RecordedScrape } from './energy-history.ts'
import { HistoryError } from './series-history.ts'

const never = new AbortController().signal
const at = (second: number) => instant(1_770_000_000_000 + second * 1000)
const limits = { nodeMaxWatts: watts(20_000), scrapeIntervalSeconds: 10, retentionSeconds: 60 }
const app = { namespace: 'shop', pod: 'web-1', container: 'app' }

/** A scrape of the node n1 in which each container id shows so many joules. */
function scraped(
  second: number,
  counters: Readonly<Record<string, number>>,
  about: Partial<NodeScrape> = {},
) {
  const rows = Object.entries(counters).map(([containerId, joulesShown]) => ({
    containerId,
    component: 'package',
    mode: 'dynamic' as const,
    state: 'running' as const,
    naming: { kind: 'named' as const, workload: { ...app, container: containerId } },
    joules: joulesShown,
  }))
  const scrape: NodeScrape = {
    node: 'n1',
    at: at(second),
    basis: 'current/container/package',
    level: 'container',
    readings: readingsOf(rows),
    nodeReadings: [],
    unreadLines: 0,
    ...about,
  }
  return { exporter: '10.0.0.1:28282', scrape }
}

/** A history in which these are the scrapes of one source. */
function historyOf(scrapes: readonly RecordedScrape[]): EnergyHistory & { readonly asked: number } {
  let asked = 0
  return {
    address: 'http://history.example',
    get asked() {
      return asked
    },
    async sourcesWithin() {
      return [
        {
          exporters: ['10.0.0.1:28282'],
          async read({ from, to }) {
            asked += 1
            const within = scrapes.filter(({ scrape }) => from < scrape.at && scrape.at <= to)
            return { scrapes: within, values: within.length, notes: [] }
          },
        },
      ]
    },
  }
}

const clock: Clock = { now: () => at(0), waitUntil: async () => {} }

function run(
  history: EnergyHistory,
  options: {
    readonly store?: ReturnType<typeof createKeptPages>
    readonly from?: number
    readonly to?: number
    readonly signal?: AbortSignal
    readonly onEvent?: (event: BackfillEvent) => void
  } = {},
) {
  const { store = createKeptPages(), from = 0, to = 100, signal = never, onEvent = () => {} } = options
  const during = { from: at(from), to: at(to) }
  const backfilling = {
    history,
    store,
    during,
    stepSeconds: undefined,
    limits,
    clock,
    random: () => 0,
    onEvent,
  }
  return backfill(backfilling, signal)
}

const spans = (store: ReturnType<typeof createKeptPages>) =>
  store.measurements.map(({ containerId, during, energy }) => [
    containerId,
    (during.from - at(0)) / 1000,
    (during.to - at(0)) / 1000,
    energy,
  ])

function measured(container: string, { from, to }: { readonly from: number; readonly to: number }) {
  const during = { from: at(from), to: at(to) }
  return {
    node: 'n1',
    at: during.to,
    measurements: [
      {
        containerId: container,
        workload: { ...app, container },
        during,
        energy: joules(1),
        counter: joules(1),
        flags: [],
      },
    ],
    renamings: [],
    gaps: [],
  }
}

describe('a backfill', () => {
  it('writes what the counters advanced between recorded scrapes', async () => {
    const store = createKeptPages()
    const history = historyOf([
      scraped(10, { app: 100 }),
      scraped(20, { app: 130 }),
      scraped(30, { app: 135 }),
    ])
    const outcome = await run(history, { store })
    assert.deepEqual(spans(store), [
      ['app', 10, 20, 30],
      ['app', 20, 30, 5],
    ])
    assert.equal(outcome.kind, 'complete')
    assert.deepEqual(outcome.nodes, [
      {
        node: 'n1',
        written: 2,
        energy: 35,
        alreadyThere: 0,
        countedByServiceFrom: undefined,
        leftToService: 0,
        gaps: 0,
        claimedTwice: 0,
      },
    ])
  })

  it('knows the counters from before its time: the first interval is counted, what ended before is not', async () => {
    const store = createKeptPages()
    const history = historyOf([
      scraped(-20, { app: 60 }),
      scraped(-10, { app: 80 }),
      scraped(0, { app: 100 }),
      scraped(10, { app: 130 }),
    ])
    await run(history, { store })
    assert.deepEqual(spans(store), [['app', 0, 10, 30]])
  })

  it('writes no state: where the counters of the service stand is its own affair', async () => {
    const states: unknown[] = []
    const store = createKeptPages()
    const watched = {
      ...store,
      write: (batch: Parameters<typeof store.write>[0]) => {
        states.push(...batch.states)
        return store.write(batch)
      },
    }
    await run(historyOf([scraped(10, { app: 100 }), scraped(20, { app: 130 })]), { store: watched })
    assert.deepEqual(states, [])
  })

  it('leaves out the times for which the store has samples of the container, and no others', async () => {
    const store = createKeptPages()
    await store.write({ pages: [measured('app', { from: 15, to: 25 })], states: [] })
    const history = historyOf(
      [10, 20, 30, 40].map((second) => scraped(second, { app: second, proxy: 2 * second })),
    )
    const outcome = await run(history, { store })
    assert.deepEqual(spans(store), [
      ['app', 15, 25, 1],
      ['proxy', 10, 20, 20],
      ['proxy', 20, 30, 20],
      ['app', 30, 40, 10],
      ['proxy', 30, 40, 20],
    ])
    assert.equal(outcome.nodes[0]?.alreadyThere, 2)
  })

  it('records as a gap what is left out at either end of what the store has, the same one when it runs again', async () => {
    const store = createKeptPages()
    await store.write({ pages: [measured('app', { from: 15, to: 35 })], states: [] })
    const history = historyOf([10, 20, 30, 40, 50].map((second) => scraped(second, { app: second })))
    for (const _run of [1, 2]) await run(history, { store })
    const gaps = store.pages
      .flatMap((page) => page.gaps)
      .map(({ containerId, during, cause }) =>
        [containerId, (during.from - at(0)) / 1000, (during.to - at(0)) / 1000, cause.kind].join(' '),
      )
    assert.deepEqual([...new Set(gaps)], ['app 10 15 seam', 'app 35 40 seam'])
  })

  it('sees a stored sample that begins before and ends after all that it reads', async () => {
    const store = createKeptPages()
    await store.write({ pages: [measured('app', { from: -5000, to: 5000 })], states: [] })
    await run(historyOf([scraped(10, { app: 100 }), scraped(20, { app: 130 })]), { store })
    assert.equal(store.measurements.length, 1)
  })

  it('does not take for stored what it has written itself', async () => {
    const store = createKeptPages()
    // The second container of the pod bears the names of the first, was absent, and comes back.
    const names = { kind: 'named', workload: app } as const
    const both = (second: number, counters: Readonly<Record<string, number>>) => {
      const { exporter, scrape } = scraped(second, counters)
      return {
        exporter,
        scrape: {
          ...scrape,
          readings: readingsOf(rowsOf(scrape.readings).map((one) => ({ ...one, naming: names }))),
        },
      }
    }
    const seconds = Array.from({ length: 40 }, (_, index) => 10 * index + 10)
    const scrapes = seconds.map((second) =>
      second > 220 && second < 270
        ? both(second, { old: second })
        : both(second, { old: second, again: 2 * second }),
    )
    await run(historyOf(scrapes), { store, to: 400 })
    const sum = store.measurements.reduce((total, { energy }) => total + energy, 0)
    assert.equal(sum, 390 + 2 * 390)
  })

  it('leaves to the service what is later than where its counters stand', async () => {
    const state = { node: 'n1', at: at(20), basis: 'b', unreadLines: 0, containers: [], nodeCounters: [] }
    const store = createKeptPages([state])
    const history = historyOf([10, 20, 30].map((second) => scraped(second, { app: second })))
    const outcome = await run(history, { store })
    assert.deepEqual(spans(store), [['app', 10, 20, 10]])
    assert.equal(outcome.nodes[0]?.countedByServiceFrom, at(20))
    assert.equal(outcome.nodes[0]?.leftToService, 1)
  })

  it('tells by the pace of the history what is late, also when the pace changes', async () => {
    const store = createKeptPages()
    const seconds = [
      ...Array.from({ length: 20 }, (_, n) => 2 * n),
      ...Array.from({ length: 20 }, (_, n) => 300 + 60 * n),
    ]
    await run(historyOf(seconds.map((second) => scraped(second, { app: second }))), { store, to: 1500 })
    const late = store.measurements.filter(({ flags }) => flags.includes('gap'))
    assert.deepEqual(
      late.map(({ during }) => (during.to - at(0)) / 1000),
      [300],
    )
  })

  it('counts a node once that two exporters tell of in different ways', async () => {
    const store = createKeptPages()
    const other = (second: number) => ({
      ...scraped(second, { legacy: second }, { basis: 'legacy/container/total' }),
      exporter: '10.0.0.1:9102',
    })
    const history = historyOf([
      scraped(10, { app: 10 }),
      other(11),
      scraped(20, { app: 20 }),
      other(21),
      scraped(30, { app: 30 }),
    ])
    const outcome = await run(history, { store })
    assert.deepEqual(spans(store), [
      ['app', 10, 20, 10],
      ['app', 20, 30, 10],
    ])
    assert.equal(outcome.nodes[0]?.claimedTwice, 2)
  })

  it('asks again after a failure that may pass, and says so', async () => {
    const calm = historyOf([scraped(10, { app: 100 }), scraped(20, { app: 130 })])
    let failures = 2
    const shaky: EnergyHistory = {
      ...calm,
      async sourcesWithin(during, signal) {
        failures -= 1
        if (failures >= 0) throw new HistoryError('server-error', 'it answered with status 503')
        return await calm.sourcesWithin(during, signal)
      },
    }
    const events: BackfillEvent[] = []
    const outcome = await run(shaky, { onEvent: (event) => events.push(event) })
    assert.equal(outcome.nodes[0]?.written, 1)
    assert.equal(events.filter(({ kind }) => kind === 'tried-again').length, 2)
  })

  it('gives up after five failures in a row, and at once where another try is no help', async () => {
    for (const [failure, tries] of [
      ['unreachable', 5],
      ['refused', 1],
    ] as const) {
      let asked = 0
      const broken: EnergyHistory = {
        address: '',
        async sourcesWithin() {
          asked += 1
          throw new HistoryError(failure, 'no')
        },
      }
      await assert.rejects(run(broken), { failure })
      assert.equal(asked, tries)
    }
  })

  it('that is stopped keeps what is done, says until when, and goes on from there', async () => {
    const day = 86_400
    const seconds = [10, 20, day + 10, day + 20, 2 * day + 10]
    const history = historyOf(seconds.map((second) => scraped(second, { app: second })))
    const store = createKeptPages()
    const stop = new AbortController()
    const stopped = await run(history, {
      store,
      to: 3 * day,
      signal: stop.signal,
      onEvent: (event) => {
        if (event.kind === 'progress' && event.at > at(day - 1)) stop.abort()
      },
    })
    assert.equal(stopped.kind, 'stopped')
    assert.equal(stopped.doneUntil, at(day))
    assert.deepEqual(spans(store), [['app', 10, 20, 10]])
    const rest = await run(history, { store, from: day, to: 3 * day })
    assert.equal(rest.kind, 'complete')
    assert.deepEqual(spans(store).slice(1), [
      ['app', day + 10, day + 20, 10],
      ['app', day + 20, 2 * day + 10, day - 10],
    ])
  })

  it('tells how far it is, never backwards, up to the end', async () => {
    const history = historyOf([scraped(10, { app: 1 }), scraped(100_000, { app: 2 })])
    const shares: number[] = []
    await run(history, {
      to: 200_000,
      onEvent: (event) => {
        if (event.kind === 'progress') shares.push(event.share)
      },
    })
    assert.deepEqual(
      shares,
      shares.toSorted((a, b) => a - b),
    )
    assert.equal(shares.at(-1), 1)
  })
})
