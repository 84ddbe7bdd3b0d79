import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lengthText, momentText, quantityText, scaleFor, shareText } from './quantity-text.ts'

describe('a column of figures', () => {
  it('is in the largest unit that its largest figure reaches, with four digits of that', () => {
    const scale = scaleFor('energy', [3_600_000, 44_442_000, null])
    assert.equal(scale.unit, 'kWh')
    assert.deepEqual(
      [3_600_000, 44_442_000, null].map((value) => scale.text(value)),
      ['1.00', '12.35', '–'],
    )
  })

  it('separates thousands', () => {
    assert.equal(quantityText('emissions', 123_456_789_000_000), '123,457 kt')
  })

  it('does not take what is small for nothing', () => {
    const scale = scaleFor('emissions', [5000, 0.001, 0])
    assert.deepEqual(
      [5000, 0.001, 0].map((value) => scale.text(value)),
      ['5.000', '<0.001', '0.000'],
    )
  })

  it('of nothing is in the smallest unit', () => {
    assert.equal(quantityText('emissions', 0), '0 mg')
    assert.equal(quantityText('power', null), '–')
  })

  it('knows its units', () => {
    assert.equal(quantityText('energy', 10), '10.00 J')
    assert.equal(quantityText('energy', 7200), '2.000 Wh')
    assert.equal(quantityText('energy', 3.6e9), '1.000 MWh')
    assert.equal(quantityText('emissions', 0.0025), '2.500 mg')
    assert.equal(quantityText('emissions', 2500), '2.500 kg')
    assert.equal(quantityText('power', 1500), '1.500 kW')
  })
})

describe('a share', () => {
  it('is rounded, but never to all or to nothing', () => {
    assert.deepEqual([1, 0.99999, 0.9971, 0.5, 0.0001, 0].map(shareText), [
      '100 %',
      '>99.9 %',
      '99.7 %',
      '50 %',
      '<0.1 %',
      '0 %',
    ])
  })
})

describe('a time', () => {
  it('is written to the minute, or to the second', () => {
    assert.equal(momentText('2026-11-24T20:51:00.000000+00:00'), '2026-11-24 20:51')
    assert.equal(momentText('2026-11-24T20:51:57.036000+00:00'), '2026-11-24 20:51:57')
  })

  it('lasts so many of the two largest units', () => {
    assert.deepEqual([0, 59, 60, 3900, 90_061, 86_400].map(lengthText), [
      '0 s',
      '59 s',
      '1 min',
      '1 h 5 min',
      '1 d 1 h',
      '1 d',
    ])
  })
})
