const fewestBytes = 256
const continued = 0x80

/** What a number of seven bits and more is multiplied with for each byte that goes before. */
const radix = 128

/** Writes numbers one behind another into bytes: whole numbers in one byte or more, the smaller the fewer. */
export class ByteWriter {
  #bytes = new Uint8Array(fewestBytes)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  get length(): number {
    return this.#length
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow()
    this.#bytes[this.#length] = value
    this.#length++
  }

  /** A whole number of [0, 2^53). */
  whole(value: number): void {
    let rest = value
    while (rest >= radix) {
      const digit = rest % radix
      this.byte(digit | continued)
      rest = (rest - digit) / radix
    }
    this.byte(rest)
  }

  /** A whole number of (-2^52, 2^52): those near zero are short, whatever their sign. */
  signed(value: number): void {
    this.whole(value < 0 ? -2 * value - 1 : 2 * value)
  }

  double(value: number): void {
    if (this.#length + 8 > this.#bytes.length) this.#grow()
    this.#view.setFloat64(this.#length, value, true)
    this.#length += 8
  }

  /** What was written since the last time, in an array of its own. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(0, this.#length)
    this.#length = 0
    return taken
  }

  #grow(): void {
    const larger = new Uint8Array(2 * this.#bytes.length)
    larger.set(this.#bytes)
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}

/** Reads what ByteWriter wrote, in the same order. */
export class ByteReader {
  at = 0
  readonly #bytes: Uint8Array
  readonly #view: DataView

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  byte(): number {
    const value = this.#bytes[this.at]
    if (value === undefined) throw new RangeError('there is no more to read')
    this.at++
    return value
  }

  whole(): number {
    let byte = this.byte()
    if (byte < continued) return byte
    let value = byte - continued
    let scale = radix
    do {
      byte = this.byte()
      value += (byte & (continued - 1)) * scale
      scale *= radix
    } while (byte >= continued)
    return value
  }

  signed(): number {
    const value = this.whole()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  double(): number {
    const value = this.#view.getFloat64(this.at, true)
    this.at += 8
    return value
  }
}
