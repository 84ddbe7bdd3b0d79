import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createKeplerHistory } from '../../src/adapters/kepler/kepler-history.ts'
import { createPrometheusHistory } from '../../src/adapters/prometheus/prometheus-history.ts'
import { systemClock } from '../../src/adapters/system/system-clock.ts'
import { createCounterAudit } from '../../src/energy/counter-audit.ts'
import { type Backfill, type BackfillOutcome, backfill } from '../../src/flows/backfill.ts'
import { type Interval, instant } from '../../src/units.ts'
import { createKeptPages, type KeptPages } from './kept-pages.ts'
import { whyNoPrometheus } from './prometheus-server.ts'
import { recordedJoules, startRecordedPrometheus } from './recorded-prometheus.ts'
import { playTwoNodes, scrapedEverySecond, type TwoNodes } from './two-nodes.ts'

const never = new AbortController().signal

/** Backfills from the Prometheus at `url`, as a service would whose own interval is another one. */
async function backfilled(
  url: URL,
  options: Pick<Backfill, 'store' | 'during'> & Partial<Backfill>,
): Promise<BackfillOutcome> {
  const connection = { matchers: [], headers: {}, tokenFile: undefined, authority: undefined }
  const prometheus = createPrometheusHistory({ url, ...connection })
  try {
    return await backfill(
      {
        history: createKeplerHistory(prometheus, { nameOf: ({ instance }) => instance }),
        stepSeconds: undefined,
        limits: { ...scrapedEverySecond, scrapeIntervalSeconds: 10 },
        clock: systemClock,
        random: Math.random,
        onEvent: () => {},
        ...options,
      },
      never,
    )
  } finally {
    await prometheus.close()
  }
}

function joulesPerContainer(store: KeptPages): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const { node, containerId, energy } of store.measurements) {
    const key = `${node} ${containerId}`
    sums.set(key, (sums.get(key) ?? 0) + energy)
  }
  return sums
}

function assertSameJoules(actual: ReadonlyMap<string, number>, expected: ReadonlyMap<string, number>): void {
  assert.deepEqual([...actual.keys()].toSorted(), [...expected.keys()].toSorted())
  for (const [container, joules] of expected) {
    const difference = Math.abs((actual.get(container) ?? 0) - joules)
    assert.ok(difference <= 1e-6 * joules, `${container}: ${actual.get(container)} instead of ${joules} J`)
  }
}

const linesOf = (store: KeptPages) =>
  store.measurements
    .map(({ node, containerId, workload, energy, flags }) =>
      JSON.stringify([node, containerId, workload, energy.toFixed(6), flags]),
    )
    .toSorted()

describe('a backfill from a real Prometheus', { skip: whyNoPrometheus }, () => {
  const filled = createKeptPages()
  let played: TwoNodes
  let outcome: BackfillOutcome

  before(async () => {
    played = await playTwoNodes()
    outcome = await backfilled(played.prometheus, { store: filled, during: played.during })
  })
  after(() => played[Symbol.asyncDispose]())

  it('counts the joules of every container that live scraping counted, to a millionth', () => {
    const expected = joulesPerContainer(played.live)
    assert.ok(expected.size >= 12, `${expected.size} containers`)
    assertSameJoules(joulesPerContainer(filled), expected)
    assert.equal(outcome.kind, 'complete')
  })

  it('gives both nodes the names that live scraping gave them', () => {
    assert.deepEqual(outcome.nodes.map(({ node }) => node).toSorted(), ['node-a', 'node-b'])
  })

  it('writes nothing when it runs again', async () => {
    const { writes } = filled
    const again = await backfilled(played.prometheus, { store: filled, during: played.during })
    assert.equal(filled.writes, writes)
    assert.deepEqual(
      again.nodes.map(({ written, alreadyThere }) => ({ written, alreadyThere })),
      outcome.nodes.map(({ written }) => ({ written: 0, alreadyThere: written })),
    )
  })
})

describe('a backfill from recorded answers of Prometheus', () => {
  const { during, joules } = recordedJoules()

  it('counts the joules of every container that live scraping counted, to a millionth', async () => {
    await using prometheus = await startRecordedPrometheus()
    const store = createKeptPages()
    await backfilled(prometheus.url, { store, during })
    assertSameJoules(joulesPerContainer(store), joules)
  })

  it('says of each sample how it came about, as live scraping does', async () => {
    await using prometheus = await startRecordedPrometheus()
    const store = createKeptPages()
    await backfilled(prometheus.url, { store, during })
    const flags = new Set(store.measurements.flatMap(({ flags }) => flags))
    assert.deepEqual([...flags].toSorted(), ['gap', 'reset', 'started', 'terminated'])
    const causes = new Set(store.pages.flatMap(({ gaps }) => gaps).map(({ cause }) => cause.kind))
    assert.deepEqual([...causes].toSorted(), ['reset', 'vanished'])
  })

  it('leaves books that balance: counters and samples agree, or a gap says why', async () => {
    await using prometheus = await startRecordedPrometheus()
    const store = createKeptPages()
    await backfilled(prometheus.url, { store, during })
    const audit = createCounterAudit(during)
    for await (const portion of store.trailWithin(during, never)) {
      for (const sample of portion) audit.add(sample, 0)
    }
    const { nodes, findings } = audit.close(store.pages.flatMap(({ gaps }) => gaps))
    assert.deepEqual(findings, [])
    assert.equal(nodes.length, 2)
  })

  it('comes to the same when Prometheus refuses long questions', async () => {
    await using prometheus = await startRecordedPrometheus()
    await using sparing = await startRecordedPrometheus({ mostSamples: 300 })
    const [atOnce, inParts] = [createKeptPages(), createKeptPages()]
    await backfilled(prometheus.url, { store: atOnce, during })
    await backfilled(sparing.url, { store: inParts, during })
    assert.deepEqual(linesOf(inParts), linesOf(atOnce))
    assert.ok(sparing.questions.length > 2 * prometheus.questions.length)
  })

  it('fails, with what Prometheus said, when even a second is too long', async () => {
    await using prometheus = await startRecordedPrometheus({ mostSamples: 10 })
    await assert.rejects(backfilled(prometheus.url, { store: createKeptPages(), during }), {
      name: 'HistoryError',
      failure: 'too-much',
      message: /status 422: query processing would load too many samples/,
    })
  })

  it('comes to the same whether it runs once, twice, or piece by piece', async () => {
    await using prometheus = await startRecordedPrometheus()
    const [once, inPieces] = [createKeptPages(), createKeptPages()]
    await backfilled(prometheus.url, { store: once, during })
    const middle = instant((during.from + during.to) / 2)
    const pieces: readonly Interval[] = [
      { from: middle, to: during.to },
      { from: during.from, to: middle },
      during,
    ]
    for (const piece of pieces) await backfilled(prometheus.url, { store: inPieces, during: piece })
    assert.deepEqual(linesOf(inPieces), linesOf(once))
  })

  it('keeps one measurement for each step where a step is asked for, of the same energy', async () => {
    await using prometheus = await startRecordedPrometheus()
    const store = createKeptPages()
    await backfilled(prometheus.url, { store, during, stepSeconds: 5 })
    assertSameJoules(joulesPerContainer(store), joules)
    const app = store.measurements.filter(
      ({ node, workload }) => node === 'node-a' && workload?.container === 'app',
    )
    assert.ok(app.length < 5, `${app.length} measurements`)
  })
})
