import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { busyService } from '../../test/busy-service.ts'
import { parseExposition } from '../exposition/parse.ts'
import { printExposition } from '../exposition/print.ts'
import { serviceMetrics } from './service-metrics.ts'

const families = serviceMetrics(busyService)

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
    const notReady = serviceMetrics({ ...busyService, isReady: false })
    assert.deepEqual(notReady.find(({ name }) => name === 'co2_api_ready')?.samples, [{ value: 0 }])
  })
})
