import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ranksShown } from './ranks-shown.ts'

const rows = Array.from({ length: 40 }, (_, at) => at)

function written(matters: readonly number[], all: readonly number[] = rows): string {
  return ranksShown(all, (row) => matters.includes(row))
    .map((shown) => (shown.kind === 'row' ? shown.row : `(${shown.count})`))
    .join(' ')
}

describe('what is shown of a ranking', () => {
  it('is its beginning, its end, and what matters with its neighbours', () => {
    assert.equal(written([20]), '0 1 2 3 4 5 6 7 8 9 (8) 18 19 20 21 22 (14) 37 38 39')
  })

  it('is a row rather than the word that one is left out', () => {
    assert.equal(written([13]), '0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (21) 37 38 39')
  })

  it('is all of a short one', () => {
    assert.equal(written([], rows.slice(0, 13)), '0 1 2 3 4 5 6 7 8 9 10 11 12')
  })
})
