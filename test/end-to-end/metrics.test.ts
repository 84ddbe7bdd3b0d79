import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createNode } from '../../simulator/hardware.ts'
import { constant } from '../../simulator/power.ts'
import { type KeplerSimulator, startKeplerSimulator } from '../../simulator/server.ts'
import { everythingIn } from '../../src/exposition/everything-in.ts'
import { createSeriesReader } from '../../src/exposition/series-reader.ts'
import { everyMetric } from '../prometheus/every-metric.ts'
import { namingProblems } from '../prometheus/metric-naming.ts'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'

const web = { namespace: 'shop', pod: 'web', container: 'app' }

async function scraped(service: ServiceProcess, accept = '*/*'): Promise<Uint8Array> {
  const response = await fetch(`${service.url}/metrics`, { headers: { accept } })
  assert.equal(response.status, 200)
  return new Uint8Array(await response.arrayBuffer())
}

/** The value of the one sample whose name and labels are these. */
function valueOf(body: Uint8Array, name: string, labels: Readonly<Record<string, string>>): number {
  const found = everythingIn(body, 'prometheus-text').entries.flatMap((entry) =>
    'name' in entry &&
    entry.name === name &&
    Object.entries(labels).every(([label, value]) => entry.labels[label] === value)
      ? [entry.value]
      : [],
  )
  assert.equal(found.length, 1, `${name} ${JSON.stringify(labels)}`)
  return found[0] ?? Number.NaN
}

describe('the metrics of the running service', () => {
  let simulator: KeplerSimulator
  let service: ServiceProcess

  before(async () => {
    const node = createNode({ name: 'n1' })
    node.startPod({ ...web, containers: [{ name: web.container, power: constant(10) }] })
    simulator = await startKeplerSimulator({ node, dialect: 'current', beforeScrape: () => node.advance(1) })
    service = await startServiceProcess({
      SAMPLE_INTERVAL: '1',
      EXPORTER_URL: simulator.url,
      CO2_INTENSITIES: 'DE=300,FR=20',
      METRICS_ZONES: 'DE,FR',
    })
    while (!new TextDecoder().decode(await scraped(service)).includes('co2_container_power_watts{'))
      await pause(50)
  })
  after(async () => {
    await service.stop()
    await simulator.close()
  })

  it('count what the API answers with, to the last joule and gram', async () => {
    // Between two equal scrapes nothing was recorded, so that the answer in between is of the same measurements.
    for (;;) {
      const first = await scraped(service)
      const response = await fetch(`${service.url}/api/co2-per-container`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...web, countries: ['DE', 'FR'], n: 1000 }),
      })
      const { results }: { results: Record<string, { co2_g: number; energy_j: number }> } = JSON.parse(
        await response.text(),
      )
      const energy = valueOf(first, 'co2_container_energy_joules_total', web)
      if (energy !== valueOf(await scraped(service), 'co2_container_energy_joules_total', web)) continue
      const answered = results['DE']?.energy_j ?? 0
      assert.ok(Math.abs(energy - answered) <= 1e-9 * answered, `${energy} J instead of ${answered} J`)
      for (const zone of ['DE', 'FR']) {
        const grams = valueOf(first, 'co2_container_emissions_grams_total', { ...web, zone })
        const expected = results[zone]?.co2_g ?? 0
        assert.ok(
          Math.abs(grams - expected) <= 1e-9 * expected,
          `${grams} g instead of ${expected} g in ${zone}`,
        )
      }
      return
    }
  })

  it('are those that the dashboards and the documentation know, under names that keep the rules', async () => {
    const body = await scraped(service)
    const known = new Set(everyMetric().map(({ name }) => name))
    for (const entry of everythingIn(body, 'prometheus-text').entries) {
      if ('name' in entry) assert.ok(known.has(entry.name), entry.name)
    }
    assert.deepEqual(namingProblems(new TextDecoder().decode(body)), [])
  })

  it('can be read by our own reader, whole, in both formats', async () => {
    for (const [accept, format] of [
      ['text/plain', 'prometheus-text'],
      ['application/openmetrics-text', 'openmetrics'],
    ] as const) {
      const reader = createSeriesReader((name, labels) => ({ name, labels: Object.fromEntries(labels) }))
      const watts: number[] = []
      const reading = reader.begin(format, ({ name }, value) => {
        if (name === 'co2_container_power_watts') watts.push(value)
      })
      reading.push(await scraped(service, accept))
      const outcome = reading.end()
      assert.deepEqual([outcome.badLines.count, outcome.ending], [0, 'complete'])
      assert.ok((watts[0] ?? 0) > 0)
    }
  })

  it('are of the service alone where emissions are switched off', async () => {
    const silent = await startServiceProcess({
      EXPORTER_URL: simulator.url,
      METRICS_EMISSIONS: 'off',
    })
    const names = everythingIn(await scraped(silent), 'prometheus-text').entries.flatMap((entry) =>
      'type' in entry ? [entry.of] : [],
    )
    assert.equal(await silent.stop(), 0)
    assert.ok(names.length > 20)
    for (const name of names) assert.match(name, /^co2_api_/)
  })
})
