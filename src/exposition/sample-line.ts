import {
  backslash,
  carriageReturn,
  closeBrace,
  comma,
  equalsSign,
  hash,
  isInLabelName,
  isInName,
  isPlain,
  lineFeed,
  openBrace,
  quote,
  sameBytes,
  skipBlanks,
  skipPlainWords,
  space,
  startsLabelName,
  startsName,
} from './bytes.ts'
import type { ExpositionFormat } from './format.ts'
import { outOfRange, readMilliseconds, readNumber } from './number.ts'
import { decodeQuoted, holdsBackslash, isUtf8 } from './text.ts'
import { numberAt } from './whole-numbers.ts'

/** A label as its name and its value. */
export type Label = readonly [name: string, value: string]

/** A sample of a trace, or the like, that stands for the many behind a figure. */
export type Exemplar = {
  readonly labels: readonly Label[]
  readonly value: number
  readonly timestampMs: number | undefined
}

/** One sample, as offsets into the body. One object serves all: it is valid only during the call that hands it over. */
export type SampleView = {
  readonly bytes: Uint8Array
  /** The series as written, name and labels, is `bytes[headStart, headEnd)`. */
  readonly headStart: number
  readonly headEnd: number
  readonly value: number
  /** Milliseconds since 1970, UTC; OpenMetrics seconds are rounded to the nearest millisecond. */
  readonly timestampMs: number | undefined
  name(): string
  /** In written order, escapes undone. Names are unique. */
  labels(): readonly Label[]
  /** Only OpenMetrics has them. */
  exemplar(): Exemplar | undefined
}

/** Up to here, names are compared in pairs; beyond, by a set, so that a hostile line costs no quadratic time. */
const labelsComparedInPairs = 16
const noExemplar = -1
const noBytes = new Uint8Array(0)
const noView = new DataView(noBytes.buffer)

/**
 * Reads sample lines. It keeps offsets only; nothing is decoded until it is asked for.
 *
 * A class for speed: one object with fixed fields, reused for every line, so that a line allocates nothing.
 */
export class SampleLine implements SampleView {
  bytes: Uint8Array = noBytes
  view: DataView = noView
  headStart = 0
  headEnd = 0
  // Not 0: a field that begins as a whole number changes the layout, and unmakes compiled code, at the first fraction.
  value = Number.NaN
  timestampMs: number | undefined = undefined

  /** After a failed read: what stood against the line, and where. */
  problem = ''
  problemAt = 0

  readonly #isOpenMetrics: boolean
  readonly #number = { value: Number.NaN }
  #nameStart = 0
  #nameEnd = 0
  #hasEscapedName = false
  /** How many labels of the line before stand in `#spans`, read in full. */
  #familiarLabels = 0
  #labelCount = 0
  #exemplarCount = noExemplar
  #exemplarValue = Number.NaN
  #exemplarTimestampMs: number | undefined = undefined
  /** Four offsets a label: its name's start and end, its value's start and end. The exemplar's follow the sample's. */
  #spans = new Int32Array(4 * 16)
  /** By place in the line: the name, then each label's name and value. */
  readonly #lastDecoded: { from: number; to: number; text: string }[] = []

  constructor(format: ExpositionFormat) {
    this.#isOpenMetrics = format === 'openmetrics'
  }

  /** The lines to be read from now on stand in `bytes`. */
  turnTo(bytes: Uint8Array): void {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    // What was familiar stood in the bytes before.
    this.#nameStart = 0
    this.#nameEnd = 0
    this.#familiarLabels = 0
    this.#lastDecoded.length = 0
  }

  /** Reads the sample at `start`. Returns the start of the next line, or -1 and leaves a `problem`. */
  read(start: number): number {
    const bytes = this.bytes
    const first = bytes[start] ?? lineFeed
    let at = start
    this.headStart = start
    this.#labelCount = 0
    this.#hasEscapedName = false
    if (startsName(first)) {
      at += Math.max(1, this.#familiarLength(this.#nameStart, this.#nameEnd, start))
      while (isInName(bytes[at] ?? lineFeed)) at++
      this.#nameStart = start
      this.#nameEnd = at
      const brace = bytes[at] === openBrace ? at : this.#skip(at)
      if (bytes[brace] === openBrace) {
        at = this.#readLabels(brace + 1, false)
        if (at < 0) return -1
      }
    } else if (first === openBrace) {
      this.#nameStart = -1
      at = this.#readLabels(start + 1, false)
      if (at < 0) return -1
      if (this.#nameStart < 0) return this.#fail('expected a metric name, found only labels', start)
    } else {
      return this.#expected('a metric name', start)
    }
    this.headEnd = at
    return this.readAfterHead(at)
  }

  /** Reads value, timestamp and exemplar, from the end of the series on. Returns as `read` does. */
  readAfterHead(headEnd: number): number {
    this.timestampMs = undefined
    this.#exemplarCount = noExemplar
    return this.#isOpenMetrics ? this.#readOpenMetricsRest(headEnd) : this.#readTextRest(headEnd)
  }

  name(): string {
    return this.#decoded(0, this.#nameStart, this.#nameEnd)
  }

  labels(): readonly Label[] {
    return this.#labelsWithin(0, this.#labelCount)
  }

  exemplar(): Exemplar | undefined {
    if (this.#exemplarCount === noExemplar) return undefined
    return {
      labels: this.#labelsWithin(this.#labelCount, this.#labelCount + this.#exemplarCount),
      value: this.#exemplarValue,
      timestampMs: this.#exemplarTimestampMs,
    }
  }

  #readTextRest(headEnd: number): number {
    const bytes = this.bytes
    let at = skipBlanks(bytes, headEnd)
    const end = readNumber(bytes, at, this.#number)
    if (end < 0) return this.#expectedNumber(end, at)
    this.value = this.#number.value
    if (bytes[end] === lineFeed) return end + 1
    at = skipBlanks(bytes, end)
    if (!this.#isAtLineEnd(at)) {
      const timestampEnd = readMilliseconds(bytes, at, this.#number)
      if (timestampEnd < 0) {
        return this.#expected('a timestamp in whole milliseconds or the end of the line', at)
      }
      this.timestampMs = this.#number.value
      at = skipBlanks(bytes, timestampEnd)
      if (!this.#isAtLineEnd(at)) return this.#expected('the end of the line', at)
    }
    return bytes[at] === carriageReturn ? at + 2 : at + 1
  }

  #readOpenMetricsRest(headEnd: number): number {
    const bytes = this.bytes
    let at = this.#readSpacedNumber(headEnd)
    if (at < 0) return -1
    this.value = this.#number.value
    if (bytes[at] === space && bytes[at + 1] !== hash) {
      at = this.#readSpacedSeconds(at)
      if (at < 0) return -1
      this.timestampMs = this.#number.value
    }
    if (bytes[at] === space && bytes[at + 1] === hash) {
      at = this.#readExemplar(at)
      if (at < 0) return -1
    }
    return (bytes[at] ?? lineFeed) === lineFeed ? at + 1 : this.#expected('the end of the line', at)
  }

  #readExemplar(start: number): number {
    const bytes = this.bytes
    if (bytes[start + 2] !== space || bytes[start + 3] !== openBrace) {
      return this.#expected('an exemplar, " # {"', bytes[start + 2] === space ? start + 3 : start + 2)
    }
    const samplesLabels = this.#labelCount
    let at = this.#readLabels(start + 4, true)
    const exemplarsLabels = this.#labelCount - samplesLabels
    this.#labelCount = samplesLabels
    if (at < 0) return -1
    at = this.#readSpacedNumber(at)
    if (at < 0) return -1
    this.#exemplarCount = exemplarsLabels
    this.#exemplarValue = this.#number.value
    this.#exemplarTimestampMs = undefined
    if (bytes[at] === space) {
      at = this.#readSpacedSeconds(at)
      if (at < 0) return -1
      this.#exemplarTimestampMs = this.#number.value
    }
    return at
  }

  #readSpacedNumber(at: number): number {
    if (this.bytes[at] !== space) return this.#expected('a space and a number', at)
    const end = readNumber(this.bytes, at + 1, this.#number)
    return end < 0 ? this.#expectedNumber(end, at + 1) : end
  }

  /** Leaves the milliseconds in `#number`. */
  #readSpacedSeconds(at: number): number {
    const end = readNumber(this.bytes, at + 1, this.#number)
    if (end < 0 || !Number.isFinite(this.#number.value)) {
      return this.#expected('a timestamp in seconds', at + 1)
    }
    this.#number.value = Math.round(this.#number.value * 1000)
    return end
  }

  /** From behind the opening brace. Returns the offset behind the closing one. */
  #readLabels(start: number, isExemplar: boolean): number {
    const bytes = this.bytes
    const firstLabel = this.#labelCount
    // Lines of one metric carry the same label names, which are known to be unique.
    let familiarLabels = isExemplar ? 0 : this.#familiarLabels
    if (!isExemplar) this.#familiarLabels = 0
    let at = start
    for (;;) {
      let code = bytes[at] ?? lineFeed
      // Most bodies have no blanks here, so the expected byte is looked for before they are.
      if (!startsLabelName(code)) {
        at = this.#skip(at)
        code = bytes[at] ?? lineFeed
      }
      if (code === closeBrace) break
      let nameStart = at
      let nameEnd = at
      const isQuoted = code === quote
      let familiarLength = 0
      if (isQuoted) {
        nameStart = at + 1
        at = this.#readQuoted(nameStart)
        if (at < 0) return -1
        nameEnd = at - 1
        this.#hasEscapedName ||= holdsBackslash(bytes, nameStart, nameEnd)
        if (nameEnd === nameStart) return this.#expected('a name between the quotes', nameEnd)
      } else if (startsLabelName(code)) {
        if (this.#labelCount < familiarLabels) {
          const before = this.#labelCount * 4
          familiarLength = this.#familiarLength(
            numberAt(this.#spans, before),
            numberAt(this.#spans, before + 1),
            at,
          )
        }
        at += Math.max(1, familiarLength)
        while (isInLabelName(bytes[at] ?? lineFeed)) at++
        nameEnd = at
      } else {
        return this.#expected('a label name or "}"', at)
      }
      if (bytes[at] !== equalsSign) at = this.#skip(at)
      code = bytes[at] ?? lineFeed
      if (code === equalsSign) {
        at++
        if (bytes[at] !== quote) at = this.#skip(at)
        if (bytes[at] !== quote) return this.#expected('a quoted label value', at)
        const valueStart = at + 1
        at = this.#readQuoted(valueStart)
        if (at < 0) return -1
        this.#keepLabel(nameStart, nameEnd, valueStart, at - 1)
        if (familiarLength !== nameEnd - nameStart) {
          familiarLabels = 0
          if (this.#repeatsName(firstLabel)) return this.#fail('the label name is given twice', nameStart)
        }
        if (bytes[at] !== comma) at = this.#skip(at)
        code = bytes[at] ?? lineFeed
      } else if (isQuoted && !isExemplar && (code === comma || code === closeBrace)) {
        if (this.#nameStart >= 0) return this.#fail('the metric name is given twice', nameStart)
        this.#nameStart = nameStart
        this.#nameEnd = nameEnd
      } else {
        return this.#expected('"="', at)
      }
      if (code === comma) at++
      // Prometheus reads labels of its text format without commas between them, so we do.
      else if (code !== closeBrace && this.#isOpenMetrics) return this.#expected('"," or "}"', at)
    }
    if (this.#labelCount - firstLabel > labelsComparedInPairs) {
      const labels = this.#labelsWithin(firstLabel, this.#labelCount)
      if (new Set(labels.map(([name]) => name)).size < labels.length) {
        return this.#fail('a label name is given twice', start)
      }
    }
    if (!isExemplar) this.#familiarLabels = this.#labelCount
    return at + 1
  }

  /** From behind the opening quote. Returns the offset behind the closing one. */
  #readQuoted(start: number): number {
    const bytes = this.bytes
    let at = start
    let isAscii = true
    for (;;) {
      at = skipPlainWords(this.view, at)
      while (isPlain(bytes[at] ?? lineFeed)) at++
      const code = bytes[at] ?? lineFeed
      if (code === quote) break
      if (code === lineFeed) return this.#expected('a closing quote', at)
      if (code === backslash) {
        const escaped = bytes[at + 1]
        at += escaped === quote || escaped === backslash ? 2 : 1
      } else {
        isAscii = false
        at++
      }
    }
    if (!isAscii && !isUtf8(bytes, start, at)) return this.#fail('what is quoted is not UTF-8', start)
    return at + 1
  }

  #keepLabel(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const at = this.#labelCount * 4
    let spans = this.#spans
    if (at === spans.length) {
      spans = new Int32Array(at * 2)
      spans.set(this.#spans)
      this.#spans = spans
    }
    spans[at] = nameStart
    spans[at + 1] = nameEnd
    spans[at + 2] = valueStart
    spans[at + 3] = valueEnd
    this.#labelCount++
  }

  /** Whether the label kept last has the name of one before it. */
  #repeatsName(firstLabel: number): boolean {
    const spans = this.#spans
    const last = this.#labelCount - 1
    if (last - firstLabel >= labelsComparedInPairs) return false
    const start = numberAt(spans, last * 4)
    const end = numberAt(spans, last * 4 + 1)
    for (let at = firstLabel * 4; at < last * 4; at += 4) {
      const from = numberAt(spans, at)
      const to = numberAt(spans, at + 1)
      if (this.#isSame(from, to, start, end)) return true
      // `a\.` and `a\\.` are one name, written in two ways.
      if (this.#hasEscapedName && this.#decodedSpan(at) === this.#decodedSpan(last * 4)) return true
    }
    return false
  }

  /** The length of the earlier bare name `[from, to)` if the same bytes stand at `at`, else 0. */
  #familiarLength(from: number, to: number, at: number): number {
    const length = to - from
    // What was quoted may hold bytes that a bare name may not.
    const wasBare = from >= 0 && this.bytes[from - 1] !== quote
    return wasBare && at + length <= this.bytes.length && this.#isSame(from, to, at, at + length) ? length : 0
  }

  #isSame(from: number, to: number, start: number, end: number): boolean {
    return to - from === end - start && sameBytes(this.view, from, this.view, start, to - from)
  }

  #labelsWithin(from: number, to: number): Label[] {
    const labels: Label[] = []
    for (let label = from; label < to; label++) {
      labels.push([this.#decodedSpan(label * 4), this.#decodedSpan(label * 4 + 2)])
    }
    return labels
  }

  #decodedSpan(at: number): string {
    return this.#decoded(1 + at / 2, numberAt(this.#spans, at), numberAt(this.#spans, at + 1))
  }

  /**
   * The text of `bytes[from, to)`, the same string as last time if the bytes are those that stood in this place then.
   * Most names do, and many values: half the time and much memory is saved.
   */
  #decoded(place: number, from: number, to: number): string {
    const last = this.#lastDecoded[place]
    if (last !== undefined && this.#isSame(last.from, last.to, from, to)) return last.text
    const text = decodeQuoted(this.bytes, from, to)
    if (last === undefined) {
      this.#lastDecoded[place] = { from, to, text }
    } else {
      last.from = from
      last.to = to
      last.text = text
    }
    return text
  }

  /** The text format allows blanks between tokens; OpenMetrics does not. */
  #skip(at: number): number {
    return this.#isOpenMetrics ? at : skipBlanks(this.bytes, at)
  }

  #isAtLineEnd(at: number): boolean {
    const code = this.bytes[at] ?? lineFeed
    return code === lineFeed || (code === carriageReturn && (this.bytes[at + 1] ?? lineFeed) === lineFeed)
  }

  #expectedNumber(failure: number, at: number): number {
    return failure === outOfRange
      ? this.#fail('the number is beyond what a 64-bit float holds', at)
      : this.#expected('a number', at)
  }

  #expected(wanted: string, at: number): number {
    this.problemAt = at
    this.problem = `expected ${wanted}, found ${describeByte(this.bytes[at])}`
    return -1
  }

  #fail(problem: string, at: number): number {
    this.problemAt = at
    this.problem = problem
    return -1
  }
}

function describeByte(code: number | undefined): string {
  if (code === undefined || code === lineFeed) return 'the end of the line'
  if (code === space) return 'a space'
  const isPrintable = code > space && code < 0x7f
  return isPrintable ? `'${String.fromCharCode(code)}'` : `byte 0x${code.toString(16).padStart(2, '0')}`
}
