import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseMoment, parseSeconds } from './relative-time.ts'
import { instant } from './units.ts'

const now = instant(Date.parse('2026-11-24T12:00:00Z'))
const read = (text: string) => {
  const at = parseMoment(text, now)
  return at === undefined ? undefined : new Date(at).toISOString()
}

describe('a moment', () => {
  it('is an ISO 8601 time, in UTC without an offset', () => {
    assert.equal(read('2026-11-24T10:00'), '2026-11-24T10:00:00.000Z')
    assert.equal(read('2026-11-24T10:00+01:00'), '2026-11-24T09:00:00.000Z')
    assert.equal(read('2026-11-24'), '2026-11-24T00:00:00.000Z')
  })

  it('or now, or so long before', () => {
    assert.equal(read('now'), '2026-11-24T12:00:00.000Z')
    assert.equal(read('now-90s'), '2026-11-24T11:58:30.000Z')
    assert.equal(read('now-15m'), '2026-11-24T11:45:00.000Z')
    assert.equal(read('now-24h'), '2026-11-23T12:00:00.000Z')
    assert.equal(read('now-7d'), '2026-11-17T12:00:00.000Z')
  })

  it('is nothing else', () => {
    for (const text of [
      '',
      'now-',
      'now-1',
      'now-1w',
      'now-999999999d',
      'now+1h',
      'now -1h',
      'yesterday',
      '2026-02-30',
    ])
      assert.equal(read(text), undefined, text)
  })
})

describe('a duration', () => {
  it('is a whole number of seconds, minutes, hours or days', () => {
    assert.deepEqual(['300', '30s', '5m', '2h', '1d'].map(parseSeconds), [300, 30, 300, 7200, 86_400])
  })

  it('is nothing else', () => {
    for (const text of ['', 'm', '1.5h', '-5m', '1w', '5 m'])
      assert.equal(parseSeconds(text), undefined, text)
  })
})
