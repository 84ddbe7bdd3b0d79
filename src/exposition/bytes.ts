/** The bytes that mean something in the exposition formats. */
export const tab = 0x09
export const lineFeed = 0x0a
export const carriageReturn = 0x0d
export const space = 0x20
export const quote = 0x22
export const hash = 0x23
export const comma = 0x2c
export const equalsSign = 0x3d
export const backslash = 0x5c
export const openBrace = 0x7b
export const closeBrace = 0x7d

/** One table a class, and a comparison with 1, is what the compiler makes the fastest loop of. */
const tableOf = (characters: RegExp) =>
  Uint8Array.from({ length: 256 }, (_, code) => (characters.test(String.fromCharCode(code)) ? 1 : 0))

const nameStarts = tableOf(/[a-zA-Z_:]/)
const nameBytes = tableOf(/[a-zA-Z0-9_:]/)
const labelStarts = tableOf(/[a-zA-Z_]/)
const labelBytes = tableOf(/[a-zA-Z0-9_]/)
const plainBytes = tableOf(/[^"\\\n\x80-\xff]/)

/** Whether a metric name may begin with the byte. */
export function startsName(code: number): boolean {
  return nameStarts[code] === 1
}

/** Whether a metric name may go on with the byte. */
export function isInName(code: number): boolean {
  return nameBytes[code] === 1
}

/** Whether an unquoted label name may begin with the byte. */
export function startsLabelName(code: number): boolean {
  return labelStarts[code] === 1
}

/** Whether an unquoted label name may go on with the byte. */
export function isInLabelName(code: number): boolean {
  return labelBytes[code] === 1
}

/** Whether the byte stands for itself between quotes: ASCII, and no quote, backslash or line feed. */
export function isPlain(code: number): boolean {
  return plainBytes[code] === 1
}

/** The first offset from `at` on that holds neither a space nor a tab. */
export function skipBlanks(bytes: Uint8Array, at: number): number {
  let offset = at
  for (;;) {
    const code = bytes[offset] ?? lineFeed
    if (code !== space && code !== tab) return offset
    offset++
  }
}

// Four bytes are looked at in one word. A word has a zero byte exactly if (word - ones) & ~word keeps a high bit.
const wordLength = 4
const longLength = 8
const ones = 0x01010101
const highBits = -0x7f7f7f80
const aboveLineFeeds = 0x0b0b0b0b
const backslashes = 0x5c5c5c5c
/** One above the quote: what lies below it is a quote, a control character, a space or "!". */
const aboveQuotes = 0x23232323

/** The offset of the next line feed from `at` on, or of the end. Four times as fast as byte by byte. */
export function lineEndFrom(view: DataView, at: number): number {
  const lastPair = view.byteLength - 2 * wordLength
  let offset = at
  for (;;) {
    // Stops at anything below 0x0b or above 0x8a, and at little else; text is mostly neither.
    while (offset <= lastPair) {
      const first = view.getInt32(offset, true) - aboveLineFeeds
      const second = view.getInt32(offset + wordLength, true) - aboveLineFeeds
      if (((first | second) & highBits) !== 0) break
      offset += 2 * wordLength
    }
    for (const end = Math.min(offset + 2 * wordLength, view.byteLength); offset < end; offset++) {
      if (view.getUint8(offset) === lineFeed) return offset
    }
    if (offset >= view.byteLength) return view.byteLength
  }
}

/** An offset from `at` on up to which all bytes are plain; there need not be a special one behind it. */
export function skipPlainWords(view: DataView, at: number): number {
  let offset = at
  for (const lastPair = view.byteLength - 2 * wordLength; offset <= lastPair; offset += 2 * wordLength) {
    const first = view.getInt32(offset, true)
    const second = view.getInt32(offset + wordLength, true)
    const slashed = first ^ backslashes
    const slashedToo = second ^ backslashes
    const special =
      (first - aboveQuotes) |
      ((slashed - ones) & ~slashed) |
      first |
      (second - aboveQuotes) |
      ((slashedToo - ones) & ~slashedToo) |
      second
    if ((special & highBits) !== 0) break
  }
  return offset
}

/** Whether `one` from `atOne` on and `other` from `atOther` on hold the same `length` bytes, which both must have. */
export function sameBytes(
  one: DataView,
  atOne: number,
  other: DataView,
  atOther: number,
  length: number,
): boolean {
  if (length < longLength) {
    for (let offset = 0; offset < length; offset++) {
      if (one.getUint8(atOne + offset) !== other.getUint8(atOther + offset)) return false
    }
    return true
  }
  let offset = 0
  // Compared as 64-bit integers, which stay in registers: 20 ns for 230 bytes; byte by byte 140, Buffer.compare 60.
  for (const last = length - 2 * longLength; offset <= last; offset += 2 * longLength) {
    if (one.getBigInt64(atOne + offset, true) !== other.getBigInt64(atOther + offset, true)) return false
    const second = offset + longLength
    if (one.getBigInt64(atOne + second, true) !== other.getBigInt64(atOther + second, true)) return false
  }
  if (
    offset + longLength <= length &&
    one.getBigInt64(atOne + offset, true) !== other.getBigInt64(atOther + offset, true)
  )
    return false
  // The last eight bytes, some of them for the second time.
  const rest = length - longLength
  return one.getBigInt64(atOne + rest, true) === other.getBigInt64(atOther + rest, true)
}
