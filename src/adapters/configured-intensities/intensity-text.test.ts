import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseIntensity } from './intensity-text.ts'

describe('a carbon intensity as written', () => {
  it('is a plain decimal number, 0 included', () => {
    for (const [text, intensity] of [
      ['148', 148],
      ['41.2', 41.2],
      ['.5', 0.5],
      ['7.', 7],
      ['0', 0],
      ['+1.5e2', 150],
    ] as const) {
      assert.deepEqual(parseIntensity(text), { kind: 'ok', intensity })
    }
  })

  it('is refused when it is anything else', () => {
    for (const text of ['', ' ', 'abc', '0x10', '1_000', '41,2', 'NaN', 'Infinity', '1e', '148 g']) {
      assert.deepEqual(parseIntensity(text), { kind: 'refused', why: 'is not a number' })
    }
  })

  it('is refused when it is no plausible figure', () => {
    assert.deepEqual(parseIntensity('-1'), { kind: 'refused', why: 'is negative' })
    assert.deepEqual(parseIntensity('2000.5'), { kind: 'refused', why: 'is above 2000 g/kWh' })
    assert.deepEqual(parseIntensity('1e999'), { kind: 'refused', why: 'is above 2000 g/kWh' })
  })
})
