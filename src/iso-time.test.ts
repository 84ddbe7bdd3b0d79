import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { parseIsoTime } from './iso-time.ts'

const noon = Date.UTC(2024, 2, 22, 12)

describe('an ISO 8601 time', () => {
  it('is read as UTC when it has no offset', () => {
    for (const text of [
      '2024-03-22T12:00',
      '2024-03-22 12:00',
      '2024-03-22T12:00:00',
      '2024-03-22T12:00:00.000',
    ]) {
      assert.equal(parseIsoTime(text), noon)
    }
  })

  it('is read with its offset when it has one', () => {
    for (const text of [
      '2024-03-22T12:00Z',
      '2024-03-22t12:00z',
      '2024-03-22T13:00+01:00',
      '2024-03-22T13:00+0100',
      '2024-03-22T13:00+01',
      '2024-03-22T08:30:00-03:30',
      '2024-03-23 00:00 +12:00',
    ]) {
      assert.equal(parseIsoTime(text), noon)
    }
  })

  it('may be a date alone, which is its first instant in UTC', () => {
    assert.equal(parseIsoTime('2024-03-22'), Date.UTC(2024, 2, 22))
  })

  it('is cut to whole milliseconds', () => {
    assert.equal(parseIsoTime('2024-03-22T12:00:00.0079Z'), noon + 7)
    assert.equal(parseIsoTime('2024-03-22T12:00:00,5Z'), noon + 500)
  })

  it('is refused when it names no day, hour or offset that exists', () => {
    for (const text of [
      '2024-02-30',
      '2023-02-29T00:00Z',
      '2024-13-01',
      '2024-03-22T24:00Z',
      '2024-03-22T12:60Z',
      '2024-03-22T12:00:60Z',
      '2024-03-22T12:00+24:00',
      '2024-03-22T12:00+01:60',
    ]) {
      assert.equal(parseIsoTime(text), undefined, text)
    }
  })

  it('is refused in any other form', () => {
    for (const text of [
      '',
      'yesterday',
      '22.03.2024',
      '2024-3-22',
      '1711065600',
      '2024-03-22T12Z',
      '2024-03-22Z',
    ]) {
      assert.equal(parseIsoTime(text), undefined, text)
    }
  })

  it('is the instant it was written from', () => {
    const years = { min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }
    fc.assert(fc.property(fc.date(years), (date) => parseIsoTime(date.toISOString()) === date.getTime()))
  })
})
