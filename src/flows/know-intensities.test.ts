import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import type { IntensityFact } from '../intensity/fact.ts'
import { gramsPerKilowattHour, instant } from '../units.ts'
import { createKnownIntensities } from './know-intensities.ts'

function statement(grams: number | undefined, learnedAt: number) {
  const fact = (intensity: number): IntensityFact => ({
    zone: 'DE',
    valid: { from: instant(Number.NEGATIVE_INFINITY), to: instant(Number.POSITIVE_INFINITY) },
    intensity: gramsPerKilowattHour(intensity),
    source: 'settings',
    method: { kind: 'configured' },
    signal: 'average',
    basis: 'lifecycle',
    rank: 0,
    learnedAt: instant(learnedAt),
  })
  return [{ source: 'settings', facts: grams === undefined ? [] : [fact(grams)] }]
}

describe('what is known about intensities', () => {
  it('is what the sources say, before anything was recalled', () => {
    const known = createKnownIntensities(statement(148, 0))
    assert.equal(known.latest('DE', instant(1))?.intensity, 148)
    assert.deepEqual(known.zones(), ['DE'])
  })

  it('holds on to what was known before a restart, as of then', async () => {
    const store = createMemoryStore(3600)
    await createKnownIntensities(statement(148, 10)).recall(store, instant(10))
    const restarted = createKnownIntensities(statement(150, 20))
    await restarted.recall(store, instant(20))
    const asOf = (at: number) => {
      const [piece] = restarted.timeline('DE', { from: instant(0), to: instant(1) }, instant(at))
      return piece?.kind === 'known' ? piece.fact.intensity : piece?.kind
    }
    assert.deepEqual([asOf(9), asOf(10), asOf(19), asOf(20)], ['unknown', 148, 148, 150])
  })

  it('forgets a setting that was taken away, but not that it stood once', async () => {
    const store = createMemoryStore(3600)
    await createKnownIntensities(statement(148, 10)).recall(store, instant(10))
    const restarted = createKnownIntensities(statement(undefined, 20))
    await restarted.recall(store, instant(20))
    assert.equal(restarted.latest('DE', instant(20)), undefined)
    assert.equal(restarted.latest('DE', instant(19))?.intensity, 148)
  })

  it('holds a setting again that was taken away and came back as it was', async () => {
    const store = createMemoryStore(3600)
    await createKnownIntensities(statement(148, 10)).recall(store, instant(10))
    await createKnownIntensities(statement(undefined, 20)).recall(store, instant(20))
    const restarted = createKnownIntensities(statement(148, 30))
    await restarted.recall(store, instant(30))
    const asOf = (at: number) => restarted.latest('DE', instant(at))?.intensity
    assert.deepEqual([asOf(19), asOf(29), asOf(30)], [148, undefined, 148])
  })

  it('is kept once, however often the service starts', async () => {
    const store = createMemoryStore(3600)
    for (const start of [10, 20, 30]) {
      await createKnownIntensities(statement(148, start)).recall(store, instant(start))
    }
    assert.equal((await store.allFacts()).length, 1)
  })
})
