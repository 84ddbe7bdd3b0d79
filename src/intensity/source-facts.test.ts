import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../units.ts'
import type { AboutSource } from './source.ts'
import {
  begunBy,
  expectedAfter,
  type Figure,
  factsFrom,
  holdingWithin,
  measuredOrForecast,
} from './source-facts.ts'

const about: AboutSource = {
  name: 'Test',
  url: 'https://test.example',
  licence: 'CC-BY-4.0',
  attribution: 'Test',
  signal: 'average',
  basis: 'direct',
  everySeconds: 900,
  secondsBetweenRequests: 1,
}

const during = (from: number, to: number) => ({ from: instant(from), to: instant(to) })

const figure = (from: number, to: number, grams: number, kind: 'measured' | 'forecast' = 'measured') =>
  ({ valid: during(from, to), grams, method: { kind } }) satisfies Figure

describe('the facts of a source', () => {
  const told = { id: 'test', about, rank: 21, learnedAt: instant(99) }

  it('carry who told them, what kind they are and since when they are known', () => {
    assert.deepEqual(factsFrom(told, 'FR', [figure(0, 10, 0)]), [
      {
        zone: 'FR',
        valid: { from: 0, to: 10 },
        intensity: 0,
        source: 'test',
        method: { kind: 'measured' },
        signal: 'average',
        basis: 'direct',
        rank: 21,
        learnedAt: 99,
      },
    ])
  })

  it('are refused all together when one cannot be an intensity', () => {
    assert.throws(
      () => factsFrom(told, 'FR', [figure(0, 10, 20), figure(10, 20, -1)]),
      /^SourceError: Test answered with an intensity of FR at 1970-01-01T00:00:00.010Z that is negative$/,
    )
  })
})

describe('a figure', () => {
  it('is the measured one, else the expected one, else none', () => {
    assert.deepEqual(measuredOrForecast(during(0, 1), 0, 5), [figure(0, 1, 0)])
    assert.deepEqual(measuredOrForecast(during(0, 1), undefined, 5), [figure(0, 1, 5, 'forecast')])
    assert.deepEqual(measuredOrForecast(during(0, 1), undefined, undefined), [])
  })

  it('holds within an interval that it shares an instant with', () => {
    const all = [figure(0, 10, 1), figure(10, 20, 2), figure(20, 30, 3)]
    assert.deepEqual(
      holdingWithin(all, during(10, 20)).map(({ grams }) => grams),
      [2],
    )
    assert.deepEqual(
      holdingWithin(all, during(9, 21)).map(({ grams }) => grams),
      [1, 2, 3],
    )
  })

  it('has begun when the moment is its first', () => {
    const all = [figure(0, 10, 1), figure(10, 20, 2), figure(11, 20, 3)]
    assert.deepEqual(
      begunBy(all, instant(10)).map(({ grams }) => grams),
      [1, 2],
    )
  })

  it('is expected when it is a forecast that is not over', () => {
    const all = [figure(0, 10, 1, 'forecast'), figure(5, 15, 2), figure(5, 11, 3, 'forecast')]
    assert.deepEqual(
      expectedAfter(all, instant(10)).map(({ grams }) => grams),
      [3],
    )
  })
})
