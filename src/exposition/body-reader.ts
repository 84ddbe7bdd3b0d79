import { carriageReturn, hash, lineEndFrom, lineFeed, skipBlanks } from './bytes.ts'
import type { ExpositionFormat } from './format.ts'
import { readMetadataLine } from './metadata-line.ts'
import { BadLines, type ExpositionOutcome } from './outcome.ts'
import { SampleLine, type SampleView } from './sample-line.ts'

/** Who is told what a body holds, in the body's order. */
export type ExpositionVisitor = {
  sample(view: SampleView): void
  type?(family: string, type: string): void
  help?(family: string, text: string): void
  unit?(family: string, unit: string): void
}

/**
 * Walks one body line by line. The body may come in runs of whole lines, one after another. The caller may read a
 * sample by other means, as long as it keeps `at` and `samples` right.
 */
export class BodyReader {
  /**
   * Keeps the layout of the objects that a body is read with alive while no body is read. Without it a garbage collection
   * between two scrapes throws away the machine code compiled for them, and every other scrape takes twice as long.
   */
  static readonly kept = new BodyReader('prometheus-text')

  /** The start of the line to be read next, in the present run. */
  at = 0
  samples = 0
  readonly sample: SampleLine

  readonly #format: ExpositionFormat
  readonly #badLines = new BadLines()
  /** The bytes of the body before the present run, and up to its end. */
  #runStart = 0
  #runEnd = 0
  #lastByte = lineFeed
  #hasEnded = false
  #hasTextBehindEnd = false

  constructor(format: ExpositionFormat) {
    this.#format = format
    this.sample = new SampleLine(format)
  }

  /** Goes on with the run that follows the one before. */
  turnTo(bytes: Uint8Array): void {
    this.#runStart = this.#runEnd
    this.#runEnd += bytes.length
    this.#lastByte = bytes[bytes.length - 1] ?? this.#lastByte
    this.sample.turnTo(bytes)
    if (this.#hasEnded) {
      this.#hasTextBehindEnd ||= bytes.length > 0
      this.at = bytes.length
      return
    }
    // A byte order mark is noise in the text format; OpenMetrics forbids it, so there it spoils the first line.
    const hasByteOrderMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
    const isSkipped = hasByteOrderMark && this.#runStart === 0 && this.#format === 'prometheus-text'
    this.at = isSkipped ? 3 : 0
  }

  /** Reads the line at `at`, whatever it is. True when it was a sample, which `sample` then holds. */
  readLine(visitor: Partial<ExpositionVisitor>): boolean {
    const { bytes, view } = this.sample
    const start = this.at
    const first = this.#format === 'prometheus-text' ? skipBlanks(bytes, start) : start
    const code = bytes[first] ?? lineFeed
    if (code === hash) {
      this.#readMetadata(start, first, visitor)
      return false
    }
    if (this.#format === 'prometheus-text' && this.#isLineEnd(code, first)) {
      this.at = lineEndFrom(view, first) + 1
      return false
    }
    const next = this.sample.read(first)
    if (next < 0) {
      this.addBadSample(start)
      return false
    }
    this.samples++
    this.at = next
    return true
  }

  /** Notes that the sample line at `start` failed, and goes on behind it. */
  addBadSample(start: number): void {
    const { bytes, view, problem, problemAt } = this.sample
    const end = lineEndFrom(view, problemAt)
    this.#badLines.add(bytes, { at: this.#runStart + start, reason: problem, start, end })
    this.at = end + 1
  }

  /** How many bad lines there were so far. */
  get badLines(): number {
    return this.#badLines.count
  }

  /** Whether the body's end mark was read. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  outcome(): ExpositionOutcome {
    return {
      samples: this.samples,
      badLines: { count: this.#badLines.count, first: this.#badLines.first },
      ending: this.#ending(),
    }
  }

  #readMetadata(start: number, first: number, visitor: Partial<ExpositionVisitor>): void {
    const { bytes, view } = this.sample
    const end = lineEndFrom(view, first)
    this.at = end + 1
    const metadata = readMetadataLine(bytes, { start: first, end }, this.#format)
    switch (metadata.kind) {
      case 'comment':
        return
      case 'type':
        visitor.type?.(metadata.family(), metadata.text())
        return
      case 'help':
        visitor.help?.(metadata.family(), metadata.text())
        return
      case 'unit':
        visitor.unit?.(metadata.family(), metadata.text())
        return
      case 'end':
        this.#hasEnded = true
        this.#hasTextBehindEnd = end + 1 < bytes.length
        this.at = bytes.length
        return
      case 'bad':
        this.#badLines.add(bytes, { at: this.#runStart + start, reason: metadata.problem, start, end })
    }
  }

  #isLineEnd(code: number, at: number): boolean {
    return (
      code === lineFeed || (code === carriageReturn && (this.sample.bytes[at + 1] ?? lineFeed) === lineFeed)
    )
  }

  #ending(): ExpositionOutcome['ending'] {
    if (this.#format === 'openmetrics') {
      if (!this.#hasEnded) return 'missing-eof'
      return this.#hasTextBehindEnd ? 'text-after-eof' : 'complete'
    }
    return this.#lastByte === lineFeed ? 'complete' : 'no-final-newline'
  }
}
