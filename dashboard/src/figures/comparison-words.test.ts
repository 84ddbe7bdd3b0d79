import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { differenceBetween, differenceWords, type Likely, standstillWords } from './comparison-words.ts'

const nbsp = '\u00A0'
const likely = (grams: number, off: number): Likely => ({
  grams,
  low: grams * (1 - off),
  high: grams * (1 + off),
})

describe('the difference between two zones', () => {
  it('is in percent, and a multiple from a doubling on', () => {
    assert.equal(differenceWords(100, 22), `78${nbsp}% less`)
    assert.equal(differenceWords(100, 112), `12${nbsp}% more`)
    assert.equal(differenceWords(100, 340), `3.4${nbsp}× as much`)
    assert.equal(differenceWords(100, 199.6), `2.0${nbsp}× as much`)
    assert.equal(differenceWords(100, 100.4), 'the same')
    assert.equal(differenceWords(0, 1), 'more')
  })

  it('is only told where the likely ranges have nothing in common', () => {
    assert.equal(differenceBetween(likely(100, 0.1), likely(50, 0.1)).kind, 'less')
    assert.equal(differenceBetween(likely(100, 0.1), likely(200, 0.1)).kind, 'more')
    assert.equal(differenceBetween(likely(100, 0.1), likely(85, 0.1)).kind, 'too-close')
  })
})

describe('what a saving amounts to', () => {
  it('is the time for which the same work would have to stand still', () => {
    assert.equal(standstillWords(75, { grams: 100, seconds: 86_400 }), `18${nbsp}h`)
    assert.equal(standstillWords(0, { grams: 100, seconds: 86_400 }), undefined)
    assert.equal(standstillWords(10, { grams: 0, seconds: 86_400 }), undefined)
  })
})
