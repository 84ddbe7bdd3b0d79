import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createNode } from '../../simulator/hardware.ts'
import { constant } from '../../simulator/power.ts'
import { type KeplerSimulator, startKeplerSimulator } from '../../simulator/server.ts'
import { printExposition } from '../../src/exposition/print.ts'
import { type ServiceProcess, startServiceProcess } from '../end-to-end/service-process.ts'
import { type AskedPrometheus, startAskedPrometheus } from '../prometheus/asked-prometheus.ts'
import { everyMetric } from '../prometheus/every-metric.ts'
import { exposedMetrics } from '../prometheus/exposed-metrics.ts'
import { installed } from '../prometheus/installed.ts'
import { queriesOf, readDashboard } from './dashboard.ts'
import { promqlNames } from './promql-names.ts'

const dashboard = readDashboard('co2-api-prometheus')
const queries = queriesOf(dashboard)
const prometheus = installed('prometheus')

/** Every metric that /metrics can hold. */
const exposed = exposedMetrics(printExposition(everyMetric(), 'prometheus-text'))

const labelValues = /^label_values\((\w+), (\w+)\)$/

describe('the dashboard for Prometheus', () => {
  for (const { where, text, legend, format } of queries) {
    it(`asks in ${where} for metrics and labels that there are`, () => {
      const [, series = '', label = ''] = labelValues.exec(text) ?? []
      const { selectors, groupings } =
        format === 'variable'
          ? { selectors: [{ metric: series, labels: [label] }], groupings: [] }
          : promqlNames(text)
      assert.ok(selectors.length > 0)
      const all = new Set<string>()
      for (const { metric, labels } of selectors) {
        const known = exposed.get(metric)?.labels
        assert.ok(known !== undefined, `there is no ${metric}`)
        for (const name of labels) assert.ok(known.has(name), `${metric} has no label ${name}`)
        for (const name of known) all.add(name)
      }
      const shown = Array.from(legend.matchAll(/\{\{(\w+)\}\}/g), ([, name = '']) => name)
      for (const name of [...groupings, ...shown])
        assert.ok(all.has(name), `nothing there has a label ${name}`)
    })
  }
})

/** What a service of some seconds without live sources has nothing to say about. */
const emptyHere = new Set([
  'panel "Against the day before"',
  'panel "Failures of sources of intensity"',
  'panel "Sources that are left alone"',
])

describe('the dashboard on a real Prometheus', { skip: prometheus.skip }, () => {
  let simulator: KeplerSimulator
  let service: ServiceProcess
  let server: AskedPrometheus
  let directory = ''
  const environment = () => ({
    SAMPLE_INTERVAL: '1',
    EXPORTER_URL: simulator.url,
    CO2_INTENSITIES: 'DE=300,FR=20',
    METRICS_ZONES: 'DE,FR',
    DATA_DIR: directory,
  })

  before(async () => {
    const node = createNode({ name: 'n1' })
    node.startPod({ namespace: 'shop', pod: 'web', containers: [{ name: 'app', power: constant(10) }] })
    node.startPod({ namespace: 'data', pod: 'db', containers: [{ name: 'postgres', power: constant(20) }] })
    simulator = await startKeplerSimulator({ node, dialect: 'current', beforeScrape: () => node.advance(1) })
    directory = await mkdtemp(path.join(tmpdir(), 'co2-api-dashboard-'))
    service = await startServiceProcess(environment())
    server = await startAskedPrometheus(service.url)
    while ((await server.query('increase(co2_namespace_emissions_grams_total[10s]) > 0')).length < 4)
      await pause(100)
  })
  after(async () => {
    await server[Symbol.asyncDispose]()
    await service.stop()
    await simulator.close()
    await rm(directory, { recursive: true })
  })

  const filled = (expression: string) =>
    expression
      .replaceAll('$__rate_interval', '10s')
      .replaceAll('$__range', '60s')
      .replaceAll('$zone', 'DE')
      .replaceAll('$namespace', '.*')

  for (const { where, text, format } of queries) {
    it(`has an answer to ${where}`, async () => {
      const [, series, label] = labelValues.exec(text) ?? []
      if (format === 'variable') {
        assert.ok((await server.labelValues(series ?? '', label ?? '')).length > 0)
        return
      }
      const samples = await server.query(filled(text))
      assert.equal(samples.length === 0, emptyHere.has(where), `${samples.length} samples`)
      for (const { value } of samples) assert.ok(Number.isFinite(Number(value[1])), value[1])
    })
  }

  it('sees emissions that are energy times intensity, in every zone', async () => {
    const ratios = await server.query(
      'co2_namespace_emissions_grams_total{zone="DE"} / ignoring(zone) co2_namespace_energy_joules_total * 3600000',
    )
    assert.deepEqual(
      new Map(ratios.map(({ metric, value }) => [metric['namespace'], Number(value[1]).toFixed(6)])),
      new Map([
        ['data', '300.000000'],
        ['shop', '300.000000'],
      ]),
    )
    const zones = await server.query('sum by (zone) (co2_container_emissions_grams_total)')
    const gramsIn = (zone: string) => Number(zones.find(({ metric }) => metric['zone'] === zone)?.value[1])
    assert.equal((gramsIn('DE') / gramsIn('FR')).toFixed(9), '15.000000000')
  })

  it('counts a restart of the service as a reset, and what was counted before it stays counted', async () => {
    const total = 'sum(increase(co2_namespace_energy_joules_total[5m]))'
    const [before] = await server.query(total)
    await service.stop()
    const { port } = new URL(service.url)
    service = await startServiceProcess({ ...environment(), PORT: port })
    while ((await server.query('sum(resets(co2_namespace_energy_joules_total[5m])) > 0')).length === 0)
      await pause(100)
    const [later] = await server.query(total)
    assert.ok(Number(later?.value[1]) > Number(before?.value[1]))
  })
})
