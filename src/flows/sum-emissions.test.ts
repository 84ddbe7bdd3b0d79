import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { type MeasuredEnergy, readerOf } from '../../test/fake-energy.ts'
import { measuredFact } from '../../test/measured-fact.ts'
import { emissionOf } from '../emissions/emission.ts'
import { createGrouping, type GroupDimension } from '../emissions/grouping.ts'
import type { IntensityFact } from '../intensity/fact.ts'
import { createFactBook } from '../intensity/fact-book.ts'
import { usualSeries } from '../intensity/preference.ts'
import { type Interval, instant, joules } from '../units.ts'
import { createEmissionsSummer, type SummedEmissions, type SumQuestion } from './sum-emissions.ts'

const never = new AbortController().signal
const owners = {
  ownerOf: ({ pod }: { readonly pod: string }) => ({
    kind: 'Deployment',
    name: pod.slice(0, 3),
    labels: {},
    derivedFrom: 'pod-name' as const,
  }),
}
const during = (from: number, to: number): Interval => ({ from: instant(from), to: instant(to) })
const at = (zone: string, from: number, to: number, grams: number, more: Partial<IntensityFact> = {}) =>
  measuredFact(grams, from, to, { zone, ...more })

type Given = {
  readonly energy: readonly MeasuredEnergy[]
  readonly facts: readonly IntensityFact[]
  readonly by?: readonly GroupDimension[]
  readonly perPortion?: number
} & Partial<SumQuestion>

/** The sum of what is given, and the group of each key. */
async function summed({ energy, facts, by = [], perPortion, ...question }: Given) {
  const book = createFactBook()
  book.add(facts)
  const reader = readerOf(energy, perPortion)
  const summer = createEmissionsSummer({ readEnergy: () => reader, intensities: book, pause: async () => {} })
  const grouping = createGrouping({ dimensions: by, workloads: [], owners })
  const sum = await summer(
    {
      during: during(0, 100_000),
      where: {},
      grouping,
      stepSeconds: undefined,
      zones: ['DE'],
      asOf: instant(Infinity),
      series: usualSeries,
      isDetailed: true,
      ...question,
    },
    never,
  )
  assert.ok(sum.kind === 'summed')
  return { sum, keys: grouping.groups.map(({ key }) => key), questions: reader.questions }
}

const web = { namespace: 'shop', pod: 'web-1', container: 'app' }
const proxy = { namespace: 'shop', pod: 'web-1', container: 'proxy' }
const etcd = { namespace: 'kube-system', pod: 'etcd', container: 'etcd' }
const used = (workload: MeasuredEnergy['workload'], from: number, to: number, energy: number) => ({
  node: 'a',
  workload,
  from,
  to,
  joules: energy,
})

function assertClose(actual: number | undefined, expected: number, what = ''): void {
  const difference = Math.abs((actual ?? Number.NaN) - expected)
  assert.ok(difference <= 1e-9 * Math.abs(expected) + 1e-15, `${what} ${actual} is not ${expected}`)
}

describe('the sum of emissions', () => {
  const facts = [at('DE', 0, 40_000, 360), at('DE', 40_000, 1e6, 720)]

  it('gives each part of a sample the intensity of its time', async () => {
    // 36 J are 0.00001 kWh: 4/10 of it at 360 g/kWh and 6/10 at 720.
    const { sum } = await summed({ energy: [used(web, 36_000, 46_000, 36)], facts })
    assertClose(sum.total.energy({ group: 0 }), 36)
    assertClose(sum.total.grams({ group: 0, zone: 0 }), 0.4 * 0.0036 + 0.6 * 0.0072)
  })

  it('cuts samples at the ends of the range', async () => {
    const energy = [used(web, -5000, 5000, 10), used(web, 95_000, 105_000, 20)]
    const { sum } = await summed({ energy, facts })
    assertClose(sum.total.energy({ group: 0 }), 5 + 10)
    assert.equal(sum.samples, 2)
  })

  it('has steps that add up to it', async () => {
    const { sum } = await summed({
      energy: [used(web, 0, 100_000, 100)],
      facts,
      during: during(5000, 65_000),
      stepSeconds: 30,
    })
    assert.deepEqual([...sum.steps], [5000, 30_000, 60_000, 65_000])
    const energies = [0, 1, 2].map((step) => sum.groups.energy({ group: 0, step }))
    assertClose(energies[0], 25)
    assertClose(energies[1], 30)
    assertClose(energies[2], 5)
    assertClose(sum.groups.grams({ group: 0, zone: 0, step: 1 }), (10 * 360 + 20 * 720) / 3_600_000)
    assert.equal(sum.groups.measuredMs({ group: 0, step: 1 }), 30_000)
  })

  it('keeps a group for what has no names yet', async () => {
    const energy = [used(web, 0, 10, 1), used(undefined, 0, 10, 2), used(etcd, 0, 10, 4)]
    const { sum, keys } = await summed({ energy, facts, by: ['namespace'] })
    assert.deepEqual(keys, [['shop'], [null], ['kube-system']])
    assert.deepEqual(
      keys.map((_, group) => sum.groups.energy({ group })),
      [1, 2, 4],
    )
    assert.equal(sum.total.energy({ group: 0 }), 7)
  })

  it('counts time that several containers of a group share once', async () => {
    const energy = [used(web, 0, 100_000, 1), used(proxy, 0, 50_000, 1), used(etcd, 0, 20_000, 1)]
    const { sum, keys } = await summed({ energy, facts, by: ['namespace'] })
    assert.deepEqual(keys, [['shop'], ['kube-system']])
    assert.equal(sum.groups.measuredMs({ group: 0 }), 100_000)
    assert.equal(sum.groups.measuredMs({ group: 1 }), 20_000)
    assert.equal(sum.total.measuredMs({ group: 0 }), 100_000)
  })

  it('is the known part where some intensity is unknown, and nothing where all of it is', async () => {
    const { sum } = await summed({
      energy: [used(web, 0, 40_000, 36), used(etcd, 40_000, 60_000, 72)],
      facts: [at('DE', 10_000, 40_000, 360)],
      by: ['namespace'],
      stepSeconds: 40,
    })
    const [shop, system] = [0, 1].map((group) => ({
      grams: sum.groups.grams({ group, zone: 0 }),
      low: sum.groups.lowGrams({ group, zone: 0 }),
      high: sum.groups.highGrams({ group, zone: 0 }),
      unknown: sum.groups.energyWithoutIntensity({ group, zone: 0 }),
    }))
    assertClose(shop?.grams, (27 * 360) / 3_600_000)
    assertClose(shop?.unknown, 9)
    assert.deepEqual(system, { grams: undefined, low: undefined, high: undefined, unknown: 72 })
    assert.equal(sum.groups.grams({ group: 1, zone: 0, step: 1 }), undefined)
    assert.equal(sum.groups.grams({ group: 1, zone: 0, step: 2 }), 0, 'no energy emits nothing')
    assertClose(sum.zones[0]?.provenance.parts[0]?.energyShare, 27 / 108)
  })

  it('has a range where stand-ins are used', async () => {
    const annual = at('DE', -Infinity, Infinity, 100, { method: { kind: 'annual-average', year: 2025 } })
    const { sum } = await summed({ energy: [used(web, 0, 10_000, 36)], facts: [annual] })
    assertClose(sum.total.grams({ group: 0, zone: 0 }), 0.001)
    assertClose(sum.total.lowGrams({ group: 0, zone: 0 }), 0.00049)
    assertClose(sum.total.highGrams({ group: 0, zone: 0 }), 0.00169)
    assertClose(sum.zones[0]?.provenance.likely.low, 0.00049)
  })

  it('tells the age of the oldest figure', async () => {
    const { sum } = await summed({ energy: [used(web, 0, 100_000, 1)], facts })
    assert.equal(sum.zones[0]?.provenance.worstAgeSeconds, 60)
  })

  it('tells flags by group', async () => {
    const energy = [{ ...used(web, 0, 10, 1), flags: ['reset'] as const }, used(etcd, 0, 10, 1)]
    const { sum } = await summed({ energy, facts, by: ['namespace'] })
    assert.deepEqual([...sum.flagBits], [1, 0])
  })

  it('asks for sums only as coarse as the bounds of steps and intensities are', async () => {
    const hour = 3_600_000
    const grains = async (more: Partial<Given>) => {
      const { questions } = await summed({ energy: [], facts: [], during: during(7, 24 * hour + 7), ...more })
      return questions.map(({ grainSeconds }) => grainSeconds)
    }
    assert.deepEqual(await grains({}), [3600])
    assert.deepEqual(await grains({ stepSeconds: 900 }), [300])
    assert.deepEqual(await grains({ facts: [at('DE', 0, hour / 4, 1)] }), [300])
    assert.deepEqual(await grains({ facts: [at('DE', 0, 1234, 1)] }), [undefined])
  })

  it('does not tell steps apart where it was not asked to, but for energy and grams', async () => {
    const { sum } = await summed({
      energy: [used(web, 0, 100_000, 100)],
      facts: [at('DE', 0, 40_000, 360)],
      stepSeconds: 50,
      isDetailed: false,
    })
    assertClose(sum.groups.grams({ group: 0, zone: 0, step: 0 }), (40 * 360) / 3_600_000)
    assert.equal(sum.groups.grams({ group: 0, zone: 0, step: 1 }), undefined)
    assert.throws(() => sum.groups.lowGrams({ group: 0, zone: 0, step: 0 }), RangeError)
  })
})

describe('more than is held at once', () => {
  const summerOf = (energy: readonly MeasuredEnergy[], perPortion?: number) =>
    createEmissionsSummer({
      readEnergy: () => readerOf(energy, perPortion),
      intensities: createFactBook(),
      pause: async () => {},
    })
  const question = (more: Partial<SumQuestion>): SumQuestion => ({
    during: during(0, 100_000),
    where: {},
    grouping: createGrouping({ dimensions: ['pod'], workloads: [], owners }),
    stepSeconds: undefined,
    zones: [],
    asOf: instant(0),
    series: usualSeries,
    isDetailed: false,
    ...more,
  })
  const pods = (count: number) =>
    Array.from({ length: count }, (_, n) => used({ ...web, pod: `pod-${n}` }, 0, 100_000, 1))

  it('is summed in several passes over time', async () => {
    const seconds = 3000
    const sum = await summerOf(pods(3000), 500)(
      question({ during: during(0, 1000 * seconds), stepSeconds: 1, where: {} }),
      never,
    )
    assert.ok(sum.kind === 'summed')
    assert.equal(sum.samples, 3000)
    assertClose(sum.total.energy({ group: 0 }), 3000)
    assertClose(sum.groups.energy({ group: 2999, step: 99 }), 0.01)
  })

  it('is refused: too many groups, or too many steps for all the groups', async () => {
    const groups = await summerOf(pods(100_001), 200_000)(question({}), never)
    assert.deepEqual(groups, { kind: 'too-many-groups', most: 100_000 })
    const numbers = await summerOf(pods(1000), 2000)(
      question({ during: during(0, 11_000_000), stepSeconds: 1 }),
      never,
    )
    assert.deepEqual(numbers, { kind: 'too-many-numbers', most: 10_000_000 })
  })

  it('ends with the reason of the signal', async () => {
    const stop = new AbortController()
    const summer = createEmissionsSummer({
      readEnergy: () => readerOf(pods(3), 1),
      intensities: createFactBook(),
      pause: async () => stop.abort(new Error('the client went away')),
    })
    await assert.rejects(summer(question({}), stop.signal), /the client went away/)
  })
})

/** Samples, facts and a range that fit each other, in seconds of an hour. */
const second = fc.integer({ min: 0, max: 600 })
const span = fc.tuple(second, fc.integer({ min: 1, max: 120 }))
const anyEnergy = fc.array(
  fc.record({
    workload: fc.constantFrom(web, proxy, etcd, { ...etcd, pod: 'etcd-2' }, undefined),
    node: fc.constantFrom('a', 'b'),
    span,
    joules: fc.double({ min: 0, max: 1e6, noNaN: true }),
  }),
  { maxLength: 30 },
)
const measuredOf = (rows: typeof anyEnergy extends fc.Arbitrary<infer T> ? T : never) =>
  rows.map(({ span: [from, length], ...row }) => ({
    ...row,
    from: from * 1000 + 1,
    to: (from + length) * 1000,
  }))
const anyFacts = (zone: string) =>
  fc
    .array(fc.tuple(span, fc.double({ min: 0, max: 2000, noNaN: true })), { maxLength: 8 })
    .map((rows) =>
      rows.map(([[from, length], grams]) => at(zone, from * 1000, (from + length) * 1000, grams)),
    )
const anyRange = fc
  .tuple(second, fc.integer({ min: 1, max: 700 }))
  .map(([from, length]) => [from * 1000, (from + length) * 1000] as const)
const anyDimensions = fc.subarray(['namespace', 'pod', 'container', 'node', 'workload'] as const)
const anyStep = fc.constantFrom(undefined, 7, 60)
const everywhere = at('DE', -Infinity, Infinity, 300, {
  rank: 1000,
  method: { kind: 'annual-average', year: 2025 },
})

const total = (sum: SummedEmissions, zone = 0) => ({
  energy: sum.total.energy({ group: 0 }),
  grams: sum.total.grams({ group: 0, zone }) ?? 0,
  unknown: sum.total.energyWithoutIntensity({ group: 0, zone }),
})

describe('however energy, figures and the range are', () => {
  it('a range that is split in two adds up', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyEnergy,
        anyFacts('DE'),
        anyRange,
        fc.integer({ min: 1, max: 99 }),
        async (rows, facts, [from, to], percent) => {
          const energy = measuredOf(rows)
          const cut = Math.round(from + ((to - from) * percent) / 100)
          const between = async (a: number, b: number) =>
            total((await summed({ energy, facts, during: during(a, b) })).sum)
          const [whole, first, second] = [
            await between(from, to),
            await between(from, cut),
            await between(cut, to),
          ]
          assertClose(first.energy + second.energy, whole.energy, 'joules')
          assertClose(first.grams + second.grams, whole.grams, 'grams')
          assertClose(first.unknown + second.unknown, whole.unknown, 'unknown joules')
        },
      ),
      { numRuns: 60 },
    )
  })

  it('groups add up to the total, and steps to their group', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyEnergy,
        anyFacts('DE'),
        anyRange,
        fc.tuple(anyDimensions, anyStep),
        async (rows, facts, [from, to], [by, stepSeconds]) => {
          const { sum, keys } = await summed({
            energy: measuredOf(rows),
            facts,
            by,
            stepSeconds,
            during: during(from, to),
          })
          const all = total(sum)
          const steps = [...sum.steps.keys()].slice(1).map((at) => at - 1)
          let [energy, grams, unknown] = [0, 0, 0]
          for (const group of keys.keys()) {
            const ofGroup = sum.groups.energy({ group })
            energy += ofGroup
            grams += sum.groups.grams({ group, zone: 0 }) ?? 0
            unknown += sum.groups.energyWithoutIntensity({ group, zone: 0 })
            assertClose(
              steps.reduce((joules, step) => joules + sum.groups.energy({ group, step }), 0),
              ofGroup,
            )
            const measured = sum.groups.measuredMs({ group })
            assert.ok(measured >= 0 && measured <= (to - from) * (1 + 1e-12))
          }
          assertClose(energy, all.energy, 'joules')
          assertClose(grams, all.grams, 'grams')
          assertClose(unknown, all.unknown, 'unknown joules')
        },
      ),
      { numRuns: 60 },
    )
  })

  it('is what the samples emitted one by one, where all is known', async () => {
    await fc.assert(
      fc.asyncProperty(anyEnergy, anyFacts('DE'), async (rows, facts) => {
        const energy = measuredOf(rows)
        const range = during(0, 1_000_000)
        const known = [...facts, everywhere]
        const { sum } = await summed({ energy, facts: known, during: range })
        const timeline = sum.zones[0]?.timeline ?? []
        let expected = 0
        for (const { node, from, to, joules: used } of energy) {
          const sample = {
            node,
            during: during(from, to),
            energy: joules(used),
            counter: joules(0),
            flags: [],
          }
          const emission = emissionOf(sample, timeline)
          assert.ok(emission.kind === 'known')
          expected += emission.emitted
        }
        assertClose(total(sum).grams, expected)
      }),
      { numRuns: 60 },
    )
  })

  it('any number of zones at once is each of them alone', async () => {
    await fc.assert(
      fc.asyncProperty(anyEnergy, anyFacts('DE'), anyFacts('FR'), async (rows, german, french) => {
        const energy = measuredOf(rows)
        const facts = [...german, ...french]
        const range = during(50_000, 500_000)
        const together = (await summed({ energy, facts, during: range, zones: ['DE', 'FR'] })).sum
        for (const [zone, code] of ['DE', 'FR'].entries()) {
          const alone = total((await summed({ energy, facts, during: range, zones: [code] })).sum)
          const shared = total(together, zone)
          assertClose(shared.grams, alone.grams, 'grams')
          assertClose(shared.unknown, alone.unknown, 'unknown joules')
        }
      }),
      { numRuns: 60 },
    )
  })

  it('the shares of its provenance add up to what is known', async () => {
    await fc.assert(
      fc.asyncProperty(anyEnergy, anyFacts('DE'), async (rows, facts) => {
        const { sum } = await summed({ energy: measuredOf(rows), facts, during: during(0, 1_000_000) })
        const { energy, unknown } = total(sum)
        const shares = sum.zones[0]?.provenance.parts.reduce((all, { energyShare }) => all + energyShare, 0)
        assertClose((shares ?? 0) * energy + unknown, energy)
      }),
      { numRuns: 60 },
    )
  })
})
