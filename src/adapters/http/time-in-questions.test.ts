import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../units.ts'
import { momentOf, secondsOf } from './time-in-questions.ts'

const now = instant(Date.UTC(2026, 1, 11, 10, 1))
const at = (text: string) => new Date(momentOf('from', text, now)).toISOString()

describe('a time in a question', () => {
  it('may be ISO 8601, in UTC where it has no offset', () => {
    assert.equal(at('2026-02-11T10:00'), '2026-02-11T10:00:00.000Z')
    assert.equal(at('2026-02-11T11:00:00+01:00'), '2026-02-11T10:00:00.000Z')
  })

  it('may be relative to now', () => {
    assert.equal(at('now'), '2026-02-11T10:01:00.000Z')
    assert.equal(at('now-30s'), '2026-02-11T10:00:30.000Z')
    assert.equal(at('now-15m'), '2026-02-11T09:46:00.000Z')
    assert.equal(at('now-24h'), '2026-02-10T10:01:00.000Z')
    assert.equal(at('now-7d'), '2026-02-04T10:01:00.000Z')
  })

  it('is refused with the field, the value and what is accepted', () => {
    for (const text of ['', 'then', 'now+1h', 'now-1w', 'now-h', 'now-999999999d', '2026-02-30']) {
      assert.throws(
        () => momentOf('from', text, now),
        { statusCode: 400, message: /^from is ".*"; it must be an ISO 8601 time .*, or now, now-15m/ },
        text,
      )
    }
  })
})

describe('a length of time in a question', () => {
  const limits = { least: 1, most: 86_400 }

  it('is in seconds, or in the unit it names', () => {
    const lengths = ['300', '30s', '5m', '1h', '1d'].map((text) => secondsOf('step', text, limits))
    assert.deepEqual(lengths, [300, 30, 300, 3600, 86_400])
  })

  it('is refused outside its limits, and when it is none', () => {
    for (const text of ['', '0', '2d', '-5m', '1.5h', '5 m', 'm', '1e3']) {
      assert.throws(() => secondsOf('step', text, limits), {
        statusCode: 400,
        message: /^step is ".*"; it must be a whole number of seconds from 1 to 86400, such as/,
      })
    }
  })
})
