import { gapCauses } from '../energy/gap.ts'
import type { NodeBooks } from '../energy/node-ledger.ts'
import type { MetricFamily, MetricSample } from '../exposition/print.ts'
import { type Instant, secondsBetween } from '../units.ts'
import { scrapeFailures } from './energy-source.ts'
import type { SourceState } from './refresh-intensities.ts'
import type { ScrapeBroadcast } from './scrape-broadcast.ts'
import { type TargetStatus, targetStates } from './scrape-health.ts'
import type { ScrapeTotals } from './scrape-totals.ts'
import type { QueueDepth } from './write-queue.ts'
import type { WriteTotals } from './write-totals.ts'

/** What the metrics are made of. */
export type ServiceState = {
  readonly version: string
  readonly totals: ScrapeTotals
  readonly targets: readonly TargetStatus[]
  readonly books: readonly NodeBooks[]
  readonly containers: number
  readonly historyBytes: number
  readonly isReady: boolean
  readonly startedAt: Instant
  readonly now: Instant
  readonly stream: Pick<ScrapeBroadcast, 'listeners' | 'dropped'>
  /** Requests that were refused, by reason. */
  readonly refusals: ReadonlyMap<string, number>
  readonly sources: readonly SourceState[]
  /** Undefined when nothing outlives the process. */
  readonly keeping: { readonly totals: WriteTotals; readonly depth: QueueDepth } | undefined
}

/** The service's own health as metric families; names follow the Prometheus naming rules. */
export function serviceMetrics(state: ServiceState): readonly MetricFamily[] {
  const { totals, targets, books, now, stream } = state
  return [
    gauge('co2_api_build_info', 'A metric with the constant value 1, labelled with the version.', [
      { labels: { version: state.version }, value: 1 },
    ]),
    gauge('co2_api_ready', 'Whether the service is ready, as /readyz says.', [
      { value: state.isReady ? 1 : 0 },
    ]),
    gauge('co2_api_start_timestamp_seconds', 'When the service started: its counters began at zero then.', [
      { value: state.startedAt / 1000 },
    ]),
    counter('co2_api_scrapes_total', 'Scrapes from which readings were taken.', [{ value: totals.scrapes }]),
    counter(
      'co2_api_scrape_failures_total',
      'Scrapes from which nothing was taken, by reason.',
      byLabel('reason', withZeros(totals.failures, [...scrapeFailures, 'other', 'node-claimed-twice'])),
    ),
    counter('co2_api_scrape_bytes_total', 'Bytes of scraped expositions, uncompressed.', [
      { value: totals.bytes },
    ]),
    gauge(
      'co2_api_scrape_duration_seconds',
      'How long the last good scrape of a target took.',
      byLabel('target', totals.lastSeconds),
    ),
    gauge(
      'co2_api_target_last_success_timestamp_seconds',
      'When a target was last scraped with success.',
      targets.flatMap(({ target, lastSuccessAt }) =>
        lastSuccessAt === undefined ? [] : [{ labels: { target }, value: lastSuccessAt / 1000 }],
      ),
    ),
    gauge(
      'co2_api_target_last_success_age_seconds',
      'How long ago a target was last scraped with success.',
      targets.flatMap(({ target, lastSuccessAt }) =>
        lastSuccessAt === undefined
          ? []
          : [{ labels: { target }, value: secondsBetween(lastSuccessAt, now) }],
      ),
    ),
    gauge(
      'co2_api_target_failures_in_a_row',
      'Scrapes of a target that have failed since the last success.',
      targets.map(({ target, failuresInARow }) => ({ labels: { target }, value: failuresInARow })),
    ),
    gauge(
      'co2_api_targets',
      'Targets by state: ok, failing, stale, or never scraped with success.',
      byState(targets),
    ),
    counter('co2_api_unread_lines_total', 'Lines of expositions that were left out.', [
      { value: totals.unreadLines },
    ]),
    counter('co2_api_stale_scrapes_total', 'Scrapes that were not later than the one before.', [
      { value: totals.stale },
    ]),
    counter('co2_api_samples_total', 'Energy samples that were recorded.', [{ value: totals.samples }]),
    counter('co2_api_resets_total', 'Containers with a counter that began again at zero, by scrape.', [
      { value: totals.resets },
    ]),
    counter(
      'co2_api_containers_started_total',
      'Containers that were first seen between two scrapes of their node.',
      [{ value: totals.started }],
    ),
    counter(
      'co2_api_containers_reappeared_total',
      'Containers that were absent from a scrape and came back.',
      [{ value: totals.reappeared }],
    ),
    counter('co2_api_refused_readings_total', 'Readings that claimed more energy than a node can use.', [
      { value: totals.refused },
    ]),
    counter(
      'co2_api_gaps_total',
      'Times in which energy may have gone uncounted, by cause.',
      byLabel('cause', withZeros(totals.gaps, gapCauses)),
    ),
    gauge('co2_api_containers', 'Containers known by name.', [{ value: state.containers }]),
    gauge('co2_api_history_bytes', 'Bytes that samples occupy in memory.', [{ value: state.historyBytes }]),
    counter(
      'co2_api_container_joules_total',
      'Dynamic energy counted for the containers of a node.',
      books.map(({ node, containerJoules }) => ({ labels: { node }, value: containerJoules })),
    ),
    gauge(
      'co2_api_unnamed_joules',
      'The part of the containers’ energy whose containers have no name yet.',
      books.map(({ node, unnamedJoules }) => ({ labels: { node }, value: unnamedJoules })),
    ),
    counter(
      'co2_api_node_joules_total',
      'Energy that a node’s own counters advanced.',
      books.flatMap(({ node, nodeActiveJoules, nodeIdleJoules }) => [
        { labels: { node, state: 'active' }, value: nodeActiveJoules },
        { labels: { node, state: 'idle' }, value: nodeIdleJoules },
      ]),
    ),
    gauge('co2_api_stream_listeners', 'Clients that listen to the stream of scrapes.', [
      { value: stream.listeners },
    ]),
    counter(
      'co2_api_stream_listeners_dropped_total',
      'Listeners that were cut off since they did not keep up.',
      [{ value: stream.dropped }],
    ),
    counter(
      'co2_api_refused_requests_total',
      'Requests without a token that allows them, by reason.',
      byLabel('reason', state.refusals),
    ),
    ...sourceMetrics(state.sources),
    ...(state.keeping === undefined ? [] : keepingMetrics(state.keeping, now)),
  ]
}

function sourceMetrics(sources: readonly SourceState[]): readonly MetricFamily[] {
  const bySource = (valueOf: (state: SourceState) => number | undefined) =>
    sources.flatMap((state) => {
      const value = valueOf(state)
      return value === undefined ? [] : [{ labels: { source: state.source.id }, value }]
    })
  return [
    counter(
      'co2_api_source_requests_total',
      'Questions to a source of carbon intensity.',
      bySource(({ requests }) => requests),
    ),
    counter(
      'co2_api_source_failures_total',
      'Questions that it did not answer.',
      bySource(({ failures }) => failures),
    ),
    counter(
      'co2_api_source_facts_total',
      'Facts that it has told.',
      bySource(({ facts }) => facts),
    ),
    gauge(
      'co2_api_source_resting',
      'Whether it is left alone for a while since it failed.',
      bySource(({ gate }) => (gate.kind === 'closed' ? 1 : 0)),
    ),
    gauge(
      'co2_api_source_failures_in_a_row',
      'Questions that it has not answered since the last answer.',
      bySource(({ failuresInARow }) => failuresInARow),
    ),
    gauge(
      'co2_api_source_last_success_timestamp_seconds',
      'When it last answered.',
      bySource(({ lastSuccessAt }) => (lastSuccessAt === undefined ? undefined : lastSuccessAt / 1000)),
    ),
  ]
}

function keepingMetrics(
  { totals, depth }: NonNullable<ServiceState['keeping']>,
  now: Instant,
): readonly MetricFamily[] {
  return [
    counter('co2_api_flushes_total', 'Batches that the store took.', [{ value: totals.flushes }]),
    counter('co2_api_measurements_written_total', 'Measurements that were new to the store.', [
      { value: totals.written },
    ]),
    counter('co2_api_measurements_repeated_total', 'Measurements that were delivered again.', [
      { value: totals.repeated },
    ]),
    counter('co2_api_measurements_set_aside_total', 'Measurements that no store can hold.', [
      { value: totals.setAside },
    ]),
    counter(
      'co2_api_measurements_superseded_total',
      'Measurements that were not kept, since another process had counted their time.',
      [{ value: totals.superseded }],
    ),
    counter('co2_api_measurements_dropped_total', 'Measurements that had to make room in the queue.', [
      { value: depth.dropped },
    ]),
    counter('co2_api_store_failures_total', 'Writes that the store did not take.', [
      { value: totals.storeFailures },
    ]),
    gauge('co2_api_queue_measurements', 'Measurements that wait for the store.', [
      { value: depth.measurements },
    ]),
    gauge('co2_api_queue_bytes', 'What they take, in memory or on disk.', [{ value: depth.bytes }]),
    gauge('co2_api_queue_volatile_measurements', 'Those among them that are lost when the process ends.', [
      { value: depth.inMemoryOnly },
    ]),
    gauge('co2_api_queue_oldest_age_seconds', 'How long the oldest of them has waited.', [
      { value: depth.oldestAt === undefined ? 0 : Math.max(0, secondsBetween(depth.oldestAt, now)) },
    ]),
  ]
}

function gauge(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { name, help, type: 'gauge', samples }
}

function counter(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { name, help, type: 'counter', samples }
}

/** Every state, so that one that nobody is in shows as 0. */
function byState(targets: readonly TargetStatus[]): readonly MetricSample[] {
  return targetStates.map((state) => ({
    labels: { state },
    value: targets.filter((target) => target.state === state).length,
  }))
}

/** With 0 for what has not happened yet: a counter that came up with its first event would hide that from increase(). */
function withZeros(
  counts: ReadonlyMap<string, number>,
  known: readonly string[],
): ReadonlyMap<string, number> {
  return new Map([...known.map((key) => [key, 0] as const), ...counts])
}

function byLabel(label: string, values: ReadonlyMap<string, number>): readonly MetricSample[] {
  return Array.from(values, ([key, value]) => ({ labels: { [label]: key }, value }))
}
