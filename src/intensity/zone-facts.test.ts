import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { measuredFact } from '../../test/measured-fact.ts'
import { instant } from '../units.ts'
import type { IntensityFact } from './fact.ts'
import { createZoneFacts } from './zone-facts.ts'

const fact = (grams: number, from: number, to: number, learnedAt = 0, more: Partial<IntensityFact> = {}) =>
  measuredFact(grams, from, to, { learnedAt: instant(learnedAt), ...more })

/** What is kept of deliveries that are made one after another, as `[grams, from, to, learnedAt]`. */
function kept(...deliveries: readonly (readonly IntensityFact[])[]) {
  const facts = createZoneFacts()
  for (const delivery of deliveries) facts.addDelivery(delivery)
  return facts
    .around({ from: instant(-Infinity), to: instant(Infinity) })
    .sort((a, b) => a.learnedAt - b.learnedAt || a.intensity - b.intensity)
    .map(({ intensity, valid, learnedAt }) => [intensity, valid.from, valid.to, learnedAt])
}

describe('a fact that is delivered again', () => {
  it('is not stored twice within one delivery', () => {
    assert.deepEqual(kept([fact(100, 0, 10), fact(50, 10, 20), fact(100, 0, 10)]), [
      [50, 10, 20, 0],
      [100, 0, 10, 0],
    ])
  })

  it('is not stored twice when it was learned at the same moment', () => {
    assert.deepEqual(kept([fact(100, 0, 10)], [fact(100, 0, 10)]), [[100, 0, 10, 0]])
  })

  it('stays known from the first time on', () => {
    assert.deepEqual(kept([fact(100, 0, 10, 1)], [fact(100, 0, 10, 2)], [fact(100, 0, 10, 3)]), [
      [100, 0, 10, 1],
    ])
  })

  it('is stored for earlier when it turns out to have been known then', () => {
    assert.deepEqual(kept([fact(100, 0, 10, 3)], [fact(100, 0, 10, 1)]), [
      [100, 0, 10, 1],
      [100, 0, 10, 3],
    ])
  })

  it('counts again when its source had changed its mind in between', () => {
    assert.deepEqual(kept([fact(100, 0, 10, 1)], [fact(110, 0, 10, 2)], [fact(100, 0, 10, 3)]), [
      [100, 0, 10, 1],
      [110, 0, 10, 2],
      [100, 0, 10, 3],
    ])
  })

  it('counts again when a finer figure had replaced part of it in between', () => {
    assert.deepEqual(kept([fact(100, 0, 10, 1)], [fact(110, 0, 5, 2)], [fact(100, 0, 10, 3)]), [
      [100, 0, 10, 1],
      [110, 0, 5, 2],
      [100, 0, 10, 3],
    ])
  })

  it('does not count again for a neighbour, a better source or another kind of figure', () => {
    const others = [
      fact(200, 10, 20, 1),
      fact(300, 0, 10, 1, { rank: 10 }),
      fact(400, 0, 10, 1, { method: { kind: 'forecast' } }),
      fact(500, 0, 10, 1, { signal: 'marginal' }),
      fact(600, 0, 10, 1, { basis: 'direct' }),
    ]
    const learnedAgain = others.map((other) => ({ ...other, learnedAt: instant(2) }))
    const all = kept([fact(100, 0, 10, 1), ...others], [fact(100, 0, 10, 2), ...learnedAgain])
    assert.deepEqual(
      all.map(([grams, , , learnedAt]) => [grams, learnedAt]),
      [100, 200, 300, 400, 500, 600].map((grams) => [grams, 1]),
    )
  })
})

describe('the facts about a zone', () => {
  it('are found around a time, without those that lie far from it', () => {
    const facts = createZoneFacts()
    facts.addDelivery([fact(1, 40, 50), fact(2, 0, 10), fact(3, 20, 30), fact(4, -Infinity, Infinity)])
    const grams = facts.around({ from: instant(22), to: instant(25) }).map(({ intensity }) => intensity)
    assert.deepEqual(new Set<number>(grams), new Set([3, 4]))
  })

  it('are found when they were learned last and hold first', () => {
    const facts = createZoneFacts()
    facts.addDelivery([fact(1, 40, 50, 0)])
    facts.addDelivery([fact(2, 0, 10, 1), fact(3, 60, 70, 1)])
    assert.deepEqual(
      facts.around({ from: instant(2), to: instant(65) }).map(({ intensity }) => intensity),
      [2, 1, 3],
    )
  })
})
