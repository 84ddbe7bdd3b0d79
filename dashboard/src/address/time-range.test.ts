import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  boundsOf,
  day,
  parseRange,
  rangeAsked,
  rangeInAddress,
  stepFor,
  type TimeRange,
} from './time-range.ts'

const anyRange: fc.Arbitrary<TimeRange> = fc.oneof(
  fc.integer({ min: 1, max: 366 * day }).map((seconds) => ({ kind: 'last' as const, seconds })),
  fc.constant({ kind: 'today' as const }),
  fc
    .tuple(fc.integer({ min: 0, max: 2_000_000_000 }), fc.integer({ min: 1, max: 366 * day }))
    .map(([from, length]) => ({ kind: 'between' as const, from: from * 1000, to: (from + length) * 1000 })),
)

describe('a range of time in an address', () => {
  it('is short, and read back as it was', () => {
    assert.equal(rangeInAddress({ kind: 'last', seconds: 900 }), '15m')
    assert.equal(rangeInAddress({ kind: 'last', seconds: 7 * day }), '7d')
    assert.equal(
      rangeInAddress({
        kind: 'between',
        from: Date.UTC(2026, 1, 11, 10),
        to: Date.UTC(2026, 1, 11, 11, 30, 5),
      }),
      '2026-02-11T10:00Z..2026-02-11T11:30:05Z',
    )
    fc.assert(
      fc.property(anyRange, (range) => {
        assert.deepEqual(parseRange(rangeInAddress(range)), range)
      }),
    )
  })

  it('is refused where it is no range: no length, no order, more than a year, other text', () => {
    for (const text of [
      '',
      '0h',
      '1y',
      '-1h',
      '400d',
      'yesterday',
      '2026-02-11..2026-02-10',
      '..',
      '1h..2h..3h',
    ]) {
      assert.equal(parseRange(text), undefined, text)
    }
  })
})

describe('the range that the API is asked about', () => {
  const now = Date.UTC(2026, 1, 11, 10, 30)

  it('goes on where it ends now', () => {
    assert.deepEqual(rangeAsked({ kind: 'last', seconds: 6 * 3600 }, now), { from: 'now-6h', to: 'now' })
  })

  it('begins at midnight where the reader is for today', () => {
    const { from, to } = rangeAsked({ kind: 'today' }, now)
    assert.equal(new Date(from).getHours(), 0)
    assert.equal(new Date(from).toDateString(), new Date(now).toDateString())
    assert.equal(to, 'now')
  })

  it('lies between two times that were given', () => {
    const range = { kind: 'between' as const, from: now - 5000, to: now }
    assert.deepEqual(rangeAsked(range, now + 1), {
      from: '2026-02-11T10:29:55.000Z',
      to: '2026-02-11T10:30:00.000Z',
    })
    assert.deepEqual(boundsOf(range, now + 1), { from: now - 5000, to: now })
  })
})

describe('the step of a series', () => {
  it('is the finest that gives no more pieces than asked for', () => {
    assert.equal(stepFor(3600, 240), 30)
    assert.equal(stepFor(day, 240), 600)
    assert.equal(stepFor(30 * day, 24), day)
    assert.equal(stepFor(366 * day, 24), day)
  })
})
