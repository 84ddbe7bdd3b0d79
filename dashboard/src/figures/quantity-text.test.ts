import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { axisTexts, count, energy, intensity, percent, quantity, quantityText } from './quantity-text.ts'

const nbsp = '\u00A0'

describe('a quantity in words', () => {
  it('has three significant digits and the prefix that suits', () => {
    assert.equal(quantity(12.345, 'g/h'), `12.3${nbsp}g/h`)
    assert.equal(quantity(0.001_23, 'g'), `1.23${nbsp}mg`)
    assert.equal(quantity(412.4, 'W'), `412${nbsp}W`)
    assert.equal(quantity(999.6, 'W'), `1.00${nbsp}kW`)
    assert.equal(quantity(-1500, 'g'), `-1.50${nbsp}kg`)
  })

  it('is in tonnes from a million grams on, also per hour', () => {
    assert.equal(quantity(2_340_000, 'g'), `2.34${nbsp}t`)
    assert.equal(quantity(2_340_000, 'g/h'), `2.34${nbsp}t/h`)
    assert.equal(quantity(5e9, 'g'), `5.00${nbsp}kt`)
  })

  it('is a dash where it is not known, and a plain 0 where it is nothing', () => {
    assert.deepEqual(quantityText(null, 'g'), { digits: '–', unit: 'g' })
    assert.deepEqual(quantityText(Number.NaN, 'W'), { digits: '–', unit: 'W' })
    assert.equal(quantity(0, 'g/h'), `0${nbsp}g/h`)
    assert.equal(quantity(-4.5e-13, 'J'), `0${nbsp}J`)
  })

  it('is never off by more than half a unit of its third digit', () => {
    const factors: Readonly<Record<string, number>> = { µ: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9 }
    fc.assert(
      fc.property(fc.double({ min: 1e-5, max: 1e11, noNaN: true }), (watts) => {
        const { digits, unit } = quantityText(watts, 'W')
        const shown = Number(digits.replaceAll('\u202F', '')) * (factors[unit.slice(0, -1)] ?? Number.NaN)
        assert.ok(Math.abs(shown - watts) <= 0.0051 * watts, `${watts} W is shown as ${digits} ${unit}`)
      }),
    )
  })

  it('shows joules as watt-hours', () => {
    assert.equal(energy(3_600_000), `1.00${nbsp}kWh`)
    assert.equal(energy(null), `–${nbsp}Wh`)
  })
})

describe('the ticks of an axis', () => {
  it('are all in the unit of the greatest', () => {
    assert.deepEqual(axisTexts([0, 500, 1000], 'W'), ['0', `0.5${nbsp}kW`, `1${nbsp}kW`])
    assert.deepEqual(axisTexts([0, 0.0002], 'g/h'), ['0', `200${nbsp}µg/h`])
  })
})

describe('a share', () => {
  it('is in whole percents, and finer near nothing and near all', () => {
    assert.equal(percent(0.784), `78${nbsp}%`)
    assert.equal(percent(0.034), `3.4${nbsp}%`)
    assert.equal(percent(0.9996), `99.9${nbsp}%`)
    assert.equal(percent(0.999_999), `99.9${nbsp}%`)
    assert.equal(percent(601.655 / 601.655_000_000_1), `100${nbsp}%`)
    assert.equal(percent(1), `100${nbsp}%`)
    assert.equal(percent(-1), `-100${nbsp}%`)
    assert.equal(percent(0.000_01), `< 0.1${nbsp}%`)
    assert.equal(percent(0), `0${nbsp}%`)
  })
})

describe('other figures', () => {
  it('have thin spaces between thousands', () => {
    assert.equal(count(1_234_567), '1\u202F234\u202F567')
    assert.equal(count(999), '999')
  })

  it('are grams per kilowatt-hour, with a decimal only where they are few', () => {
    assert.equal(intensity(341.4), `341${nbsp}g/kWh`)
    assert.equal(intensity(5.25), `5.3${nbsp}g/kWh`)
    assert.equal(intensity(undefined), `–${nbsp}g/kWh`)
  })
})
