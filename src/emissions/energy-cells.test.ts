import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type MeasuredEnergy, spansOf } from '../../test/fake-energy.ts'
import { flagBit } from '../energy/energy-sample.ts'
import type { TickBlock } from '../energy/energy-spans.ts'
import { createSpanColumns } from '../energy/span-columns.ts'
import { eachSampleOf } from '../energy/tick-block.ts'
import { instant } from '../units.ts'
import { cellsOf, cellsOfAll, coveredMs, createEnergyCells, type EnergyCells } from './energy-cells.ts'

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

describe('energy of whole blocks', () => {
  const rows = 5
  const most = 6
  const sample = fc.record({
    joules: fc.oneof({ weight: 4, arbitrary: fc.nat(1000) }, fc.constant(Number.NaN)),
    flagBits: fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, fc.nat(255)),
    beginsEarlier: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.nat(9)),
  })
  const block = fc.record({
    samples: fc.array(fc.array(sample, { minLength: rows, maxLength: rows }), {
      minLength: 1,
      maxLength: most,
    }),
    first: fc.nat(2),
    places: fc.array(fc.integer({ min: -1, max: 2 }), { minLength: rows, maxLength: rows }),
  })

  it('is that of their samples, one by one', () => {
    fc.assert(
      fc.property(block, fc.boolean(), ({ samples, first, places }, isLast) => {
        const stride = rows + 2
        const ticks: TickBlock = {
          node: 'a',
          series: Array.from({ length: rows }, () => ({ node: 'a', workload: app })),
          first: Math.min(first, samples.length),
          ticks: samples.length,
          from: Float64Array.from(samples, (_, tick) => 7 * tick),
          to: Float64Array.from(samples, (_, tick) => 7 * tick + 7),
          rows,
          stride,
          joules: Float64Array.from(
            samples.flatMap((tick) => [...tick.map(({ joules }) => joules), 1e9, 1e9]),
          ),
          flagBits: Uint8Array.from(
            samples.flatMap((tick) => [...tick.map(({ flagBits }) => flagBits), 255, 255]),
          ),
          earlierFrom: new Map(
            samples.flatMap((tick, at) =>
              tick.flatMap(({ beginsEarlier }, row) =>
                beginsEarlier === 0 ? [] : [[at * stride + row, instant(7 * at - beginsEarlier)] as const],
              ),
            ),
          ),
        }
        const options = { bounds: Float64Array.of(0, 10, 20, 30), mostCells: 300, isLast }
        const inBlocks = createEnergyCells(options)
        const groups = [...new Set(places.filter((place) => place >= 0))]
        const at = places.map((place) => (place < 0 ? groups.length : groups.indexOf(place)))
        const rowCounts = groups.map((group) => places.filter((place) => place === group).length)
        assert.ok(
          inBlocks.addBlock(ticks, {
            at: Uint32Array.from(at),
            groups: Int32Array.from([...groups, 1, 1]),
            rowCounts: Uint32Array.from(rowCounts),
          }),
        )
        const inRows = createEnergyCells(options)
        const columns = createSpanColumns(undefined)
        const everything = { from: instant(-Infinity), to: instant(Infinity) }
        eachSampleOf(ticks, everything, (series, row) => columns.add(series, row))
        const spans = columns.take()
        assert.ok(
          inRows.add(
            spans,
            Int32Array.from(spans.series, (one) => places[ticks.series.indexOf(one)] ?? -1),
          ),
        )
        const told = ({ measuredMs, earliestMs, latestMs, flagBits, samples }: EnergyCells) => ({
          measuredMs: measuredMs.slice(0, 9),
          earliestMs: earliestMs.slice(0, 9),
          latestMs: latestMs.slice(0, 9),
          flagBits: flagBits.slice(0, 3),
          samples,
        })
        const padded = (cells: EnergyCells) => {
          cells.add(spansOf([used(-9, -1, 1)]), Int32Array.of(2))
          return told(cells)
        }
        assert.deepEqual(padded(inBlocks), padded(inRows))
        for (const [cell, joules] of inRows.joules.entries())
          assert.ok(Math.abs((inBlocks.joules[cell] ?? 0) - joules) <= 1e-9 * joules)
      }),
    )
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
