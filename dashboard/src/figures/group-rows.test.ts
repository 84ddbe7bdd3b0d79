import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type GroupRow, groupRow, inOrder, rowsWith } from './group-rows.ts'

function row(
  namespace: string | null,
  pod: string | null,
  watts: number,
  grams: number | null = watts,
): GroupRow {
  return groupRow(
    {
      key: { namespace, pod },
      energy_j: watts * 10,
      mean_power_w: watts,
      coverage: 1,
      flags: [],
      co2_g: { DE: grams, FR: grams === null ? null : grams / 10 },
      co2_g_low: { DE: grams, FR: grams },
      co2_g_high: { DE: grams, FR: grams },
      energy_without_intensity_j: { DE: 0, FR: 0 },
    },
    'pod',
  )
}

const names = (rows: readonly GroupRow[]) => rows.map(({ name }) => name)
const rows = [row('shop', 'web-2', 5), row('shop', 'web-10', 7), row('batch', 'train-1', 6, null)]

describe('a row of the table', () => {
  it('has its own name, and says where it belongs', () => {
    assert.equal(rows[0]?.name, 'web-2')
    assert.equal(rows[0]?.within, 'shop')
  })

  it('is also there for energy that has no name yet, and is no other row', () => {
    assert.equal(row(null, null, 1).name, undefined)
    assert.notEqual(row(null, null, 1).id, row('null', 'null', 1).id)
  })
})

describe('the search in a table', () => {
  it('finds the rows in which every word occurs', () => {
    assert.deepEqual(names(rowsWith(rows, 'SHOP 10')), ['web-10'])
    assert.deepEqual(names(rowsWith(rows, '  ')), names(rows))
    assert.deepEqual(names(rowsWith([row(null, null, 1)], 'not named')), [undefined])
  })
})

describe('the order of a table', () => {
  it('puts what is not known last, whichever way round', () => {
    assert.deepEqual(names(inOrder(rows, { column: 'co2', isDescending: true }, 'DE')), [
      'web-10',
      'web-2',
      'train-1',
    ])
    assert.deepEqual(names(inOrder(rows, { column: 'co2:FR', isDescending: false }, 'DE')), [
      'web-2',
      'web-10',
      'train-1',
    ])
  })

  it('counts numbers in names as numbers', () => {
    assert.deepEqual(names(inOrder(rows, { column: 'name', isDescending: false }, 'DE')), [
      'train-1',
      'web-2',
      'web-10',
    ])
    assert.deepEqual(names(inOrder(rows, { column: 'power', isDescending: false }, 'DE')), [
      'web-2',
      'train-1',
      'web-10',
    ])
  })
})
