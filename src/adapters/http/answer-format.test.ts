import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { answerFormatOf } from './answer-format.ts'

describe('the format of an answer', () => {
  it('is JSON where nobody minds', () => {
    for (const accept of [undefined, '', '*/*', 'application/*', 'text/html, */*;q=0.8'])
      assert.equal(answerFormatOf(undefined, accept), 'json')
  })

  it('is what the Accept header likes best', () => {
    const accepts = [
      ['text/csv', 'csv'],
      ['Text/CSV; charset=utf-8', 'csv'],
      ['application/vnd.apache.parquet', 'parquet'],
      ['application/json;q=0.5, text/csv;q=0.9', 'csv'],
      ['text/csv;q=0, */*;q=0.1', 'json'],
      ['text/*', 'csv'],
      ['application/json, text/csv', 'json'],
      ['text/csv;q=nonsense, application/json;q=0.2', 'json'],
    ] as const
    for (const [accept, format] of accepts) assert.equal(answerFormatOf(undefined, accept), format, accept)
  })

  it('is the one that is named, whatever the header says', () => {
    assert.equal(answerFormatOf('parquet', 'text/csv'), 'parquet')
  })

  it('is none of those where the header allows none', () => {
    for (const accept of ['text/html', 'application/json;q=0', 'image/*']) {
      assert.throws(() => answerFormatOf(undefined, accept), {
        statusCode: 406,
        message:
          /it must allow application\/json, text\/csv, application\/vnd\.apache\.parquet, or be left out$/,
      })
    }
  })
})
