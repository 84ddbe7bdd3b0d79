import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { hasValues, restOf, stacked } from './stack.ts'

describe('stacked layers', () => {
  it('lie on each other', () => {
    assert.deepEqual(
      stacked([
        [1, 2],
        [10, 20],
      ]),
      [
        [1, 2],
        [11, 22],
      ],
    )
  })

  it('have a gap where nothing is known, and go on below a layer that is not known', () => {
    assert.deepEqual(
      stacked([
        [1, null, null],
        [null, 5, null],
      ]),
      [
        [1, 0, null],
        [1, 5, null],
      ],
    )
    assert.deepEqual(stacked([]), [])
  })

  it('end with the total, however it was parted', () => {
    const amount = fc.integer({ min: 0, max: 1000 })
    fc.assert(
      fc.property(fc.array(fc.tuple(amount, amount, amount), { minLength: 1 }), (rows) => {
        const total = rows.map(([a, b, c]) => a + b + c)
        const parts = [rows.map(([a]) => a), rows.map(([, b]) => b)]
        const rest = restOf(total, parts)
        assert.deepEqual(stacked([...parts, rest]).at(-1), total)
      }),
    )
  })
})

describe('the rest of a total', () => {
  it('is never negative, and unknown where the total is', () => {
    assert.deepEqual(restOf([5, 5, null], [[2, 6, 1]]), [3, 0, null])
  })
})

describe('a series', () => {
  it('has something to show when one value is known', () => {
    assert.equal(hasValues([[null], [null, 0]]), true)
    assert.equal(hasValues([[null], []]), false)
  })
})
