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
 * Walks one body line by line. The caller may read a sample by other means, as long as it keeps `at`,
 * `line` and `samples` right.
 */
export class BodyReader {
  /**
   * Keeps the layout of the objects that a body is read with alive while no body is read. Without it a garbage collection
   * between two scrapes throws away the machine code compiled for them, and every other scrape takes twice as long.
   */
  static readonly kept = new BodyReader(new Uint8Array(0), 'prometheus-text')

  /** The start of the line to be read next. */
  at: number
  /** The number of lines read. */
  line = 0
  samples = 0
  readonly sample: SampleLine
  readonly view: DataView

  readonly #bytes: Uint8Array
  readonly #format: ExpositionFormat
  readonly #badLines = new BadLines()
  #endAt = -1

  constructor(bytes: Uint8Array, format: ExpositionFormat) {
    this.#bytes = bytes
    this.#format = format
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.sample = new SampleLine(bytes, format)
    // A byte order mark is noise in the text format; OpenMetrics forbids it, so there it spoils the first line.
    const hasByteOrderMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
    this.at = hasByteOrderMark && format === 'prometheus-text' ? 3 : 0
  }

  /** Reads the line at `at`, whatever it is. True when it was a sample, which `sample` then holds. */
  readLine(visitor: Partial<ExpositionVisitor>): boolean {
    const bytes = this.#bytes
    const start = this.at
    this.line++
    const first = this.#format === 'prometheus-text' ? skipBlanks(bytes, start) : start
    const code = bytes[first] ?? lineFeed
    if (code === hash) {
      this.#readMetadata(start, first, visitor)
      return false
    }
    if (this.#format === 'prometheus-text' && this.#isLineEnd(code, first)) {
      this.at = lineEndFrom(this.view, first) + 1
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
    const end = lineEndFrom(this.view, this.sample.problemAt)
    this.#badLines.add(this.#bytes, { line: this.line, reason: this.sample.problem, start, end })
    this.at = end + 1
  }

  outcome(): ExpositionOutcome {
    return {
      samples: this.samples,
      badLines: { count: this.#badLines.count, first: this.#badLines.first },
      ending: this.#ending(),
    }
  }

  #readMetadata(start: number, first: number, visitor: Partial<ExpositionVisitor>): void {
    const bytes = this.#bytes
    const end = lineEndFrom(this.view, first)
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
        this.#endAt = end + 1
        this.at = bytes.length
        return
      case 'bad':
        this.#badLines.add(bytes, { line: this.line, reason: metadata.problem, start, end })
    }
  }

  #isLineEnd(code: number, at: number): boolean {
    return code === lineFeed || (code === carriageReturn && (this.#bytes[at + 1] ?? lineFeed) === lineFeed)
  }

  #ending(): ExpositionOutcome['ending'] {
    const { length } = this.#bytes
    if (this.#format === 'openmetrics') {
      if (this.#endAt < 0) return 'missing-eof'
      return this.#endAt < length ? 'text-after-eof' : 'complete'
    }
    return length === 0 || this.#bytes[length - 1] === lineFeed ? 'complete' : 'no-final-newline'
  }
}
