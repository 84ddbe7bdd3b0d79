import { decode } from './text.ts'

/** A line that is not of the format. It was skipped, and the lines after it were read. */
export type BadLine = {
  /** How many bytes of the body stand before it. */
  readonly at: number
  /** What was expected and what was found. */
  readonly reason: string
  /** The beginning of the line, at most 80 characters. */
  readonly excerpt: string
}

/** How reading a body went. */
export type ExpositionOutcome = {
  /** Samples handed over. */
  readonly samples: number
  readonly badLines: {
    readonly count: number
    /** At most eight. */
    readonly first: readonly BadLine[]
  }
  /**
   * How the body ended. Only `complete` proves that nothing was cut off; and only in OpenMetrics is it a proof,
   * since a text body cut behind a line feed looks whole. The last line without its line feed is still handed over.
   */
  readonly ending: 'complete' | 'no-final-newline' | 'missing-eof' | 'text-after-eof'
}

const mostBadLinesKept = 8
const mostExcerptCharacters = 80
const mostBytesPerCharacter = 4

/** Counts bad lines and keeps the first of them. */
export class BadLines {
  count = 0
  readonly first: BadLine[] = []

  /** The line is `bytes[start, end)`. */
  add(bytes: Uint8Array, found: { at: number; reason: string; start: number; end: number }): void {
    this.count++
    if (this.first.length >= mostBadLinesKept) return
    const { at, reason, start, end } = found
    const beginning = decode(
      bytes,
      start,
      Math.min(end, start + mostExcerptCharacters * mostBytesPerCharacter),
    )
    this.first.push({ at, reason, excerpt: beginning.slice(0, mostExcerptCharacters).toWellFormed() })
  }
}
