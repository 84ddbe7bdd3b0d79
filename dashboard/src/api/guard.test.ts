import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { listOf, mapOf, number, optional, orNull, record, text, truth } from './guard.ts'

const guard = record({
  zone: text,
  grams: mapOf(orNull(number)),
  pieces: listOf(record({ at: text, isKnown: truth })),
  year: optional(number),
})

const fitting = { zone: 'DE', grams: { DE: 1, FR: null }, pieces: [{ at: 'now', isKnown: true }] }

/** The way to what is wrong with a value, or undefined where nothing is. */
function wrongWith(value: unknown): string | undefined {
  const wrong: string[] = []
  return guard(value, wrong) ? undefined : wrong.join('.')
}

describe('the guard of an answer', () => {
  it('lets through what fits, with more fields than it knows', () => {
    assert.equal(wrongWith(fitting), undefined)
    assert.equal(wrongWith({ ...fitting, year: 2024, more: [] }), undefined)
  })

  it('names the way to what does not fit', () => {
    assert.equal(wrongWith({ ...fitting, zone: 1 }), 'zone')
    assert.equal(wrongWith({ ...fitting, grams: { DE: 'much' } }), 'grams.DE')
    assert.equal(wrongWith({ ...fitting, pieces: [...fitting.pieces, { at: 'then' }] }), 'pieces.[1].isKnown')
    assert.equal(wrongWith({ ...fitting, year: null }), 'year')
    assert.equal(wrongWith({ ...fitting, pieces: {} }), 'pieces')
    assert.equal(wrongWith([]), '')
    assert.equal(wrongWith(null), '')
  })
})
