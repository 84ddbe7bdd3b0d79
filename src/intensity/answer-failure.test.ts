import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../units.ts'
import { failureOfStatus, unknownZone } from './answer-failure.ts'

const now = instant(Date.UTC(2026, 9, 4, 12))

const failureOf = (status: number, retryAfter?: string) =>
  failureOfStatus(
    { status, headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter }, text: '' },
    now,
  )

describe('the status of an answer', () => {
  it('means no failure when it is 200', () => {
    assert.equal(failureOf(200), undefined)
  })

  it('means that a key is refused when it is 401 or 403', () => {
    assert.deepEqual(failureOf(401), { kind: 'refused' })
    assert.deepEqual(failureOf(403), { kind: 'refused' })
  })

  it('means that the server failed from 500 on', () => {
    assert.deepEqual(failureOf(500), { kind: 'server-error' })
    assert.deepEqual(failureOf(503), { kind: 'server-error' })
  })

  it('is not expected to be another one', () => {
    for (const status of [204, 206, 302, 304, 400, 404, 410]) {
      assert.deepEqual(failureOf(status), { kind: 'unexpected-answer' })
    }
  })
})

describe('the time to wait after too many requests', () => {
  const secondsFor = (retryAfter?: string) => {
    const failure = failureOf(429, retryAfter)
    return failure?.kind === 'rate-limited' ? failure.retryAfterSeconds : 'no limit'
  }

  it('is given in seconds', () => {
    assert.equal(secondsFor('120'), 120)
    assert.equal(secondsFor(' 0 '), 0)
  })

  it('is given as a date, and over when that has passed', () => {
    assert.equal(secondsFor('Sun, 04 Oct 2026 12:00:01 GMT'), 1)
    assert.equal(secondsFor('Sun, 04 Oct 2026 11:59:59 GMT'), 0)
  })

  it('is unknown when it is not given, or cannot be read', () => {
    for (const text of [undefined, '', 'soon', '-5', '1.5', '2026-10-04', 'Sun, 99 Oct 2026 12:00:01 GMT']) {
      assert.equal(secondsFor(text), undefined)
    }
  })
})

describe('a zone that a source does not know', () => {
  it('is named with the source', () => {
    const { failure, message } = unknownZone('Energy-Charts', 'US')
    assert.deepEqual(failure, { kind: 'unknown-zone' })
    assert.equal(message, 'Energy-Charts does not know the zone US')
  })
})
