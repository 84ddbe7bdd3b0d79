import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { stableHash, stableShare } from './stable-hash.ts'

describe('the stable hash of a text', () => {
  it('is the same in every version of the program', () => {
    assert.equal(stableHash(''), 0xab3e_7c0b)
    assert.equal(stableHash('http://node-1:28282/metrics'), 0xf2a1_079a)
    assert.equal(stableHash('容器'), 0x0a1d_1d24)
  })

  it('is a whole number of 32 bits, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const hash = stableHash(text)
        assert.ok(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 32)
        assert.ok(stableShare(text) < 1)
      }),
    )
  })

  it('spreads texts that differ in a number alone evenly', () => {
    const buckets = Array.from({ length: 10 }, () => 0)
    for (let node = 0; node < 10_000; node += 1) {
      const bucket = Math.floor(10 * stableShare(`http://10.0.${node >> 8}.${node & 255}:28282/metrics`))
      buckets[bucket] = (buckets[bucket] ?? 0) + 1
    }
    // Each would hold 1000 of 10 000 on average, with a standard deviation of 30.
    assert.ok(
      buckets.every((count) => Math.abs(count - 1000) < 120),
      String(buckets),
    )
  })
})
