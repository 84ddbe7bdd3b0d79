import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type MeasuredEnergy, readerOf } from '../../test/fake-energy.ts'
import { measuredFact } from '../../test/measured-fact.ts'
import type { IntensityFact } from '../intensity/fact.ts'
import { createFactBook } from '../intensity/fact-book.ts'
import { usualSeries } from '../intensity/preference.ts'
import { instant } from '../units.ts'
import { type ComparisonQuestion, createZoneComparer } from './compare-zones.ts'
import { createEmissionsSummer } from './sum-emissions.ts'

const always = (zone: string, grams: number, more: Partial<IntensityFact> = {}) =>
  measuredFact(grams, -Infinity, Infinity, { zone, ...more })
const annual = { method: { kind: 'annual-average', year: 2025 } } as const

async function compared(facts: readonly IntensityFact[], more: Partial<ComparisonQuestion> = {}) {
  const web = { namespace: 'shop', pod: 'web', container: 'app' }
  const energy: readonly MeasuredEnergy[] = [
    { node: 'a', workload: web, from: 0, to: 10_000, joules: 36_000 },
  ]
  const intensities = createFactBook()
  intensities.add(facts)
  const owners = {
    ownerOf: () => ({ kind: 'Pod', name: 'web', labels: {}, derivedFrom: 'pod-name' as const }),
  }
  const sum = createEmissionsSummer({
    readEnergy: () => readerOf(energy),
    intensities,
    pause: async () => {},
  })
  const compare = createZoneComparer({ sum, owners, intensities })
  const answer = await compare(
    {
      during: { from: instant(0), to: instant(10_000) },
      where: {},
      workloads: [],
      asOf: instant(Infinity),
      series: usualSeries,
      zones: undefined,
      home: 'DE',
      ...more,
    },
    new AbortController().signal,
  )
  assert.ok(answer.kind === 'compared')
  return answer
}

describe('the comparison of zones', () => {
  it('ranks every zone with figures by what the same energy would have emitted there', async () => {
    // 36 kJ are 0.01 kWh.
    const { zones, energy } = await compared([always('DE', 300), always('FR', 20), always('PL', 600)])
    assert.equal(energy, 36_000)
    assert.deepEqual(
      zones.map(({ zone, grams, saving }) => [zone, grams, saving?.share?.toFixed(3)]),
      [
        ['FR', 0.2, '0.933'],
        ['DE', 3, '0.000'],
        ['PL', 6, '-1.000'],
      ],
    )
  })

  it('compares the zones that are asked for, and the home zone', async () => {
    const { zones } = await compared([always('DE', 300), always('FR', 20), always('PL', 600)], {
      zones: ['PL'],
    })
    assert.deepEqual(
      zones.map(({ zone }) => zone),
      ['DE', 'PL'],
    )
  })

  it('leaves out a zone without a figure for all of the energy, and names it', async () => {
    const half = measuredFact(1, 0, 5000, { zone: 'FR' })
    const { zones, withoutFigures } = await compared([always('DE', 300), half], { zones: ['FR', 'JP'] })
    assert.deepEqual(
      zones.map(({ zone }) => zone),
      ['DE'],
    )
    assert.deepEqual(withoutFigures, ['FR', 'JP'])
  })

  it('tells no saving where the home zone has no figures', async () => {
    const { zones, withoutFigures } = await compared([always('FR', 20)])
    assert.deepEqual(
      zones.map(({ zone, saving }) => [zone, saving]),
      [['FR', undefined]],
    )
    assert.deepEqual(withoutFigures, ['DE'])
  })

  it('warns where annual averages stand beside other figures', async () => {
    const { warnings } = await compared([always('DE', 300), always('FR', 20, annual)])
    assert.match(warnings[0] ?? '', /^Annual averages stand in .* of 1 of the 2 zones/)
    assert.deepEqual((await compared([always('DE', 300, annual)])).warnings, [])
  })

  it('names zones without figures also where nothing was used', async () => {
    const range = { from: instant(20_000), to: instant(30_000) }
    const { zones, withoutFigures } = await compared([always('DE', 300)], { zones: ['JP'], during: range })
    assert.deepEqual(
      zones.map(({ zone, grams, saving }) => [zone, grams, saving]),
      [['DE', 0, { grams: 0, share: undefined }]],
    )
    assert.deepEqual(withoutFigures, ['JP'])
  })
})
