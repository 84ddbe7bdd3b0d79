import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { createZoneDirectory } from './zone.ts'

const directory = createZoneDirectory([
  { code: 'GR', name: 'Greece' },
  { code: 'DE', name: 'Germany' },
  { code: 'GB', name: 'United Kingdom' },
  { code: 'DK-DK1', name: 'West Denmark' },
  { code: 'SS', name: 'South Sudan' },
])

describe('a zone directory', () => {
  it('knows a country by its code', () => {
    assert.deepEqual(directory.find('DE'), { kind: 'known', zone: 'DE', name: 'Germany' })
  })

  it('knows a part of a country by its own code', () => {
    assert.deepEqual(directory.find('dk-dk1'), { kind: 'known', zone: 'DK-DK1', name: 'West Denmark' })
  })

  it('takes UK for GB and EL for GR', () => {
    assert.deepEqual(directory.find('UK'), { kind: 'known', zone: 'GB', name: 'United Kingdom' })
    assert.deepEqual(directory.find(' el '), { kind: 'known', zone: 'GR', name: 'Greece' })
  })

  it('says that a code is unknown, as it was given', () => {
    assert.deepEqual(directory.find(' xx'), { kind: 'unknown', given: ' xx' })
    assert.deepEqual(directory.find(''), { kind: 'unknown', given: '' })
    assert.deepEqual(directory.find('Germany'), { kind: 'unknown', given: 'Germany' })
  })

  it('does not take a letter that has SS for its capital for South Sudan', () => {
    assert.deepEqual(directory.find('ß'), { kind: 'unknown', given: 'ß' })
  })

  it('does not know an alias whose country it does not know', () => {
    assert.deepEqual(createZoneDirectory([]).find('UK'), { kind: 'unknown', given: 'UK' })
  })

  it('lists its zones by code', () => {
    assert.deepEqual(
      directory.all().map(({ code }) => code),
      ['DE', 'DK-DK1', 'GB', 'GR', 'SS'],
    )
  })

  it('tells a country from the zones within it', () => {
    const denmark = createZoneDirectory([
      { code: 'DK-DK2', name: 'East' },
      { code: 'DK-DK1', name: 'West' },
      { code: 'DK', name: 'Denmark' },
    ])
    assert.deepEqual(denmark.all(), [
      { code: 'DK', name: 'Denmark', country: 'DK', parts: ['DK-DK1', 'DK-DK2'] },
      { code: 'DK-DK1', name: 'West', country: 'DK', parts: [] },
      { code: 'DK-DK2', name: 'East', country: 'DK', parts: [] },
    ])
  })

  it('finds each of its codes in any case and with blanks around it', () => {
    const blanks = fc.stringMatching(/^[ \t\n]{0,3}$/)
    fc.assert(
      fc.property(
        fc.constantFrom(...directory.all()),
        blanks,
        blanks,
        fc.nat(),
        (zone, before, after, mask) => {
          const mixed = Array.from(zone.code, (letter, at) =>
            (mask >> at) & 1 ? letter.toLowerCase() : letter,
          )
          const found = directory.find(`${before}${mixed.join('')}${after}`)
          assert.deepEqual(found, { kind: 'known', zone: zone.code, name: zone.name })
        },
      ),
    )
  })
})
