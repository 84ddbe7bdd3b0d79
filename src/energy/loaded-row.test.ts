import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { numberAt } from './columns.ts'
import { emptyRow } from './loaded-row.ts'

describe('a loaded row', () => {
  it('has a place for each tick, and none beyond', () => {
    const { energies } = emptyRow(2)
    energies[1] = 7.5
    assert.equal(numberAt(energies, 1), 7.5)
    assert.throws(() => numberAt(energies, 2), { name: 'RangeError', message: 'the column has no place 2' })
  })
})
