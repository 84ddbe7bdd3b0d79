import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { causeOf, changeText, type Period, trendBetween } from './trend.ts'

const period = (joules: number, grams: number | null, coverage = 1): Period => ({ joules, grams, coverage })

describe('the trend between two periods', () => {
  it('is up, down or level, and says how much of it is energy and how much the grid', () => {
    const trend = trendBetween(period(1000, 100), period(1100, 132))
    assert.ok(trend.kind === 'compared')
    assert.equal(trend.direction, 'up')
    assert.equal(changeText(trend.change), '+32\u00A0%')
    assert.equal(causeOf(trend), 'energy +10\u00A0%, grid +20\u00A0%')
    const down = trendBetween(period(1000, 100), period(1000, 50))
    assert.ok(down.kind === 'compared' && down.direction === 'down')
    const level = trendBetween(period(1000, 100), period(1000, 101))
    assert.ok(level.kind === 'compared' && level.direction === 'level')
  })

  it('is not said where one of them was measured in part only, or not at all', () => {
    assert.deepEqual(trendBetween(period(500, 50, 0.5), period(1000, 100)), {
      kind: 'not-comparable',
      because: 'only 50\u00A0% of the time before was measured',
    })
    assert.deepEqual(trendBetween(period(1000, 100), period(500, 50, 0.2)), {
      kind: 'not-comparable',
      because: 'only 20\u00A0% of the last hour was measured',
    })
    assert.equal(trendBetween(undefined, period(1, 1)).kind, 'not-comparable')
    assert.equal(trendBetween(period(0, 0, 0), period(1, 1)).kind, 'not-comparable')
  })

  it('is not said where grams are not known, or nothing was emitted', () => {
    assert.equal(trendBetween(period(1, null), period(1, 1)).kind, 'not-comparable')
    assert.equal(trendBetween(period(0, 0), period(1, 1)).kind, 'not-comparable')
  })

  it('does not take a missed scrape for a saving', () => {
    const trend = trendBetween(period(1000, 100), period(950, 95, 0.95))
    assert.ok(trend.kind === 'compared' && trend.direction === 'level')
  })

  it('has two causes that multiply to the whole', () => {
    const positive = fc.double({ min: 1, max: 1000, noNaN: true })
    fc.assert(
      fc.property(positive, positive, positive, positive, (j1, g1, j2, g2) => {
        const trend = trendBetween(period(j1, g1), period(j2, g2))
        assert.ok(trend.kind === 'compared')
        const product = (1 + trend.energyChange) * (1 + trend.intensityChange)
        assert.ok(Math.abs(product / (1 + trend.change) - 1) < 1e-9)
      }),
    )
  })
})

describe('a change in words', () => {
  it('is in percent, and a multiple from a doubling on', () => {
    assert.equal(changeText(0.124), '+12\u00A0%')
    assert.equal(changeText(-0.031), '−3\u00A0%')
    assert.equal(changeText(0.001), '±0\u00A0%')
    assert.equal(changeText(1.4), '×\u20092.4')
  })
})
