import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ByteWriter } from './byte-columns.ts'
import { readRow, SampleRowWriter } from './sample-row.ts'

type Sample = readonly [energy: number, counter: number]
const none: Sample = [Number.NaN, Number.NaN]

/** The bytes of rows, and what is read from them. */
function written(rows: readonly (readonly Sample[])[]) {
  const bytes = new ByteWriter()
  const writer = new SampleRowWriter(bytes, 100)
  const starts = rows.map((row) => {
    const start = bytes.length
    writer.write({
      energies: Float64Array.from(row, ([energy]) => energy),
      counters: Float64Array.from(row, ([, counter]) => counter),
    })
    return start
  })
  const all = bytes.take()
  const read = rows.map((row, index) => {
    const into = { energies: new Float64Array(row.length), counters: new Float64Array(row.length) }
    readRow(all, starts[index] ?? 0, into)
    return row.map((_, tick): Sample => [into.energies[tick] ?? 0, into.counters[tick] ?? 0])
  })
  return { bytes: all, read }
}

/** `deepEqual` is strict about NaN and the sign of zero. */
function assertComesBack(...rows: readonly (readonly Sample[])[]): void {
  assert.deepEqual(written(rows).read, rows)
}

const bytesPerSample = (row: readonly Sample[]) => written([row]).bytes.length / row.length

/** Samples of a container, read at these values: of one counter, or of several that are added up. */
function samplesOf(readings: readonly (readonly number[])[]): readonly Sample[] {
  return readings.slice(1).map((counters, index) => {
    const before = readings[index] ?? []
    const energy = counters.reduce((sum, joules, zone) => sum + (joules - (before[zone] ?? 0)), 0)
    return [energy, counters.reduce((sum, joules) => sum + joules, 0)]
  })
}

/** A counter as Kepler prints it, at a power that changes a little all the time. */
function walk({ decimals, from, seed }: { decimals: number; from: number; seed: number }): readonly number[] {
  let state = seed
  let joules = from
  return Array.from({ length: 25 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    joules += 50 * (1 + (0.1 * state) / 2 ** 32)
    return Number(joules.toFixed(decimals))
  })
}

describe('a row of samples', () => {
  it('comes back to the last bit', () => {
    assertComesBack(
      [
        [0.1 + 0.2, 1.3],
        [5e-324, 1e300],
        [-0, 0],
      ],
      [[30, 4240]],
      [],
      [none, none],
      [[1.5, 3], none, [2.5, 5.5], none],
    )
  })

  it('comes back whatever numbers it holds', () => {
    const number = fc.oneof(
      fc.double({ noNaN: true }),
      fc.double({ noNaN: true, min: 0, max: 1e7 }),
      fc.integer({ min: 0, max: 1e9 }).map((millijoules) => millijoules / 1000),
      fc.maxSafeInteger(),
    )
    const sample = fc.oneof({ weight: 8, arbitrary: fc.tuple(number, number) }, fc.constant(none))
    fc.assert(
      fc.property(fc.array(fc.array(sample, { maxLength: 40 }), { maxLength: 4 }), (rows) =>
        assertComesBack(...rows),
      ),
      { numRuns: 2000 },
    )
  })

  it('comes back whatever counters of a container do, one or several', () => {
    const decimals = fc.integer({ min: 0, max: 9 })
    const advance = fc.oneof(
      { weight: 8, arbitrary: fc.double({ min: 0, max: 1000, noNaN: true }) },
      fc.constant(0),
      fc.constant('reset' as const),
    )
    const start = fc.constantFrom(0, 1, 999.999, 1e6, 262_143.328_85, 4.5e8, 3e12, 2 ** 53)
    const counter = fc.tuple(start, decimals, fc.array(advance, { minLength: 30, maxLength: 30 }))
    fc.assert(
      fc.property(fc.array(counter, { minLength: 1, maxLength: 3 }), (counters) => {
        const values = counters.map(([from, digits, advances]) => {
          let joules = from
          return advances.map((by) => {
            joules = by === 'reset' ? 0.25 : joules + by
            return Number(joules.toFixed(digits))
          })
        })
        const ticks = Array.from({ length: 30 }, (_, tick) => values.map((ofCounter) => ofCounter[tick] ?? 0))
        assertComesBack(samplesOf(ticks))
      }),
      { numRuns: 1000 },
    )
  })

  it('takes little more than a byte a sample at constant power', () => {
    const readings = Array.from({ length: 25 }, (_, tick) => [Math.round(123_456_789 + tick * 50_003) / 1000])
    assert.ok(bytesPerSample(samplesOf(readings)) < 1.5, String(bytesPerSample(samplesOf(readings))))
  })

  it('takes two to three bytes a sample at a power that changes, in millijoules', () => {
    const row = samplesOf(walk({ decimals: 3, from: 98_765.432, seed: 7 }).map((joules) => [joules]))
    assert.ok(bytesPerSample(row) < 2.6, String(bytesPerSample(row)))
  })

  it('takes five bytes and less where the counters of two zones, in microjoules, are added up', () => {
    const dram = walk({ decimals: 6, from: 54_321.123_456, seed: 3 })
    const row = samplesOf(
      walk({ decimals: 6, from: 262_143.328_85, seed: 5 }).map((joules, tick) => [joules, dram[tick] ?? 0]),
    )
    assert.ok(bytesPerSample(row) < 5.5, String(bytesPerSample(row)))
  })

  it('takes 16 bytes a sample, and one, for numbers that are no decimals', () => {
    const row = Array.from({ length: 24 }, (_, tick): Sample => [Math.PI * tick, Math.E * tick])
    assert.equal(written([row]).bytes.length, 24 * 16 + 1)
  })
})
