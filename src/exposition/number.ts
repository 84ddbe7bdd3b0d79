import { carriageReturn, lineFeed, space, tab } from './bytes.ts'
import { decode } from './text.ts'

/** What `readNumber` and `readMilliseconds` answer instead of an end. */
export const noNumber = -1
export const outOfRange = -2

const plus = 0x2b
const minus = 0x2d
const decimalPoint = 0x2e
const zero = 0x30
const nine = 0x39
const lowerCaseE = 0x65
const lowerCase = 0x20

/** Powers of ten that a 64-bit float holds exactly. */
const exactPowersOfTen = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))
const largestExactExponent = 22
const digitsInInteger = 9
const firstInexactInteger = 2 ** 53

/**
 * Reads the number at `start` into `into.value`, equal to the last bit to `Number()` of the same characters.
 *
 * Decimals as both formats write them (`5`, `5.`, `.5`, `+5e-3`, leading zeros), and in any case `NaN` and, with or
 * without a sign, `Inf` and `Infinity`. No hexadecimal and no underscores: Prometheus refuses them too.
 * Returns the offset after the number, where a blank or the line's end must stand; else `noNumber`, or
 * `outOfRange` for finite digits that no 64-bit float holds.
 */
export function readNumber(bytes: Uint8Array, start: number, into: { value: number }): number {
  let at = start
  let code = bytes[at] ?? lineFeed
  const isNegative = code === minus
  if (isNegative || code === plus) code = bytes[++at] ?? lineFeed
  // Nine digits fit a 32-bit integer, which adds up twice as fast as a float.
  let head = 0
  let tail = 0
  let digits = 0
  let point = -1
  for (; ; code = bytes[++at] ?? lineFeed) {
    if (code >= zero && code <= nine) {
      if (digits < digitsInInteger) head = (head * 10 + code - zero) | 0
      else if (digits < 2 * digitsInInteger) tail = (tail * 10 + code - zero) | 0
      digits++
    } else if (code === decimalPoint && point < 0) {
      point = digits
    } else {
      break
    }
  }
  if (digits === 0) return readWord(bytes, start, into)
  let exponent = point < 0 ? 0 : point - digits
  if ((code | lowerCase) === lowerCaseE) {
    code = bytes[++at] ?? lineFeed
    const isDivided = code === minus
    if (isDivided || code === plus) code = bytes[++at] ?? lineFeed
    if (code < zero || code > nine) return noNumber
    let power = 0
    while (code >= zero && code <= nine) {
      if (power < 10_000) power = power * 10 + (code - zero)
      code = bytes[++at] ?? lineFeed
    }
    exponent += isDivided ? -power : power
  }
  if (!endsToken(code)) return noNumber
  // A mantissa below 2^53 is exact, and so is the power: the one rounding of the one operation is the right one.
  const mantissa =
    digits <= digitsInInteger ? head : head * (exactPowersOfTen[digits - digitsInInteger] ?? 1) + tail
  if (
    digits <= 2 * digitsInInteger &&
    mantissa < firstInexactInteger &&
    exponent <= largestExactExponent &&
    exponent >= -largestExactExponent
  ) {
    const magnitude =
      exponent < 0
        ? mantissa / (exactPowersOfTen[-exponent] ?? 1)
        : mantissa * (exactPowersOfTen[exponent] ?? 1)
    into.value = isNegative ? -magnitude : magnitude
    return at
  }
  const value = Number(decode(bytes, start, at))
  if (!Number.isFinite(value)) return outOfRange
  into.value = value
  return at
}

/** Reads a signed whole number of milliseconds, as Go's `ParseInt` takes it; same answers as `readNumber`. */
export function readMilliseconds(bytes: Uint8Array, start: number, into: { value: number }): number {
  const first = bytes[start] ?? lineFeed
  let at = first === minus || first === plus ? start + 1 : start
  const firstDigit = at
  let milliseconds = 0
  let code = bytes[at] ?? lineFeed
  while (code >= zero && code <= nine) {
    milliseconds = milliseconds * 10 + (code - zero)
    code = bytes[++at] ?? lineFeed
  }
  if (at === firstDigit || !endsToken(code)) return noNumber
  if (milliseconds >= 2 ** 63) return outOfRange
  into.value = first === minus ? -milliseconds : milliseconds
  return at
}

const words = [
  { written: 'nan', value: Number.NaN },
  { written: 'inf', value: Infinity },
  { written: '+inf', value: Infinity },
  { written: '-inf', value: -Infinity },
  { written: 'infinity', value: Infinity },
  { written: '+infinity', value: Infinity },
  { written: '-infinity', value: -Infinity },
]

function readWord(bytes: Uint8Array, start: number, into: { value: number }): number {
  for (const { written, value } of words) {
    const end = start + written.length
    if (endsToken(bytes[end] ?? lineFeed) && isWordAt(bytes, start, written)) {
      into.value = value
      return end
    }
  }
  return noNumber
}

function isWordAt(bytes: Uint8Array, start: number, lowerCaseWord: string): boolean {
  for (let index = 0; index < lowerCaseWord.length; index++) {
    const code = bytes[start + index] ?? lineFeed
    const isUpperCase = code >= 0x41 && code <= 0x5a
    if ((isUpperCase ? code | lowerCase : code) !== lowerCaseWord.charCodeAt(index)) return false
  }
  return true
}

function endsToken(code: number): boolean {
  return code === lineFeed || code === space || code === tab || code === carriageReturn
}
