import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EnergySample } from '../energy/energy-sample.ts'
import type { SampleSelection } from '../energy/node-history.ts'
import { createFactBook } from '../intensity/fact-book.ts'
import { usualSeries } from '../intensity/preference.ts'
import { gramsPerKilowattHour, type Instant, instant, joules } from '../units.ts'
import { createEmissionsReporter } from './report-emissions.ts'

const atSecond = (second: number) => instant(second * 1000)
const web = { namespace: 'shop', pod: 'web-1', container: 'app' }

function sample(from: number, to: number, energy: number): EnergySample {
  return {
    node: 'node-a',
    during: { from: atSecond(from), to: atSecond(to) },
    energy: joules(energy),
    counter: joules(0),
    flags: [],
  }
}

function fact(zone: string, grams: number, learnedAtSecond = -Infinity) {
  return {
    zone,
    valid: { from: instant(-Infinity), to: instant(Infinity) },
    intensity: gramsPerKilowattHour(grams),
    source: `learned at ${learnedAtSecond}`,
    method: { kind: 'measured' },
    signal: 'average',
    basis: 'lifecycle',
    rank: 20,
    learnedAt: atSecond(learnedAtSecond),
  } as const
}

/** Asks at second 100 about 3.6 kJ from second 0 to 10 and 7.2 kJ from second 15 to 20. */
function ask(
  zones: readonly string[],
  selection: SampleSelection = { kind: 'last', count: 5 },
  samples: readonly EnergySample[] = [sample(0, 10, 3600), sample(15, 20, 7200)],
  asOf?: Instant,
) {
  const intensities = createFactBook()
  intensities.add([fact('DE', 148), fact('FR', 20), fact('FR', 30, 50), fact('FR', 40, 101)])
  const report = createEmissionsReporter({
    samples: { samplesOf: async () => ({ kind: 'read', samples, warnings: [] }) },
    intensities,
    now: () => atSecond(100),
  })
  return report({ workload: web, zones, selection, asOf, series: usualSeries }, new AbortController().signal)
}

describe('a report of emissions', () => {
  it('refuses an answer that would not fit', async () => {
    const zones = Array.from({ length: 1_000_001 }, () => 'DE')
    assert.deepEqual(await ask(zones), { kind: 'too-many', most: 2_000_000 })
  })

  it('refuses samples that are too many to read', async () => {
    const report = createEmissionsReporter({
      samples: { samplesOf: async () => ({ kind: 'too-many', most: 3 }) },
      intensities: createFactBook(),
      now: () => atSecond(100),
    })
    const question = {
      workload: web,
      zones: ['DE'],
      selection: { kind: 'last', count: 9 },
      asOf: undefined,
      series: usualSeries,
    } as const
    assert.deepEqual(await report(question, new AbortController().signal), { kind: 'too-many', most: 3 })
  })

  it('is of what was known at an earlier moment, when that is asked for', async () => {
    const answer = await ask(['FR'], undefined, undefined, atSecond(49))
    const [emission] = answer.kind === 'found' ? (answer.perZone[0]?.emissions ?? []) : []
    assert.equal(emission?.kind === 'known' && emission.meanIntensity, 20)
  })

  it('has a part for each zone, in the order asked', async () => {
    const answer = await ask(['FR', 'DE'])
    assert.equal(answer.kind, 'found')
    // 10.8 kJ are 0.003 kWh: at 30 and 148 g/kWh that is 0.09 g and 0.444 g.
    assert.deepEqual(
      answer.kind === 'found' && answer.perZone.map(({ emitted }) => Number(emitted.toPrecision(12))),
      [0.09, 0.444],
    )
  })

  it('is of what is known now: not of what was believed before, nor of what is learned later', async () => {
    const answer = await ask(['FR'])
    const [emission] = answer.kind === 'found' ? (answer.perZone[0]?.emissions ?? []) : []
    assert.equal(emission?.kind === 'known' && emission.meanIntensity, 30)
  })

  it('measures its coverage over the selected range, and over the samples’ own span without one', async () => {
    const last = await ask(['DE'])
    assert.deepEqual(last.kind === 'found' && last.window, { from: atSecond(0), to: atSecond(20) })
    assert.equal(last.kind === 'found' && last.perZone[0]?.coverage, 0.75)
    const range = await ask(['DE'], { kind: 'range', from: atSecond(5), to: atSecond(105) })
    assert.deepEqual(range.kind === 'found' && range.window, { from: atSecond(5), to: atSecond(105) })
    assert.equal(range.kind === 'found' && range.perZone[0]?.coverage, 0.1)
  })

  it('gives no figure for a zone without facts', async () => {
    const answer = await ask(['JP'])
    assert.equal(answer.kind === 'found' && answer.perZone[0]?.emitted, 0)
    assert.equal(answer.kind === 'found' && answer.perZone[0]?.energyWithoutIntensity, 10_800)
  })

  it('says when there is no sample', async () => {
    assert.deepEqual(await ask(['DE'], { kind: 'last', count: 5 }, []), { kind: 'no-data' })
  })

  it('passes on what was selected, and the signal to stop', async () => {
    const asked: unknown[] = []
    const { signal } = new AbortController()
    const selection = { kind: 'last', count: 3 } as const
    const report = createEmissionsReporter({
      samples: {
        async samplesOf(...question) {
          asked.push(...question)
          return { kind: 'read', samples: [], warnings: [] }
        },
      },
      intensities: createFactBook(),
      now: () => atSecond(100),
    })
    await report({ workload: web, zones: ['DE'], selection, asOf: undefined, series: usualSeries }, signal)
    assert.deepEqual(asked, [web, selection, signal])
  })
})
