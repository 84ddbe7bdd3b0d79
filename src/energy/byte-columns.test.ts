import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ByteReader, ByteWriter } from './byte-columns.ts'

describe('numbers written as bytes', () => {
  it('are read as they were, in the same order', () => {
    const whole = fc.maxSafeNat()
    const signed = fc.integer({ min: -(2 ** 51), max: 2 ** 51 })
    fc.assert(
      fc.property(fc.array(fc.tuple(whole, signed, fc.double()), { maxLength: 40 }), (rows) => {
        const writer = new ByteWriter()
        for (const [first, second, third] of rows) {
          writer.whole(first)
          writer.signed(second)
          writer.double(third)
        }
        const reader = new ByteReader(writer.take())
        const read = rows.map(() => [reader.whole(), reader.signed(), reader.double()])
        assert.deepEqual(read, rows)
      }),
    )
  })

  it('end where they end', () => {
    const reader = new ByteReader(Uint8Array.of(3))
    assert.equal(reader.byte(), 3)
    assert.throws(() => reader.byte(), { name: 'RangeError', message: 'there is no more to read' })
  })
})
