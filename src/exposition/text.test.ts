import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isUtf8 } from './text.ts'

function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

describe('the check for UTF-8', () => {
  it('refuses overlong forms, surrogates, stray and missing continuations, and what lies beyond Unicode', () => {
    const wrong = [
      [0xff],
      [0x80],
      [0xc0, 0x80],
      [0xc1, 0xbf],
      [0xc3],
      [0xc3, 0x28],
      [0xe0, 0x9f, 0x80],
      [0xed, 0xa0, 0x80],
    ]
    wrong.push(
      [0xe2, 0x82],
      [0xe2, 0x28, 0xa1],
      [0xf0, 0x8f, 0x80, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xf5, 0x80, 0x80, 0x80],
    )
    wrong.push([0xf0, 0x9f, 0x98], [0xf0, 0x9f, 0x28, 0x80])
    for (const bytes of wrong)
      assert.equal(isUtf8(Uint8Array.from(bytes), 0, bytes.length), false, String(bytes))
  })

  it('accepts every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const bytes = new TextEncoder().encode(text)
        assert.ok(isUtf8(bytes, 0, bytes.length))
      }),
    )
  })

  it('agrees with the decoder of the platform on any bytes', () => {
    // Bytes that begin, continue or break a character; uniform ones would almost never make a long one.
    const byte = fc.constantFrom(
      0x41,
      0x80,
      0x8f,
      0x90,
      0x9f,
      0xa0,
      0xbf,
      0xc2,
      0xdf,
      0xe0,
      0xe2,
      0xed,
      0xef,
      0xf0,
      0xf1,
      0xf4,
    )
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 8 }), (numbers) => {
        const bytes = Uint8Array.from(numbers)
        assert.equal(isUtf8(bytes, 0, bytes.length), decodes(bytes))
      }),
      { numRuns: 5000 },
    )
  })
})
