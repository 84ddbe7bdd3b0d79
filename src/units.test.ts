import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import {
  emissionRateOf,
  emissionsOf,
  gramsPerKilowattHour,
  instant,
  isoWithMicroseconds,
  joules,
  meanPower,
  secondsBetween,
  watts,
} from './units.ts'

describe('a quantity', () => {
  it('cannot be taken for one of another unit', () => {
    // @ts-expect-error watts are not joules
    emissionsOf(watts(1), gramsPerKilowattHour(1))
    // @ts-expect-error a bare number has no unit
    emissionsOf(1, gramsPerKilowattHour(1))
  })
})

describe('conversions', () => {
  it('one kilowatt hour at 148 g/kWh emits 148 g', () => {
    assert.equal(emissionsOf(joules(3_600_000), gramsPerKilowattHour(148)), 148)
  })

  it('one kilowatt at 360 g/kWh emits a tenth of a gram a second', () => {
    assert.equal(emissionRateOf(watts(1000), gramsPerKilowattHour(360)), 0.1)
  })

  it('thirty joules in ten seconds are three watts', () => {
    assert.equal(meanPower(joules(30), { from: instant(0), to: instant(10_000) }), 3)
  })

  it('no energy in no time is no power', () => {
    assert.equal(meanPower(joules(0), { from: instant(5), to: instant(5) }), 0)
  })

  it('seconds between two instants are signed', () => {
    assert.equal(secondsBetween(instant(1500), instant(1000)), -0.5)
  })

  it('an instant is written in UTC with six decimals', () => {
    assert.equal(
      isoWithMicroseconds(instant(Date.UTC(2026, 1, 11, 10, 0, 10))),
      '2026-02-11T10:00:10.000000+00:00',
    )
    assert.equal(
      isoWithMicroseconds(instant(Date.UTC(2026, 1, 11, 10, 0, 10, 7))),
      '2026-02-11T10:00:10.007000+00:00',
    )
  })

  it('an instant is written as the calendar has it, on any day and in any order', () => {
    fc.assert(
      fc.property(
        fc.date({ noInvalidDate: true }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (date, part) => {
          const at = date.getTime() + (date.getTime() < 0 ? -part : part)
          assert.equal(isoWithMicroseconds(instant(at)), new Date(at).toISOString().replace('Z', '000+00:00'))
        },
      ),
    )
    assert.throws(() => isoWithMicroseconds(instant(Number.NaN)), RangeError)
    assert.throws(() => isoWithMicroseconds(instant(Infinity)), RangeError)
  })
})
