import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { instant } from '../units.ts'
import { clippedSpans, eachSpan } from './clip-spans.ts'
import type { EnergySeries, EnergySpans } from './energy-spans.ts'
import { createSpanColumns, type SpanRow } from './span-columns.ts'

const web = { node: 'node-1', workload: undefined }
const db = { node: 'node-2', workload: undefined }

const row = (from: number, to: number, differing: Partial<SpanRow> = {}): SpanRow => ({
  from,
  to,
  joules: to - from,
  samples: 1,
  flagBits: 0,
  ...differing,
})

function spansOf(...rows: readonly (readonly [EnergySeries, SpanRow])[]): EnergySpans {
  const columns = createSpanColumns(undefined)
  for (const [series, of] of rows) columns.add(series, of)
  return columns.take()
}

function rowsOf(spans: EnergySpans): readonly (readonly [EnergySeries, SpanRow])[] {
  const rows: (readonly [EnergySeries, SpanRow])[] = []
  eachSpan(spans, (series, of) => rows.push([series, { ...of }]))
  return rows
}

const between = (from: number, to: number) => () => ({ from: instant(from), to: instant(to) })

describe('columns of energy', () => {
  it('give back their rows, each with its series, portion by portion', () => {
    const columns = createSpanColumns(300)
    const portions = [0, 1].map((portion) => {
      for (let at = 0; at < 3000; at += 1)
        columns.add(at % 2 === portion ? web : db, row(at, at + 1, { flagBits: 8 }))
      assert.equal(columns.length, 3000)
      return columns.take()
    })
    for (const [portion, spans] of portions.entries()) {
      assert.equal(spans.grainSeconds, 300)
      assert.equal(spans.series.length, 2)
      const rows = rowsOf(spans)
      assert.equal(rows.length, 3000)
      assert.deepEqual(rows[2999], [portion === 1 ? web : db, row(2999, 3000, { flagBits: 8 })])
    }
    assert.equal(columns.take().length, 0)
  })
})

describe('clipping energy to a window', () => {
  it('leaves alone what lies within, and leaves out what shares no time with it', () => {
    const spans = spansOf([web, row(0, 10)], [web, row(10, 20)], [web, row(20, 30)])
    assert.deepEqual(rowsOf(clippedSpans(spans, between(10, 20))), [[web, row(10, 20)]])
  })

  it('cuts a row in proportion to time, and counts it where its end is', () => {
    const spans = spansOf([web, row(0, 10, { joules: 40, flagBits: 8 })])
    assert.deepEqual(rowsOf(clippedSpans(spans, between(5, 99))), [
      [web, row(5, 10, { joules: 20, flagBits: 8 })],
    ])
    assert.deepEqual(rowsOf(clippedSpans(spans, between(-5, 5))), [
      [web, row(0, 5, { joules: 20, samples: 0, flagBits: 8 })],
    ])
  })

  it('has a window for each series', () => {
    const spans = spansOf([web, row(0, 10)], [db, row(0, 10)])
    const windowOf = ({ node }: EnergySeries) => between(node === 'node-1' ? 5 : 10, Infinity)()
    assert.deepEqual(rowsOf(clippedSpans(spans, windowOf)), [[web, row(5, 10)]])
  })

  it('conserves energy, time and samples, wherever it cuts', () => {
    const rows = fc.array(
      fc.record({
        from: fc.integer({ min: 0, max: 50 }),
        length: fc.integer({ min: 1, max: 50 }),
        joules: fc.double({ min: 0, max: 1e6, noNaN: true }),
      }),
    )
    fc.assert(
      fc.property(rows, fc.integer({ min: -5, max: 105 }), (given, at) => {
        const spans = spansOf(
          ...given.map(({ from, length, joules }) => [web, row(from, from + length, { joules })] as const),
        )
        const parts = [
          clippedSpans(spans, between(-Infinity, at)),
          clippedSpans(spans, between(at, Infinity)),
        ]
        const sums = (of: readonly EnergySpans[]) => {
          const rows = of
            .flatMap(rowsOf)
            .map(([, { from, to, joules, samples }]) => ({ time: to - from, joules, samples }))
          return {
            joules: rows.reduce((sum, { joules }) => sum + joules, 0),
            time: rows.reduce((sum, { time }) => sum + time, 0),
            samples: rows.reduce((sum, { samples }) => sum + samples, 0),
          }
        }
        const [whole, cut] = [sums([spans]), sums(parts)]
        assert.ok(Math.abs(whole.joules - cut.joules) <= 1e-12 * whole.joules + 1e-300)
        assert.deepEqual([cut.time, cut.samples], [whole.time, whole.samples])
      }),
    )
  })
})
