import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { IntensityFact, IntensityMethod } from '../../src/intensity/fact.ts'
import type { FactRecord, FactStore, Withdrawal } from '../../src/intensity/fact-store.ts'
import { gramsPerKilowattHour, instant } from '../../src/units.ts'

type Created = {
  readonly store: FactStore
  /** Closes the store and opens it again on what it kept; absent where nothing outlives the process. */
  readonly reopen?: () => Promise<FactStore>
}

const hour = 3_600_000

/** Germany's figure for one hour of the epoch, learned as the hour began. */
function factAt(hourNumber: number, differing: Partial<IntensityFact> = {}): FactRecord {
  const fact: IntensityFact = {
    zone: 'DE',
    valid: { from: instant(hourNumber * hour), to: instant((hourNumber + 1) * hour) },
    intensity: gramsPerKilowattHour(148),
    source: 'energy-charts',
    method: { kind: 'measured' },
    signal: 'average',
    basis: 'lifecycle',
    rank: 20,
    learnedAt: instant(hourNumber * hour + 1),
    ...differing,
  }
  return { kind: 'fact', fact }
}

function withdrawalAt(hourNumber: number, differing: Partial<Withdrawal> = {}): FactRecord {
  const at = instant(hourNumber * hour + 2)
  return { kind: 'withdrawal', withdrawal: { zone: 'DE', source: 'energy-charts', at, ...differing } }
}

const methods: readonly IntensityMethod[] = [
  { kind: 'measured' },
  { kind: 'estimated' },
  { kind: 'estimated', detail: '' },
  { kind: 'estimated', detail: `TIME_SLICER's "average" \\ 時間` },
  { kind: 'forecast' },
  { kind: 'annual-average', year: 2024 },
  { kind: 'configured' },
]

/**
 * What every store of intensity facts does. `create` gives an empty store that nobody else writes to, and releases it
 * with `t.after`.
 */
export function behavesLikeAFactStore(name: string, create: (t: TestContext) => Promise<Created>): void {
  /** What the store says after it was told `deliveries`, and what it says when it was opened again. */
  const kept = async (t: TestContext, ...deliveries: readonly (readonly FactRecord[])[]) => {
    const { store, reopen } = await create(t)
    for (const records of deliveries) await store.addFacts(records)
    const said = await store.allFacts()
    if (reopen !== undefined) assert.deepEqual(await (await reopen()).allFacts(), said)
    return said
  }

  describe(`${name} is a fact store that`, () => {
    it('knows nothing at first, and nothing more after it was told nothing', async (t) => {
      assert.deepEqual(await kept(t, []), [])
    })

    it('keeps facts and withdrawals in the order they were learned', async (t) => {
      const told = [factAt(1), factAt(2), withdrawalAt(2), factAt(3), withdrawalAt(3, { zone: 'FR' })]
      assert.deepEqual(await kept(t, told.slice(0, 1), told.slice(1, 4), told.slice(4)), told)
    })

    it('keeps every method with its own fields', async (t) => {
      const told = methods.map((method, index) => factAt(index, { method }))
      assert.deepEqual(await kept(t, told), told)
    })

    it('keeps every signal and every basis', async (t) => {
      const told = (['average', 'marginal'] as const).flatMap((signal) =>
        (['lifecycle', 'direct', 'unstated'] as const).map((basis) => factAt(1, { signal, basis })),
      )
      assert.deepEqual(await kept(t, told), told)
    })

    it('keeps what always held, what holds for ever, and what ships with the program', async (t) => {
      const always = { from: instant(-Infinity), to: instant(Infinity) }
      const learnedAt = instant(-Infinity)
      const told = [
        factAt(1, { valid: always, learnedAt }),
        factAt(1, { valid: { ...always, to: instant(0) }, learnedAt }),
        factAt(1, { valid: { ...always, from: instant(0) }, learnedAt }),
        factAt(1, { valid: { from: instant(-62_135_596_800_000), to: instant(253_402_300_799_999) } }),
      ]
      assert.deepEqual(await kept(t, told), told)
    })

    it('keeps figures to the last bit', async (t) => {
      const figures = [0, 0.1 + 0.2, 5e-324, 1306.3, 1 / 3, 1999.9999999999998]
      const told = figures.map((figure, index) => factAt(index, { intensity: gramsPerKilowattHour(figure) }))
      assert.deepEqual(await kept(t, told), told)
    })

    it('keeps zones and sources of any letters', async (t) => {
      const told = ['', `D'E`, '"DE"', 'DK-DK1', 'de', '%', '日本', '🇩🇪', String.raw`\N`].map((zone) =>
        factAt(1, { zone, source: zone }),
      )
      assert.deepEqual(await kept(t, told), told)
    })

    it('keeps a record once, however often it is told', async (t) => {
      const told = [
        factAt(1, {
          learnedAt: instant(-Infinity),
          valid: { from: instant(-Infinity), to: instant(Infinity) },
        }),
        ...methods.map((method) => factAt(1, { method })),
        withdrawalAt(1),
      ]
      assert.deepEqual(await kept(t, told, told, [...told, ...told], told.toReversed()), told)
    })

    it('keeps records that differ in one field only', async (t) => {
      const told = [
        factAt(1),
        factAt(1, { zone: 'FR' }),
        factAt(1, { valid: { from: instant(0), to: instant(2 * hour) } }),
        factAt(1, { valid: { from: instant(hour), to: instant(Infinity) } }),
        factAt(1, { intensity: gramsPerKilowattHour(149) }),
        factAt(1, { source: 'entsoe' }),
        factAt(1, { method: { kind: 'forecast' } }),
        factAt(1, { method: { kind: 'annual-average', year: 2023 } }),
        factAt(1, { method: { kind: 'annual-average', year: 2024 } }),
        factAt(1, { signal: 'marginal' }),
        factAt(1, { basis: 'direct' }),
        factAt(1, { rank: 21 }),
        factAt(1, { learnedAt: instant(hour + 2) }),
        withdrawalAt(1),
        withdrawalAt(1, { source: 'entsoe' }),
        withdrawalAt(1, { zone: 'FR' }),
        withdrawalAt(1, { at: instant(hour + 3) }),
      ]
      assert.deepEqual(await kept(t, told), told)
    })

    it('takes many records at a time', async (t) => {
      const told = Array.from({ length: 10_000 }, (_, index) => factAt(index))
      assert.deepEqual(await kept(t, told), told)
    })

    it('takes the same records from two at the same time', async (t) => {
      const { store } = await create(t)
      const told = Array.from({ length: 100 }, (_, index) => factAt(index))
      await Promise.all([store.addFacts(told), store.addFacts(told)])
      assert.deepEqual(await store.allFacts(), told)
    })
  })
}
