import { lineFeed } from './bytes.ts'

const fewestCarriedBytes = 1024
/** No line of an exporter comes near it; without a limit a body without a line feed would be kept whole. */
const mostLineBytes = 1024 * 1024

/** A line was longer than is read: the body is none. */
export class LongLineError extends Error {
  override name = 'LongLineError'
}

/**
 * Gives out a body that comes in pieces as runs of whole lines. The lines of a piece are given out where they lie; a line
 * that lies across pieces is put together, as a run of its own. What is given out is valid only during the call.
 */
export class WholeLines {
  readonly #onLines: (bytes: Uint8Array) => void
  #carried = new Uint8Array(0)
  #length = 0

  constructor(onLines: (bytes: Uint8Array) => void) {
    this.#onLines = onLines
  }

  /** Throws LongLineError. */
  push(piece: Uint8Array): void {
    let from = 0
    if (this.#length > 0) {
      const end = piece.indexOf(lineFeed)
      from = end < 0 ? piece.length : end + 1
      this.#carry(piece.subarray(0, from))
      if (end < 0) return
      this.#giveOutCarried()
    }
    const to = piece.lastIndexOf(lineFeed) + 1
    if (to > from) this.#onLines(from === 0 && to === piece.length ? piece : piece.subarray(from, to))
    if (piece.length > Math.max(from, to)) this.#carry(piece.subarray(Math.max(from, to)))
  }

  /** Gives out a last line without its line feed. */
  end(): void {
    if (this.#length > 0) this.#giveOutCarried()
  }

  #carry(bytes: Uint8Array): void {
    const length = this.#length + bytes.length
    if (length > mostLineBytes) throw new LongLineError(`a line is longer than ${mostLineBytes} bytes`)
    if (length > this.#carried.length) {
      const larger = new Uint8Array(Math.max(fewestCarriedBytes, 2 * length))
      larger.set(this.#carried.subarray(0, this.#length))
      this.#carried = larger
    }
    this.#carried.set(bytes, this.#length)
    this.#length = length
  }

  #giveOutCarried(): void {
    const length = this.#length
    this.#length = 0
    this.#onLines(this.#carried.subarray(0, length))
  }
}
