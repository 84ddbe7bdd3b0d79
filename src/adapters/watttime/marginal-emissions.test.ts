import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { createAnswerReader } from '../../intensity/answer-reader.ts'
import { SourceError } from '../../intensity/source.ts'
import type { Figure } from '../../intensity/source-facts.ts'
import { instant } from '../../units.ts'
import { readMarginalEmissions, withoutLongZeros } from './marginal-emissions.ts'

const context = {
  region: 'CAISO_NORTH',
  kind: 'estimated',
  reader: createAnswerReader('WattTime', () => instant(0)),
} as const
const answer: unknown = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/watttime/v3/historical.json', import.meta.url), 'utf8'),
)
const meta = {
  data_point_period_seconds: 300,
  region: 'CAISO_NORTH',
  signal_type: 'co2_moer',
  model: { date: '2026-03-01' },
  units: 'lbs_co2_per_mwh',
}
const point = { point_time: '2026-10-05T11:00:00+00:00', value: 1000 }

describe('an answer of WattTime', () => {
  it('tells pounds per megawatt hour, of 453.59237 g each, and nothing for null', () => {
    assert.deepEqual(
      readMarginalEmissions(answer, context).map(({ valid, grams }) => [
        new Date(valid.from).toISOString().slice(11, 16),
        (valid.to - valid.from) / 1000,
        grams,
      ]),
      [
        ['11:00', 300, 453.592_37],
        ['11:05', 300, 226.796_185],
        ['11:15', 300, 0],
      ],
    )
  })

  it('is a model’s estimate, by the date of the model where it is told', () => {
    const [figure] = readMarginalEmissions(answer, context)
    assert.deepEqual(figure?.method, { kind: 'estimated', detail: 'co2_moer 2026-03-01' })
    const [unnamed] = readMarginalEmissions({ data: [point], meta: { ...meta, model: undefined } }, context)
    assert.deepEqual(unnamed?.method, { kind: 'estimated', detail: 'co2_moer' })
  })

  it('is refused by the name of the field that is not as documented', () => {
    for (const [wrong, field] of [
      [{ meta: { ...meta, region: 'ERCOT' } }, 'meta.region'],
      [{ meta: { ...meta, signal_type: 'health_damage' } }, 'meta.signal_type'],
      [{ meta: { ...meta, signal_type: 'co2_aoer' } }, 'meta.signal_type'],
      [{ meta: { ...meta, units: 'kg_co2_per_mwh' } }, 'meta.units'],
      [{ meta: { ...meta, data_point_period_seconds: 0 } }, 'meta.data_point_period_seconds'],
      [{ meta: { ...meta, data_point_period_seconds: '300' } }, 'meta.data_point_period_seconds'],
      [{ meta: { ...meta, model: {} } }, 'meta.model.date'],
      [{ meta: undefined }, 'meta'],
      [{ data: undefined }, 'data'],
      [{ data: [{ ...point, point_time: 'soon' }] }, 'point_time'],
      [{ data: [{ ...point, value: '870' }] }, 'value'],
      [{ data: [{ point_time: point.point_time }] }, 'value'],
    ] as const) {
      assert.throws(
        () => readMarginalEmissions({ data: [point], meta, ...wrong }, context),
        (error) => {
          assert.ok(error instanceof SourceError)
          assert.ok(error.message.includes(field), error.message)
          return true
        },
      )
    }
  })
})

function series(values: readonly number[]): readonly Figure[] {
  return values.map((grams, index) => ({
    valid: { from: instant(index * 300_000), to: instant((index + 1) * 300_000) },
    grams,
    method: { kind: 'estimated' },
  }))
}
const zeros = (count: number) => Array.from({ length: count }, () => 0)
const kept = (values: readonly number[]) => withoutLongZeros(series(values)).map(({ grams }) => grams)

describe('exact zeros', () => {
  it('are believed for up to an hour', () => {
    assert.deepEqual(kept([5, ...zeros(12), 5]), [5, ...zeros(12), 5])
  })

  it('are left out for longer, wherever they stand', () => {
    assert.deepEqual(kept([5, ...zeros(13), 6]), [5, 6])
    assert.deepEqual(kept([...zeros(13), 6]), [6])
    assert.deepEqual(kept([5, ...zeros(13)]), [5])
    assert.deepEqual(kept(zeros(13)), [])
  })

  it('are all that is ever left out', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 0, 0, 0, 7)), (values) => {
        assert.deepEqual(
          kept(values).filter((grams) => grams !== 0),
          values.filter((grams) => grams !== 0),
        )
      }),
    )
  })
})
