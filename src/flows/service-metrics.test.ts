import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseExposition } from '../exposition/parse.ts'
import { printExposition } from '../exposition/print.ts'
import { instant } from '../units.ts'
import { serviceMetrics } from './service-metrics.ts'

const families = serviceMetrics({
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
    {
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
    },
    {
      target: 'http://b/metrics',
      dialect: undefined,
      state: 'never',
      lastScrapeSeconds: undefined,
      nodes: [],
      lastSuccessAt: undefined,
      lastFailure: undefined,
      failuresInARow: 0,
      notes: [],
      unreadLines: { count: 0, first: [] },
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
})

/** What has not happened is 0, and not left out. */
const otherFailures = [
  'unreachable',
  'bad-status',
  'cut-off',
  'too-large',
  'empty',
  'not-an-exposition',
  'no-power-families',
  'credentials-unreadable',
  'other',
  'node-claimed-twice',
].map((reason) => `co2_api_scrape_failures_total{reason="${reason}"} 0`)
const otherGaps = ['vanished', 'refused', 'basis-changed', 'unread-before', 'dropped', 'seam'].map(
  (cause) => `co2_api_gaps_total{cause="${cause}"} 0`,
)

describe('the metrics of the service', () => {
  it('hold what is counted', () => {
    const lines = printExposition(families, 'prometheus-text')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
    assert.deepEqual(lines, [
      'co2_api_build_info{version="1.2.3"} 1',
      'co2_api_ready 1',
      'co2_api_start_timestamp_seconds 1770800000',
      'co2_api_scrapes_total 3',
      ...otherFailures.slice(0, 1),
      'co2_api_scrape_failures_total{reason="timed-out"} 2',
      ...otherFailures.slice(1),
      'co2_api_scrape_bytes_total 11',
      'co2_api_scrape_duration_seconds{target="http://a/metrics"} 0.25',
      'co2_api_target_last_success_timestamp_seconds{target="http://a/metrics"} 1770804000.5',
      'co2_api_target_last_success_age_seconds{target="http://a/metrics"} 1.5',
      'co2_api_target_failures_in_a_row{target="http://a/metrics"} 2',
      'co2_api_target_failures_in_a_row{target="http://b/metrics"} 0',
      'co2_api_targets{state="ok"} 0',
      'co2_api_targets{state="failing"} 1',
      'co2_api_targets{state="stale"} 0',
      'co2_api_targets{state="never"} 1',
      'co2_api_unread_lines_total 9',
      'co2_api_stale_scrapes_total 10',
      'co2_api_samples_total 4',
      'co2_api_resets_total 5',
      'co2_api_containers_started_total 6',
      'co2_api_containers_reappeared_total 7',
      'co2_api_refused_readings_total 8',
      'co2_api_gaps_total{cause="reset"} 1',
      ...otherGaps,
      'co2_api_containers 2',
      'co2_api_history_bytes 4096',
      'co2_api_container_joules_total{node="node-a"} 100.5',
      'co2_api_unnamed_joules{node="node-a"} 0.5',
      'co2_api_node_joules_total{node="node-a",state="active"} 120',
      'co2_api_node_joules_total{node="node-a",state="idle"} 80',
      'co2_api_stream_listeners 2',
      'co2_api_stream_listeners_dropped_total 1',
      'co2_api_refused_requests_total{reason="no-token"} 3',
    ])
  })

  it('can be read by Prometheus, in both of its formats', () => {
    for (const format of ['prometheus-text', 'openmetrics'] as const) {
      const body = new TextEncoder().encode(printExposition(families, format))
      const outcome = parseExposition(body, format, { sample: () => {} })
      assert.deepEqual(outcome, { samples: 48, badLines: { count: 0, first: [] }, ending: 'complete' })
    }
  })

  it('bear the service’s name in front and base units behind, in words that Prometheus allows', () => {
    for (const { name } of families) {
      assert.match(name, /^co2_api_[a-z]+(_[a-z]+)*$/)
      assert.doesNotMatch(name, /milli|micro|_ms\b|kilo|mega|minutes|hours|kwh|watt_hours/)
    }
  })

  it('end in _total if and only if they are counters', () => {
    for (const { name, type } of families) {
      assert.equal(name.endsWith('_total'), type === 'counter', name)
    }
  })

  it('are each explained, under a name of their own', () => {
    for (const { name, help } of families) assert.match(help, /^[A-Z].+\.$/, name)
    assert.equal(new Set(families.map(({ name }) => name)).size, families.length)
  })

  it('say 0 while the service is not ready', () => {
    const notReady = serviceMetrics({
      version: '1.2.3',
      totals: {
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
      },
      targets: [],
      books: [],
      containers: 0,
      historyBytes: 0,
      isReady: false,
      startedAt: instant(0),
      now: instant(0),
      stream: { listeners: 0, dropped: 0 },
      refusals: new Map(),
      keeping: undefined,
      sources: [],
    })
    assert.deepEqual(notReady.find(({ name }) => name === 'co2_api_ready')?.samples, [{ value: 0 }])
  })
})
