import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isPlain, lineEndFrom, sameBytes, skipPlainWords } from './bytes.ts'

/** Mostly letters, with the bytes that mean something, and their neighbours, among them. */
const byte = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0x61, max: 0x7a }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      0,
      9,
      10,
      11,
      0x20,
      0x21,
      0x22,
      0x23,
      0x5b,
      0x5c,
      0x5d,
      0x7f,
      0x80,
      0x8a,
      0x8b,
      0xff,
    ),
  },
)
const text = fc
  .uint8Array({ maxLength: 80 })
  .chain(({ length }) => fc.array(byte, { minLength: length, maxLength: length }))
const viewOf = (bytes: readonly number[]) => new DataView(Uint8Array.from(bytes).buffer)

describe('looking at bytes by words', () => {
  it('finds the first line feed, or the end', () => {
    fc.assert(
      fc.property(text, fc.nat(80), (bytes, at) => {
        const start = Math.min(at, bytes.length)
        const found = bytes.indexOf(10, start)
        assert.equal(lineEndFrom(viewOf(bytes), start), found < 0 ? bytes.length : found)
      }),
      { numRuns: 3000 },
    )
  })

  it('never passes over a byte that is not plain', () => {
    fc.assert(
      fc.property(text, fc.nat(80), (bytes, at) => {
        const start = Math.min(at, bytes.length)
        const end = skipPlainWords(viewOf(bytes), start)
        assert.ok(end >= start && end <= bytes.length)
        assert.ok(bytes.slice(start, end).every(isPlain))
      }),
      { numRuns: 3000 },
    )
  })

  it('passes over all plain bytes but the last few', () => {
    assert.equal(skipPlainWords(viewOf([...Buffer.from('a'.repeat(30))]), 1), 25)
  })

  it('tells two strings apart that differ in one bit, wherever it is', () => {
    for (let length = 0; length < 70; length++) {
      const bytes = Array.from({ length }, (_, index) => (index * 31) % 256)
      assert.ok(sameBytes(viewOf([1, 2, 3, ...bytes]), 3, viewOf([...bytes, 9]), 0, length))
      for (let index = 0; index < length; index++) {
        for (const bit of [0x01, 0x80]) {
          const other = bytes.with(index, (bytes[index] ?? 0) ^ bit)
          assert.ok(
            !sameBytes(viewOf([1, 2, 3, ...bytes]), 3, viewOf([...other, 9]), 0, length),
            `${index} of ${length}`,
          )
        }
      }
    }
  })
})
