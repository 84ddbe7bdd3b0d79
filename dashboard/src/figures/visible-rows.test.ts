import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { visibleRows } from './visible-rows.ts'

describe('the rows of a long table that are drawn', () => {
  it('are those that can be seen and a block on either side', () => {
    assert.deepEqual(visibleRows({ rows: 10_000, rowHeight: 40, scrolled: 40 * 500, height: 600 }), {
      first: 490,
      end: 530,
      above: 490 * 40,
      below: (10_000 - 530) * 40,
    })
  })

  it('are the same ones while scrolling within a block', () => {
    const at = (scrolled: number) => visibleRows({ rows: 10_000, rowHeight: 40, scrolled, height: 600 })
    assert.deepEqual(at(40 * 500), at(40 * 500 + 199))
  })

  it('always include every row in sight, are few, and leave the height of the table as it is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 20_000 }),
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.integer({ min: 0, max: 2000 }),
        (rows, wanted, height) => {
          const rowHeight = 40
          const scrolled = Math.min(wanted, Math.max(0, rows * rowHeight - height))
          const { first, end, above, below } = visibleRows({ rows, rowHeight, scrolled, height })
          assert.ok(first * rowHeight <= scrolled || rows === 0)
          assert.ok(end === rows || end * rowHeight >= scrolled + height)
          assert.ok(end - first <= Math.ceil(height / rowHeight) + 40)
          assert.equal(above + (end - first) * rowHeight + below, rows * rowHeight)
        },
      ),
    )
  })
})
