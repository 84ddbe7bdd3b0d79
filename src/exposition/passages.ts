import { sameBytes } from './bytes.ts'
import type { UnwantedMetric } from './unwanted-metric.ts'

/** More are not remembered, nor longer ones: what an exporter prints has one to three for each of its metrics. */
const mostPassages = 1000
const mostLineBytes = 1024

/** A part of a body from which nothing is taken. */
export type Passage = KnownLine | UnwantedMetric

/** A line that was read, and was found to be in order and to say nothing that is needed. */
export class KnownLine {
  /** The line `bytes[from, to)`, its line feed included; undefined where it is too long to be kept. */
  static of(bytes: Uint8Array, from: number, to: number): KnownLine | undefined {
    return to - from > mostLineBytes ? undefined : new KnownLine(bytes.slice(from, to))
  }

  readonly #line: DataView

  constructor(line: Uint8Array) {
    this.#line = new DataView(line.buffer, line.byteOffset, line.byteLength)
  }

  /** Where the line ends that begins at `at`; `at` where there is another one. Every byte is compared. */
  endOfLinesAt(run: DataView, at: number): number {
    const end = at + this.#line.byteLength
    return end <= run.byteLength && sameBytes(this.#line, 0, run, at, this.#line.byteLength) ? end : at
  }
}

/**
 * The passages of the body before, in its order, in which they are expected again: most bodies have the same ones. From the
 * first one on that is another, those of the present body are taken down, for the next.
 */
export class Passages {
  #before: readonly Passage[] = []
  /** Once they differ from those before. */
  #own: Passage[] | undefined
  #count = 0

  beginRead(): void {
    this.#before = this.#own ?? this.#before
    this.#own = undefined
    this.#count = 0
  }

  /** The passage that is likely to come next. */
  expected(): Passage | undefined {
    return this.#own === undefined ? this.#before[this.#count] : undefined
  }

  /** Notes that the expected passage came. */
  meet(): void {
    this.#count++
  }

  /** Notes that another one came. */
  add(passage: Passage): void {
    this.#own ??= this.#before.slice(0, this.#count)
    if (this.#own.length < mostPassages) this.#own.push(passage)
  }
}
