import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { logScale, logTicks, positionOn, spreadLabels } from './log-position.ts'

describe('a logarithmic scale', () => {
  it('begins and ends at whole steps around its values', () => {
    assert.deepEqual(logScale([3, 70, 0]), { least: 2, greatest: 100 })
    assert.deepEqual(logScale([0.003]), { least: 0.002, greatest: 0.005 })
    assert.deepEqual(logScale([5]), { least: 5, greatest: 10 })
    assert.equal(logScale([0, Number.NaN]), undefined)
  })

  it('puts values where their ratio says', () => {
    const scale = { least: 1, greatest: 100 }
    assert.equal(positionOn(scale, 10), 0.5)
    assert.equal(positionOn(scale, 0), 0)
    assert.equal(positionOn(scale, 1000), 1)
  })

  it('has ticks at round figures, few of them over many decades', () => {
    assert.deepEqual(logTicks({ least: 2, greatest: 100 }), [2, 5, 10, 20, 50, 100])
    assert.deepEqual(logTicks({ least: 1, greatest: 1000 }), [1, 10, 100, 1000])
  })
})

describe('labels that stand too close', () => {
  it('make room for each other', () => {
    assert.deepEqual(
      spreadLabels(
        [
          { at: 50, width: 20 },
          { at: 55, width: 20 },
        ],
        200,
      ),
      [50, 70],
    )
    assert.deepEqual(
      spreadLabels(
        [
          { at: 190, width: 20 },
          { at: 195, width: 20 },
        ],
        200,
      ),
      [170, 190],
    )
    assert.deepEqual(spreadLabels([{ at: 5, width: 20 }], 200), [10])
  })

  it('do not overlap where there is room for all', () => {
    const label = fc.record({
      at: fc.integer({ min: 0, max: 1000 }),
      width: fc.integer({ min: 10, max: 80 }),
    })
    fc.assert(
      fc.property(fc.array(label, { maxLength: 6 }), (unsorted) => {
        const labels = unsorted.toSorted((left, right) => left.at - right.at)
        const placed = spreadLabels(labels, 1000)
        for (const [at, { width }] of labels.entries()) {
          const middle = placed[at] ?? Number.NaN
          assert.ok(middle >= width / 2 - 1e-6 && middle <= 1000 - width / 2 + 1e-6)
          if (at > 0)
            assert.ok(middle - width / 2 - ((placed[at - 1] ?? 0) + (labels[at - 1]?.width ?? 0) / 2) > -0.5)
        }
      }),
    )
  })
})
