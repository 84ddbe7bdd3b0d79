import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bitsAt, countAt, numberAt, shortNumberAt } from './columns.ts'

describe('a number in a column', () => {
  it('is read where there is one', () => {
    assert.equal(numberAt(Float64Array.of(0.1, 0.2), 1), 0.2)
    assert.equal(shortNumberAt(Float32Array.of(1, 0.5), 1), 0.5)
    assert.equal(countAt(Uint32Array.of(7), 0), 7)
    assert.equal(bitsAt(Uint8Array.of(255), 0), 255)
  })

  it('is a mistake elsewhere', () => {
    const message = 'the column has no place 1'
    assert.throws(() => numberAt(Float64Array.of(0), 1), { name: 'RangeError', message })
    assert.throws(() => shortNumberAt(Float32Array.of(0), 1), { name: 'RangeError', message })
    assert.throws(() => countAt(Uint32Array.of(0), 1), { name: 'RangeError', message })
    assert.throws(() => bitsAt(Uint8Array.of(0), 1), { name: 'RangeError', message })
  })
})
