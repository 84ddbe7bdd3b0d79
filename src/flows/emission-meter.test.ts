import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { at, busybox, measured, nginx, page } from '../../test/contracts/measured.ts'
import { anyStep, play } from '../../test/energy-story.ts'
import { measuredFact } from '../../test/measured-fact.ts'
import type { LedgerPage } from '../energy/ledger-page.ts'
import { createFactBook } from '../intensity/fact-book.ts'
import { type Instant, instant, joules } from '../units.ts'
import { createEmissionMeter, type EmissionMeter, type EmissionMeterOptions } from './emission-meter.ts'
import { createRecordedPage } from './recorded-page.ts'

/** 100 g/kWh in DE, and 36 in FR from the hundredth second on. */
const facts = [measuredFact(100, -Infinity, Infinity), measuredFact(36, at(100), Infinity, { zone: 'FR' })]

function metering(more: Partial<EmissionMeterOptions> = {}) {
  const meter = createEmissionMeter({
    zones: ['DE', 'FR'],
    mostContainers: 10,
    windowSeconds: 3600,
    staleSeconds: 35,
    ...more,
  })
  const intensities = createFactBook()
  intensities.add(facts)
  const record = (...pages: readonly LedgerPage[]) => {
    for (const each of pages) meter.record(createRecordedPage(each, { intensities, knownAt: each.at }))
  }
  return { meter, record }
}

const labelsOf = ({ namespace, pod, container }: typeof busybox) =>
  `namespace="${namespace}",pod="${pod}",container="${container}"`

/** Joules and watts by the labels of what they are of. */
function containersIn(meter: EmissionMeter, second: number) {
  return Object.fromEntries(
    Array.from(meter.containers(at(second)), ({ writtenLabels, joules, watts }) => [
      writtenLabels,
      [joules, watts],
    ]),
  )
}

function namespacesIn(meter: EmissionMeter, second: number) {
  return Object.fromEntries(
    Array.from(meter.namespaces(at(second)), ({ writtenLabels, joules, watts }) => [
      writtenLabels,
      [joules, watts],
    ]),
  )
}

const used = (energy: number, more = {}) => ({ energy: joules(energy), ...more })

describe('the meter of emissions', () => {
  it('counts up energy, and what it emitted in each zone, page by page', () => {
    const { meter, record } = metering()
    record(page([measured(110, used(36_000))]), page([measured(120, used(72_000))]))
    const [reading] = meter.containers(at(120))
    assert.deepEqual(
      [reading?.writtenLabels, reading?.joules, reading?.watts],
      [labelsOf(busybox), 108_000, 7200],
    )
    // 108 000 J are 0.03 kWh: at 100 and 36 g/kWh.
    assert.deepEqual(
      reading?.grams.map((grams) => Number(grams.toPrecision(12))),
      [3, 1.08],
    )
  })

  it('tells how much energy has no grams, since no intensity was known for all of its time', () => {
    const { meter, record } = metering()
    record(
      page([measured(10, used(36_000))]),
      page([measured(105, used(7))]),
      page([measured(120, used(72_000))]),
    )
    assert.deepEqual(meter.joulesWithoutIntensity(), [0, 36_007])
    const [reading] = meter.containers(at(120))
    assert.equal(reading?.grams[1]?.toPrecision(9), '0.720000000')
  })

  it('counts intensities as they were known when a page was recorded', () => {
    const meter = createEmissionMeter({
      zones: ['DE'],
      mostContainers: 1,
      windowSeconds: 3600,
      staleSeconds: 35,
    })
    const intensities = createFactBook()
    intensities.add([
      measuredFact(100, -Infinity, Infinity, { learnedAt: at(0) }),
      measuredFact(200, -Infinity, Infinity, { learnedAt: at(15) }),
    ])
    const recorded = (second: number) =>
      createRecordedPage(page([measured(second, used(36_000))]), { intensities, knownAt: at(second) })
    meter.record(recorded(10))
    meter.record(recorded(20))
    const [reading] = meter.containers(at(20))
    assert.deepEqual(reading?.grams, [3])
  })

  it('adds up containers that share names, and the containers of a namespace', () => {
    const { meter, record } = metering()
    record(
      page([
        measured(10, used(30)),
        measured(10, used(20, { containerId: 'c2' })),
        measured(10, used(5, { containerId: 'c3', workload: nginx })),
      ]),
      page([measured(10, used(1))], { node: 'node-2' }),
    )
    assert.deepEqual(containersIn(meter, 10), { [labelsOf(busybox)]: [51, 5.1], [labelsOf(nginx)]: [5, 0.5] })
    assert.deepEqual(namespacesIn(meter, 10), {
      'namespace="default"': [51, 5.1],
      'namespace="web"': [5, 0.5],
    })
  })

  it('gives the power of what is measured now: neither of what is gone, nor of a node that went silent', () => {
    const { meter, record } = metering()
    record(page([measured(10, used(30)), measured(10, used(20, { containerId: 'c2', workload: nginx }))]))
    record(page([measured(20, used(40))]))
    assert.deepEqual(containersIn(meter, 20), {
      [labelsOf(busybox)]: [70, 4],
      [labelsOf(nginx)]: [20, undefined],
    })
    assert.deepEqual(containersIn(meter, 55), {
      [labelsOf(busybox)]: [70, 4],
      [labelsOf(nginx)]: [20, undefined],
    })
    assert.deepEqual(containersIn(meter, 56)[labelsOf(busybox)], [70, undefined])
  })

  it('gives a container that learns its names what it used before; until then it is nobody’s', () => {
    const { meter, record } = metering()
    record(page([measured(110, used(36_000, { workload: undefined }))]))
    assert.deepEqual([containersIn(meter, 110), namespacesIn(meter, 110)], [{}, {}])
    assert.equal(meter.unnamed().joules, 36_000)
    record(page([measured(120, used(4000))]))
    assert.deepEqual(containersIn(meter, 120), { [labelsOf(busybox)]: [40_000, 400] })
    assert.deepEqual(namespacesIn(meter, 120), { 'namespace="default"': [40_000, 400] })
    assert.deepEqual(meter.unnamed(), { joules: 0, grams: [0, 0] })
  })

  it('learns names from a page without a measurement, too', () => {
    const { meter, record } = metering()
    record(page([measured(10, used(5, { workload: undefined }))]))
    record(page([], { at: at(20), renamings: [{ containerId: 'c1', workload: nginx }] }))
    assert.deepEqual(containersIn(meter, 20), { [labelsOf(nginx)]: [5, undefined] })
  })

  it('leaves with other names what was counted under them: a counter never decreases', () => {
    const { meter, record } = metering()
    record(page([measured(10, used(5))]), page([measured(20, used(7, { workload: nginx }))]))
    assert.deepEqual(containersIn(meter, 20), {
      [labelsOf(busybox)]: [5, undefined],
      [labelsOf(nginx)]: [7, 0.7],
    })
  })

  it('counts containers beyond its bound together, says how many, and leaves namespaces whole', () => {
    const { meter, record } = metering({ mostContainers: 1 })
    const more = ['c2', 'c3'].map((containerId) =>
      measured(10, used(20, { containerId, workload: { ...nginx, pod: containerId } })),
    )
    record(page([measured(10, used(30)), ...more]))
    const others = 'namespace="(others)",pod="(others)",container="(others)"'
    assert.deepEqual(containersIn(meter, 10), { [labelsOf(busybox)]: [30, 3], [others]: [40, 4] })
    assert.deepEqual(namespacesIn(meter, 10), { 'namespace="default"': [30, 3], 'namespace="web"': [40, 4] })
    assert.deepEqual(meter.counts(), { metered: 1, beyond: 2, most: 1 })
  })

  it('gives room that comes free to those beyond, who count from zero then', () => {
    const { meter, record } = metering({ mostContainers: 1, windowSeconds: 60 })
    const other = (second: number) => measured(second, used(20, { containerId: 'c2', workload: nginx }))
    record(page([measured(10, used(30)), other(10)]), page([other(70)]))
    meter.forgetGone(at(71))
    record(page([other(80)]))
    const others = 'namespace="(others)",pod="(others)",container="(others)"'
    assert.deepEqual(containersIn(meter, 80), { [labelsOf(nginx)]: [20, 2], [others]: [40, undefined] })
    assert.deepEqual(meter.counts(), { metered: 1, beyond: 0, most: 1 })
  })

  it('has none of its own with a bound of zero', () => {
    const { meter, record } = metering({ mostContainers: 0 })
    record(page([measured(10, used(30))]))
    assert.deepEqual(Object.values(containersIn(meter, 10)), [[30, 3]])
    assert.deepEqual(meter.counts(), { metered: 0, beyond: 1, most: 0 })
  })

  it('lets go of containers and namespaces that are gone, after their window', () => {
    const { meter, record } = metering({ windowSeconds: 60 })
    const nameless = measured(10, used(5, { containerId: 'c2', workload: undefined }))
    record(
      page([measured(10, used(30)), nameless]),
      page([measured(20, used(1, { containerId: 'c3', workload: nginx }))]),
    )
    meter.forgetGone(at(70))
    assert.equal(Object.keys(containersIn(meter, 70)).length, 2)
    meter.forgetGone(instant(at(70) + 1))
    assert.deepEqual(Object.keys(containersIn(meter, 71)), [labelsOf(nginx)])
    assert.deepEqual(Object.keys(namespacesIn(meter, 71)), ['namespace="web"'])
    // What nobody ever got a name for is not forgotten.
    assert.equal(meter.unnamed().joules, 5)
    meter.forgetGone(at(200))
    assert.deepEqual([containersIn(meter, 200), namespacesIn(meter, 200)], [{}, {}])
  })

  it('meters a container anew that comes back after its window, at its old place in the page', () => {
    const { meter, record } = metering({ windowSeconds: 60 })
    const other = (second: number) => measured(second, used(1, { containerId: 'c2', workload: nginx }))
    record(page([measured(10, used(30)), other(10)]), page([other(90)]))
    meter.forgetGone(at(91))
    record(page([measured(100, used(7)), other(100)]))
    assert.deepEqual(containersIn(meter, 100), { [labelsOf(busybox)]: [7, 0.7], [labelsOf(nginx)]: [3, 0.1] })
  })

  it('never decreases, and counts each joule once, whatever happens', () => {
    const story = fc.array(anyStep, { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(story, fc.nat(3), (steps, mostContainers) => {
        const { pages, counted } = play(steps)
        const { meter, record } = metering({ mostContainers, windowSeconds: 1e9 })
        let now: Instant = instant(0)
        const before = new Map<string, number>()
        for (const each of pages) {
          record(each)
          now = each.at
          for (const { writtenLabels, joules } of [...meter.containers(now), ...meter.namespaces(now)]) {
            assert.ok(joules >= (before.get(writtenLabels) ?? 0))
            before.set(writtenLabels, joules)
          }
        }
        const sumOf = (readings: Iterable<{ readonly joules: number }>) =>
          [...readings].reduce((sum, { joules }) => sum + joules, meter.unnamed().joules)
        for (const readings of [meter.containers(now), meter.namespaces(now)]) {
          assert.ok(Math.abs(sumOf(readings) - counted) <= 1e-9 * counted)
        }
      }),
      { numRuns: 500 },
    )
  })
})
