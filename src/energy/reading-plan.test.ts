import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Instant, type Interval, instant } from '../units.ts'
import { insteadOfSums, isReplaced, planReading, type Stretch } from './reading-plan.ts'

const hour = 3600
const second = (value: number) => instant(value * 1000)
const between = (from: number, to: number): Interval => ({ from: second(from), to: second(to) })
const forEver = instant(Infinity)

/** Each stretch as `from to what`, in seconds. */
function planned(during: Interval, grainSeconds: number | undefined, sumsUntil: Instant = forEver) {
  return planReading({ during, grainSeconds }, sumsUntil).map(
    (stretch) =>
      `${stretch.during.from / 1000} ${stretch.during.to / 1000} ${stretch.kind === 'sums' ? stretch.levelSeconds : 'samples'}`,
  )
}

describe('the plan of a reading', () => {
  it('is of samples where each sample is wanted', () => {
    assert.deepEqual(planned(between(0, 10 * hour), undefined), ['0 36000 samples'])
  })

  it('takes the longest sums that divide the grain', () => {
    assert.deepEqual(planned(between(0, 2 * hour), 86_400), ['0 7200 3600'])
    assert.deepEqual(planned(between(0, 2 * hour), 900), ['0 7200 300'])
    assert.deepEqual(planned(between(0, 2 * hour), 5400), ['0 7200 300'])
    assert.deepEqual(planned(between(0, 2 * hour), 60), ['0 7200 samples'])
    assert.deepEqual(planned(between(0, 2 * hour), 450), ['0 7200 samples'])
  })

  it('takes shorter ones, and then samples, at ends that are not whole', () => {
    assert.deepEqual(planned(between(100, 3 * hour + 400), hour), [
      '100 300 samples',
      '300 3600 300',
      '3600 10800 3600',
      '10800 11100 300',
      '11100 11200 samples',
    ])
    assert.deepEqual(planned(between(301, 599), hour), ['301 599 samples'])
  })

  it('takes sums only of the time for which they are made', () => {
    assert.deepEqual(planned(between(0, 3 * hour), hour, second(2 * hour - 300)), [
      '0 3600 3600',
      '3600 6900 300',
      '6900 10800 samples',
    ])
    assert.deepEqual(planned(between(0, hour), hour, instant(-Infinity)), ['0 3600 samples'])
  })

  it('reaches as far as the question, be that without end', () => {
    const always = { from: instant(-Infinity), to: instant(Infinity) }
    assert.deepEqual(planned(always, hour, second(hour + 300)), [
      '-Infinity 3600 3600',
      '3600 3900 300',
      '3900 Infinity samples',
    ])
    assert.deepEqual(planned(always, undefined), ['-Infinity Infinity samples'])
    assert.deepEqual(planned(between(10, 10), hour), [])
  })

  it('cuts samples beside sums, and leaves them whole at the ends of the question', () => {
    const windows = planReading({ during: between(100, 700), grainSeconds: 300 }, forEver).flatMap(
      (stretch) => (stretch.kind === 'samples' ? [stretch.window] : []),
    )
    assert.deepEqual(windows, [
      { from: -Infinity, to: 300_000 },
      { from: 600_000, to: Infinity },
    ])
    const [alone] = planReading({ during: between(100, 200), grainSeconds: 300 }, forEver)
    assert.deepEqual(alone?.kind === 'samples' && alone.window, { from: -Infinity, to: Infinity })
  })

  it('covers the question once, with sums that reach over nothing', () => {
    const seconds = fc.integer({ min: -20_000, max: 20_000 })
    const grains = fc.constantFrom(undefined, 60, 300, 900, 1800, 3600, 7200, 86_400)
    fc.assert(
      fc.property(seconds, seconds, grains, fc.integer({ min: -60, max: 60 }), (a, b, grain, made) => {
        const during = between(Math.min(a, b), Math.max(a, b))
        const sumsUntil = second(300 * made)
        const stretches = planReading({ during, grainSeconds: grain }, sumsUntil)
        let reached = during.from
        for (const stretch of stretches) {
          assert.equal(stretch.during.from, reached)
          assert.ok(stretch.during.to > stretch.during.from)
          reached = stretch.during.to
          if (stretch.kind === 'sums') assertWhole(stretch, grain, sumsUntil)
        }
        assert.equal(reached, during.to)
      }),
    )
  })
})

function assertWhole(
  { during, levelSeconds }: Extract<Stretch, { kind: 'sums' }>,
  grain: number | undefined,
  sumsUntil: Instant,
): void {
  assert.equal((grain ?? Number.NaN) % levelSeconds, 0)
  assert.equal(Math.abs(during.from % (levelSeconds * 1000)), 0)
  assert.equal(Math.abs(during.to % (levelSeconds * 1000)), 0)
  assert.ok(during.to <= sumsUntil)
}

describe('sums that are out of date', () => {
  const hours = { kind: 'sums', during: between(hour, 5 * hour), levelSeconds: hour } as const

  it('are replaced by samples, whole sums at a time, within the stretch', () => {
    const instead = insteadOfSums(hours, [
      ['c1', between(2 * hour + 300, 2 * hour + 600)],
      ['c2', between(0, hour + 1)],
      ['c3', between(0, hour)],
      ['c4', between(5 * hour, 6 * hour)],
    ])
    assert.deepEqual(
      Array.from(instead, ([container, { during, window }]) => [container, during, window]),
      [
        ['c1', between(2 * hour, 3 * hour), between(2 * hour, 3 * hour)],
        ['c2', between(hour, 2 * hour), between(hour, 2 * hour)],
      ],
    )
  })

  it('are those that begin in that time', () => {
    const instead = insteadOfSums(hours, [['c1', between(2 * hour, 3 * hour)]]).get('c1')
    assert.equal(isReplaced(instead, second(2 * hour)), true)
    assert.equal(isReplaced(instead, second(3 * hour)), false)
    assert.equal(isReplaced(instead, second(hour)), false)
    assert.equal(isReplaced(undefined, second(2 * hour)), false)
  })
})
