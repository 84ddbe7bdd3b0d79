import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type MeasuredEnergy, spansOf } from '../../test/fake-energy.ts'
import { flagBit } from '../energy/energy-sample.ts'
import { cellsOf, cellsOfAll, coveredMs, createEnergyCells } from './energy-cells.ts'

const app = { namespace: 'shop', pod: 'web', container: 'app' }
const used = (from: number, to: number, joules: number, more: Partial<MeasuredEnergy> = {}) => ({
  node: 'a',
  workload: app,
  from,
  to,
  joules,
  ...more,
})

function cellsWith(rows: readonly MeasuredEnergy[], groups: readonly number[] = [0]) {
  const cells = createEnergyCells({ bounds: Float64Array.of(0, 10, 20, 30), mostCells: 300, isLast: true })
  assert.ok(cells.add(spansOf(rows), Int32Array.from(groups)))
  return cells
}

describe('energy by group and atom', () => {
  it('takes a row whole where it lies within an atom', () => {
    const cells = cellsWith([used(0, 10, 0.1), used(12, 13, 0.2)])
    assert.deepEqual([...cells.joules], [0.1, 0.2, 0])
    assert.deepEqual([...cells.measuredMs], [10, 1, 0])
  })

  it('cuts a row at the bounds of atoms, in proportion to time', () => {
    const cells = cellsWith([used(5, 25, 20)])
    assert.deepEqual([...cells.joules], [5, 10, 5])
    assert.deepEqual([...cells.measuredMs], [5, 10, 5])
  })

  it('leaves out what lies before the first bound and after the last', () => {
    const cells = cellsWith([used(-10, 10, 20), used(20, 40, 40), used(-10, 0, 7), used(30, 40, 7)])
    assert.deepEqual([...cells.joules], [10, 0, 20])
    assert.equal(cells.samples, 2)
  })

  it('keeps groups apart, and leaves out the series of none', () => {
    const rows = [used(0, 10, 1), used(0, 10, 2, { node: 'b' }), used(0, 10, 4, { node: 'c' })]
    const cells = cellsWith(rows, [1, -1, 0])
    assert.deepEqual([...cells.joules.subarray(0, 6)], [4, 0, 0, 1, 0, 0])
    assert.equal(cells.groups, 2)
    assert.equal(cellsOf(cells, 1).offset, 3)
    assert.deepEqual([...cellsOfAll(cells).joules], [5, 0, 0])
  })

  it('remembers the flags of each group, and the coarsest sums', () => {
    const cells = cellsWith([used(0, 10, 1, { flags: ['reset'] }), used(10, 20, 1, { flags: ['gap'] })])
    assert.equal(cells.flagBits[0], flagBit('reset') | flagBit('gap'))
    assert.equal(cells.coarsestGrainSeconds, undefined)
    cells.add(spansOf([used(0, 10, 1)], 300), Int32Array.of(0))
    cells.add(spansOf([used(0, 10, 1)], 3600), Int32Array.of(0))
    cells.add(spansOf([used(0, 10, 1)], 300), Int32Array.of(0))
    assert.equal(cells.coarsestGrainSeconds, 3600)
  })

  it('counts a sample where it ends, so that it is counted once when time is taken in turn', () => {
    const rows = [used(5, 15, 1), used(15, 25, 1)]
    const countBetween = (from: number, to: number, isLast: boolean) => {
      const cells = createEnergyCells({ bounds: Float64Array.of(from, to), mostCells: 10, isLast })
      cells.add(spansOf(rows), Int32Array.of(0))
      return cells.samples
    }
    assert.deepEqual([countBetween(0, 10, false), countBetween(10, 20, false)], [0, 1])
    assert.equal(countBetween(20, 22, true), 1)
  })

  it('refuses more groups than there is room for', () => {
    const cells = createEnergyCells({ bounds: Float64Array.of(0, 10, 20, 30), mostCells: 9, isLast: true })
    assert.ok(cells.add(spansOf([used(0, 10, 1)]), Int32Array.of(2)))
    assert.ok(!cells.add(spansOf([used(0, 10, 1)]), Int32Array.of(3)))
  })
})

describe('the time that an atom was measured', () => {
  const coveredIn = (rows: readonly MeasuredEnergy[]) => {
    const cells = cellsWith(rows)
    return [0, 1, 2].map((atom) => coveredMs(cellsOf(cells, 0), atom))
  }

  it('is what one container was measured, pauses and all', () => {
    assert.deepEqual(coveredIn([used(2, 4, 1), used(7, 9, 1), used(15, 25, 1)]), [4, 5, 5])
  })

  it('is counted once where several were, and ends where the last of them does', () => {
    assert.deepEqual(coveredIn([used(0, 6, 1), used(2, 8, 1), used(12, 18, 1), used(12, 18, 1)]), [8, 6, 0])
  })

  it('may be anywhere in the grain of a sum, whose time is laid at its beginning', () => {
    const cells = createEnergyCells({ bounds: Float64Array.of(0, 300_000), mostCells: 10, isLast: true })
    cells.add(spansOf([used(0, 140_000, 1)]), Int32Array.of(0))
    cells.add(spansOf([used(0, 160_000, 1)], 300), Int32Array.of(0))
    assert.equal(coveredMs(cellsOf(cells, 0), 0), 300_000)
  })

  it('never exceeds the atom, whatever is measured', () => {
    assert.deepEqual(coveredIn([used(-5, 40, 1), used(0, 30, 1), used(0, 30, 1)]), [10, 10, 10])
  })
})
