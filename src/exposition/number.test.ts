import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { noNumber, outOfRange, readMilliseconds, readNumber } from './number.ts'

function numberIn(text: string, read = readNumber): number | 'none' | 'out of range' {
  const into = { value: 0 }
  const end = read(new TextEncoder().encode(text), 0, into)
  if (end === noNumber) return 'none'
  if (end === outOfRange) return 'out of range'
  assert.equal(end, text.search(/\s|$/))
  return into.value
}

describe('a number in an exposition', () => {
  it('is decimal, with or without a sign, a point and an exponent', () => {
    const numbers = [
      '0',
      '-0',
      '42',
      '+42',
      '-42',
      '5.',
      '.5',
      '-.5',
      '0042',
      '08',
      '1.458255915e9',
      '1E3',
      '3e+07',
      '2e-3',
    ]
    for (const text of numbers) assert.ok(Object.is(numberIn(text), Number(text)), text)
  })

  it('ends at a blank, at the end of the line or of the body', () => {
    for (const end of ['', '\n', ' 5', '\t', '\r\n']) assert.equal(numberIn(`1.5${end}`), 1.5)
  })

  it('may be infinite or not a number, in any case', () => {
    for (const text of ['Inf', '+Inf', 'inf', 'INF', 'Infinity', '+infinity'])
      assert.equal(numberIn(text), Infinity, text)
    for (const text of ['-Inf', '-infinity', '-INF']) assert.equal(numberIn(text), -Infinity, text)
    for (const text of ['NaN', 'nan', 'Nan', 'NAN']) assert.equal(numberIn(text), Number.NaN, text)
  })

  it('is nothing else', () => {
    const others = [
      '',
      '.',
      '-',
      '+',
      'e5',
      '1e',
      '1e+',
      '1.2.3',
      '1,5',
      'true',
      '1_2',
      '0x1p-3',
      '0x10',
      '--1',
      '+-1',
      '1a',
      '+NaN',
    ]
    others.push('-nan', 'In', 'Infinit', 'Infinityy', 'nano', '1e5.5', '٣')
    for (const text of others) assert.equal(numberIn(text), 'none', text)
  })

  it('is refused when no 64-bit float holds it, rather than taken for infinity', () => {
    for (const text of ['1e309', '-1e309', '1e99999999999999999999', '9'.repeat(400)]) {
      assert.equal(numberIn(text), 'out of range', text.slice(0, 20))
    }
  })

  it('is zero when it is too small, and zero times anything is zero', () => {
    for (const text of ['1e-400', '0e400', '0.000e-9999']) assert.equal(numberIn(text), 0, text)
  })

  it('equals Number() to the last bit where arithmetic on digits no longer does', () => {
    const hard = [
      '9007199254740991',
      '9007199254740992',
      '9007199254740993',
      '9007199254740993e-3',
      '123456789012345678',
    ]
    hard.push(
      '1234567890123456789012',
      '7.424100000000001e-05',
      '1e22',
      '1e23',
      '9007199254740991e22',
      '5e-324',
    )
    hard.push(
      '1.7976931348623157e308',
      '2.2250738585072011e-308',
      '0.30000000000000004',
      '000000000000000000000.1',
    )
    for (const text of hard) assert.equal(numberIn(text), Number(text), text)
  })

  it('equals Number() to the last bit, however it is written', () => {
    const digits = fc.stringMatching(/^[0-9]{0,22}$/)
    const written = fc
      .tuple(
        fc.constantFrom('', '-', '+'),
        digits,
        fc.constantFrom('', '.'),
        digits,
        fc.integer({ min: -330, max: 300 }),
      )
      .filter(([, whole, point, decimals]) => (point === '' ? whole : whole + decimals) !== '')
      .map(
        ([sign, whole, point, decimals, power]) =>
          `${sign}${whole}${point}${point === '' ? '' : decimals}e${power}`,
      )
    fc.assert(
      fc.property(written, (text) => {
        const expected = Number(text)
        assert.ok(Object.is(numberIn(text), Number.isFinite(expected) ? expected : 'out of range'))
      }),
      { numRuns: 2000 },
    )
  })

  it('is the very number that was printed', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const printed = Object.is(value, -0) ? '-0' : String(value)
        assert.ok(Object.is(numberIn(printed), value))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a timestamp of the text format', () => {
  it('is a whole number of milliseconds, with or without a sign', () => {
    assert.equal(numberIn('1395066363000', readMilliseconds), 1395066363000)
    assert.equal(numberIn('-3982045', readMilliseconds), -3982045)
    assert.equal(numberIn('+15', readMilliseconds), 15)
  })

  it('has no point, no exponent, and no more than 64 bits', () => {
    for (const text of ['', '-', '1.5', '1e3', '1_2', '1z', 'NaN'])
      assert.equal(numberIn(text, readMilliseconds), 'none', text)
    assert.equal(numberIn('9223372036854775808', readMilliseconds), 'out of range')
  })
})
