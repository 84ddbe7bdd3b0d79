import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { createAnswerReader } from '../../intensity/answer-reader.ts'
import { SourceError } from '../../intensity/source.ts'
import { instant } from '../../units.ts'
import { generatedHours, readFuelTypeRows } from './fuel-type-rows.ts'
import { technologyOfFuelType } from './fuel-types.ts'

const context = {
  respondent: 'PGE',
  reader: createAnswerReader('EIA', () => instant(0)),
  knownTypes: technologyOfFuelType,
}
const answer: unknown = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/eia/fuel-type-data.json', import.meta.url), 'utf8'),
)
const row = {
  period: '2026-10-04T14',
  respondent: 'PGE',
  fueltype: 'NG',
  value: 400,
  'value-units': 'megawatthours',
}
const read = (data: unknown) => readFuelTypeRows({ response: { data } }, context)
const shown = (json: unknown) =>
  generatedHours(readFuelTypeRows(json, context)).map(({ valid, amounts }) => [
    new Date(valid.from).toISOString().slice(11, 16),
    new Date(valid.to).toISOString().slice(11, 16),
    Object.fromEntries(amounts),
  ])

describe('an answer of EIA', () => {
  it('tells megawatt hours by fuel for the hour that ends at its period, numbers as text too', () => {
    assert.deepEqual(shown(answer), [
      ['13:00', '14:00', { NG: 400, WND: 100 }],
      ['14:00', '15:00', { NG: 380, WND: 120, WAT: 60 }],
    ])
  })

  it('has no figure where there is null, and 0 where there is 0', () => {
    assert.deepEqual(shown({ response: { data: [{ ...row, value: null }] } }), [['13:00', '14:00', {}]])
    assert.deepEqual(shown({ response: { data: [{ ...row, value: '0' }] } }), [['13:00', '14:00', { NG: 0 }]])
  })

  it('takes the last of two rows for one hour and fuel, and puts hours in order', () => {
    const rows = [{ ...row, period: '2026-10-04T15' }, row, { ...row, value: 410 }]
    assert.deepEqual(shown({ response: { data: rows } }), [
      ['13:00', '14:00', { NG: 410 }],
      ['14:00', '15:00', { NG: 400 }],
    ])
  })

  it('may be empty', () => {
    assert.deepEqual(read([]), [])
  })

  it('is refused by the name of the field that is not as documented', () => {
    for (const [wrong, field] of [
      [{ respondent: 'BPAT' }, 'respondent'],
      [{ 'value-units': 'MW' }, 'value-units'],
      [{ fueltype: 'XYZ' }, 'fueltype'],
      [{ fueltype: undefined }, 'fueltype'],
      [{ period: '2026-10-04' }, 'period'],
      [{ period: '2026-10-04T25' }, 'period'],
      [{ period: 1759586400 }, 'period'],
      [{ value: '' }, 'value'],
      [{ value: 'NA' }, 'value'],
      [{ value: undefined }, 'value'],
    ] as const) {
      assert.throws(
        () => read([{ ...row, ...wrong }]),
        (error) => {
          assert.ok(error instanceof SourceError)
          assert.ok(error.message.includes(field), error.message)
          return true
        },
      )
    }
    for (const json of [{}, { response: {} }, { response: { data: {} } }, { response: { data: [7] } }]) {
      assert.throws(() => readFuelTypeRows(json, context), /EIA answered with response/)
    }
  })
})
