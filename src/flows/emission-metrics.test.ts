import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { at, measured, page } from '../../test/contracts/measured.ts'
import { measuredFact } from '../../test/measured-fact.ts'
import { everyMetric } from '../../test/prometheus/every-metric.ts'
import { installed } from '../../test/prometheus/installed.ts'
import { namingProblems } from '../../test/prometheus/metric-naming.ts'
import { everythingIn } from '../exposition/everything-in.ts'
import { printExposition } from '../exposition/print.ts'
import { createFactBook } from '../intensity/fact-book.ts'
import { joules } from '../units.ts'
import { createEmissionMeter } from './emission-meter.ts'
import { emissionMetrics } from './emission-metrics.ts'
import { createRecordedPage } from './recorded-page.ts'

const promtool = installed('promtool')

/** The lines of samples of a text, by the name that they begin with. */
function linesOf(text: string, name: RegExp): readonly string[] {
  return text.split('\n').filter((line) => name.test(line))
}

describe('the metrics of emissions', () => {
  const text = printExposition(everyMetric(), 'prometheus-text')

  it('are of each container, beyond the bound of the others together, by zone', () => {
    assert.deepEqual(linesOf(text, /^co2_container_(energy|power)/), [
      'co2_container_energy_joules_total{namespace="default",pod="busybox-worker",container="busybox"} 10',
      'co2_container_energy_joules_total{namespace="(others)",pod="(others)",container="(others)"} 10',
      'co2_container_power_watts{namespace="default",pod="busybox-worker",container="busybox"} 1',
      'co2_container_power_watts{namespace="(others)",pod="(others)",container="(others)"} 1',
    ])
    // 10 J / 3.6e6 J/kWh x 100 g/kWh
    assert.deepEqual(linesOf(text, /^co2_container_emissions/), [
      'co2_container_emissions_grams_total{namespace="default",pod="busybox-worker",container="busybox",zone="DE"} 0.0002777777777777778',
      'co2_container_emissions_grams_total{namespace="default",pod="busybox-worker",container="busybox",zone="FR"} 0.0002777777777777778',
      'co2_container_emissions_grams_total{namespace="(others)",pod="(others)",container="(others)",zone="DE"} 0.0002777777777777778',
      'co2_container_emissions_grams_total{namespace="(others)",pod="(others)",container="(others)",zone="FR"} 0.0002777777777777778',
    ])
    assert.deepEqual(linesOf(text, /^co2_api_(exported|containers_beyond)/), [
      'co2_api_exported_containers 1',
      'co2_api_exported_containers_limit 1',
      'co2_api_containers_beyond_limit 1',
    ])
  })

  it('are of each namespace, whole', () => {
    assert.deepEqual(linesOf(text, /^co2_namespace/), [
      'co2_namespace_energy_joules_total{namespace="default"} 10',
      'co2_namespace_energy_joules_total{namespace="web"} 10',
      'co2_namespace_emissions_grams_total{namespace="default",zone="DE"} 0.0002777777777777778',
      'co2_namespace_emissions_grams_total{namespace="default",zone="FR"} 0.0002777777777777778',
      'co2_namespace_emissions_grams_total{namespace="web",zone="DE"} 0.0002777777777777778',
      'co2_namespace_emissions_grams_total{namespace="web",zone="FR"} 0.0002777777777777778',
      'co2_namespace_power_watts{namespace="default"} 1',
      'co2_namespace_power_watts{namespace="web"} 1',
    ])
  })

  it('say whose intensity it is, what chose the zones, and what could not be attributed', () => {
    assert.deepEqual(linesOf(text, /^co2_(grid|unnamed|energy_without|api_metrics)/), [
      'co2_unnamed_emissions_grams{zone="DE"} 0.0002777777777777778',
      'co2_unnamed_emissions_grams{zone="FR"} 0.0002777777777777778',
      'co2_energy_without_intensity_joules_total{zone="DE"} 0',
      'co2_energy_without_intensity_joules_total{zone="FR"} 0',
      'co2_grid_intensity_grams_per_kwh{zone="DE",source="test",method="measured"} 100',
      'co2_grid_intensity_grams_per_kwh{zone="FR",source="test",method="measured"} 100',
      'co2_api_metrics_zone_info{zone="DE",chosen_by="METRICS_ZONES"} 1',
      'co2_api_metrics_zone_info{zone="FR",chosen_by="METRICS_ZONES"} 1',
    ])
  })
})

describe('all metrics', () => {
  it('bear names and types that keep Prometheus’ rules', () => {
    assert.deepEqual(namingProblems(printExposition(everyMetric(), 'prometheus-text')), [])
    const names = everyMetric().map(({ name }) => name)
    assert.equal(new Set(names).size, names.length)
    for (const name of names) assert.match(name, /^co2_/)
  })

  it('pass Prometheus’ own linter', { skip: promtool.skip }, () => {
    const input = printExposition(everyMetric(), 'prometheus-text')
    const checked = spawnSync(promtool.program ?? '', ['check', 'metrics'], { input, encoding: 'utf8' })
    assert.deepEqual([checked.status, checked.stdout, checked.stderr], [0, '', ''])
  })

  it('are read back as they are, in both formats', () => {
    for (const format of ['prometheus-text', 'openmetrics'] as const) {
      const families = everyMetric()
      const { entries, outcome } = everythingIn(
        new TextEncoder().encode(printExposition(everyMetric(), format)),
        format,
      )
      assert.deepEqual([outcome.badLines.count, outcome.ending], [0, 'complete'])
      const read = entries.flatMap((entry) => ('name' in entry ? [entry] : []))
      const names = [...new Set(read.map(({ name }) => name))]
      assert.deepEqual(
        names,
        families.map(({ name }) => name),
        'every metric has a sample here',
      )
      const types = new Map(entries.flatMap((entry) => ('type' in entry ? [[entry.of, entry.type]] : [])))
      assert.equal(
        types.get(
          format === 'openmetrics' ? 'co2_container_energy_joules' : 'co2_container_energy_joules_total',
        ),
        'counter',
      )
    }
  })

  it('are read back whatever names containers bear', () => {
    const name = fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => text.isWellFormed())
    const intensities = createFactBook()
    intensities.add([measuredFact(100, -Infinity, Infinity)])
    fc.assert(
      fc.property(fc.record({ namespace: name, pod: name, container: name }), (workload) => {
        const meter = createEmissionMeter({
          zones: ['DE'],
          mostContainers: 9,
          windowSeconds: 60,
          staleSeconds: 35,
        })
        const recorded = page([measured(10, { workload, energy: joules(1.5) })])
        meter.record(createRecordedPage(recorded, { intensities, knownAt: at(10) }))
        const families = emissionMetrics({ meter, zonesChosenBy: 'default', intensities: [], now: at(10) })
        const text = new TextEncoder().encode(printExposition(families, 'openmetrics'))
        const [first] = everythingIn(text, 'openmetrics').entries.flatMap((entry) =>
          'name' in entry ? [entry] : [],
        )
        assert.deepEqual(first, {
          name: 'co2_container_energy_joules_total',
          labels: { ...workload },
          value: 1.5,
        })
      }),
    )
  })
})
