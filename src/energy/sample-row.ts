import { ByteReader, type ByteWriter } from './byte-columns.ts'
import { countAt, numberAt } from './columns.ts'

/**
 * A row holds the samples of one container, one for each tick of a block; NaN, in both columns, where it has none. It
 * takes a few bytes for each sample, and comes back to the last bit:
 *
 * Counters are printed as decimals, so each is a whole number of thousandths or millionths of a joule. Of these numbers
 * the differences of the differences are written, which are next to nothing at constant power. The energy of a sample is
 * nearly always what its counter has above the one before, and then it is not written at all. The sum of several counters,
 * though, is no decimal to the last bit, and its difference is not the sum of their differences: by how much either is off
 * takes a byte for each sample, in rows that need it. What fits none of this is written as it is.
 */
export type SampleRow = { readonly energies: Float64Array; readonly counters: Float64Array }

const decimalsMask = 0x0f
const noDecimals = 0x0f
const hasGapsBit = 0x10
const hasCorrectionsBit = 0x20

const powersOfTen = Float64Array.from({ length: 10 }, (_, decimals) => 10 ** decimals)
const mostDecimals = 9
/** Differences of differences of such numbers, and twice them, are exact. */
const mostNumber = 2 ** 51
const firstTooLarge = 2 ** 52

/** An energy that is off by less is off because of rounding, and not because a counter began again. */
const mostRoundingJoules = 1
const mostSteps = 2 ** 28
const mostExponent = 255
const powersOfTwo = Float64Array.from({ length: mostExponent + 1 }, (_, exponent) => 2 ** exponent)
/** In place of a correction: the energy stands behind it as it is. */
const asItIs = 0

/** Writes rows; one serves for many, since it keeps what it works with. */
export class SampleRowWriter {
  readonly #writer: ByteWriter
  #energies: Float64Array
  #counters: Float64Array
  /** Of the sample `i` at `i + 1`; at 0 the one from which the first energy was counted. */
  #numbers: Float64Array
  #count = 0
  #decimals = 0

  constructor(writer: ByteWriter, mostTicks: number) {
    this.#writer = writer
    this.#energies = new Float64Array(mostTicks)
    this.#counters = new Float64Array(mostTicks)
    this.#numbers = new Float64Array(mostTicks + 1)
  }

  write({ energies, counters }: SampleRow): void {
    this.#gather(energies, counters)
    const hasGaps = this.#count < energies.length
    const gapsBit = hasGaps ? hasGapsBit : 0
    if (!this.#findNumbers()) {
      this.#writer.byte(noDecimals | gapsBit)
      if (hasGaps) this.#writePresence(energies)
      this.#writeAsTheyAre()
      return
    }
    const exponent = this.#correctionExponent()
    this.#writer.byte(this.#decimals | gapsBit | (exponent < 0 ? 0 : hasCorrectionsBit))
    if (hasGaps) this.#writePresence(energies)
    this.#writeNumbers()
    if (exponent >= 0) this.#writeCorrections(exponent)
  }

  #gather(energies: Float64Array, counters: Float64Array): void {
    this.#count = 0
    for (let tick = 0; tick < energies.length; tick++) {
      const energy = numberAt(energies, tick)
      if (Number.isNaN(energy)) continue
      this.#energies[this.#count] = energy
      this.#counters[this.#count] = numberAt(counters, tick)
      this.#count++
    }
  }

  /** Finds the fewest decimals with which every counter is a whole number, or nearly. False if there are none. */
  #findNumbers(): boolean {
    let decimals = 0
    let foundAt = 0
    for (let sample = 0; sample < this.#count; sample++) {
      while (!isNearly(numberAt(this.#counters, sample), decimals)) {
        foundAt = sample
        decimals++
        if (decimals > mostDecimals) return false
      }
    }
    // What was found late may be too many decimals for a large number before.
    for (let sample = 0; sample < foundAt; sample++) {
      if (!isNearly(numberAt(this.#counters, sample), decimals)) return false
    }
    this.#decimals = decimals
    const power = numberAt(powersOfTen, decimals)
    for (let sample = 0; sample < this.#count; sample++) {
      this.#numbers[sample + 1] = Math.round(numberAt(this.#counters, sample) * power)
    }
    const first = numberAt(this.#numbers, 1)
    const before = first - Math.round(numberAt(this.#energies, 0) * power)
    this.#numbers[0] = Math.abs(before) <= mostNumber ? before : first
    return this.#areWritable()
  }

  #areWritable(): boolean {
    let number = 0
    let difference = 0
    for (let index = 0; index <= this.#count; index++) {
      const next = numberAt(this.#numbers, index) - number
      if (!(Math.abs(next - difference) < firstTooLarge)) return false
      difference = index === 0 ? 0 : next
      number = numberAt(this.#numbers, index)
    }
    return true
  }

  #writeNumbers(): void {
    let number = 0
    let difference = 0
    for (let index = 0; index <= this.#count; index++) {
      const next = numberAt(this.#numbers, index) - number
      this.#writer.signed(next - difference)
      // The first number says nothing about the way to the second.
      difference = index === 0 ? 0 : next
      number += next
    }
  }

  /** The size of the step in which energies are off, as the exponent of a half; -1 when all is exact without corrections. */
  #correctionExponent(): number {
    const power = numberAt(powersOfTen, this.#decimals)
    let exponent = -1
    let before = numberAt(this.#numbers, 0) / power
    for (let sample = 0; sample < this.#count; sample++) {
      const counter = numberAt(this.#counters, sample)
      const energy = numberAt(this.#energies, sample)
      const off = energy - (counter - before)
      const isExact =
        Object.is(counter - before, energy) && counter === numberAt(this.#numbers, sample + 1) / power
      if (!isExact) exponent = Math.max(exponent, 0)
      if (off !== 0 && Math.abs(off) < mostRoundingJoules) {
        exponent = Math.max(exponent, Math.min(mostExponent, lowestExponent(off)))
      }
      before = counter
    }
    return exponent
  }

  #writeCorrections(exponent: number): void {
    const writer = this.#writer
    const power = numberAt(powersOfTen, this.#decimals)
    const stepsPerJoule = numberAt(powersOfTwo, exponent)
    writer.byte(exponent)
    let before = numberAt(this.#numbers, 0) / power
    for (let sample = 0; sample < this.#count; sample++) {
      const counter = numberAt(this.#counters, sample)
      const energy = numberAt(this.#energies, sample)
      const difference = counter - before
      const place = placeBeside(numberAt(this.#numbers, sample + 1) / power, counter)
      const steps = (energy - difference) * stepsPerJoule
      const isWhole = Math.abs(steps) <= mostSteps && Object.is(difference + steps / stepsPerJoule, energy)
      if (isWhole && Number.isInteger(steps)) {
        writer.whole(1 + place + 3 * (steps < 0 ? -2 * steps - 1 : 2 * steps))
      } else {
        writer.whole(asItIs)
        writer.byte(place)
        writer.double(energy)
      }
      before = counter
    }
  }

  #writeAsTheyAre(): void {
    for (let sample = 0; sample < this.#count; sample++) {
      this.#writer.double(numberAt(this.#counters, sample))
      this.#writer.double(numberAt(this.#energies, sample))
    }
  }

  /** A bit for each tick. */
  #writePresence(energies: Float64Array): void {
    for (let first = 0; first < energies.length; first += 8) {
      let bits = 0
      for (let tick = first; tick < Math.min(first + 8, energies.length); tick++) {
        if (!Number.isNaN(numberAt(energies, tick))) bits |= 1 << (tick - first)
      }
      this.#writer.byte(bits)
    }
  }
}

/** Reads the row of `into.energies.length` ticks that begins at `from`. */
export function readRow(bytes: Uint8Array, from: number, into: SampleRow): void {
  const reader = new ByteReader(bytes)
  reader.at = from
  readNextRow(reader, into)
}

/** Reads the row of `into.energies.length` ticks that the reader is at. */
export function readNextRow(reader: ByteReader, into: SampleRow): void {
  const { energies, counters } = into
  const head = reader.byte()
  // Present samples are marked by any number, the others by NaN.
  if ((head & hasGapsBit) === 0) energies.fill(0)
  else readPresence(reader, energies)
  const decimals = head & decimalsMask
  if (decimals === noDecimals) {
    readAsTheyAre(reader, into)
    return
  }
  const power = numberAt(powersOfTen, decimals)
  let number = reader.signed()
  const first = number / power
  let difference = 0
  let before = first
  for (let tick = 0; tick < energies.length; tick++) {
    if (Number.isNaN(numberAt(energies, tick))) {
      counters[tick] = Number.NaN
      continue
    }
    difference += reader.signed()
    number += difference
    const counter = number / power
    counters[tick] = counter
    energies[tick] = counter - before
    before = counter
  }
  if ((head & hasCorrectionsBit) !== 0) readCorrections(reader, into, first)
}

function readCorrections(reader: ByteReader, { energies, counters }: SampleRow, first: number): void {
  const stepsPerJoule = numberAt(powersOfTwo, reader.byte())
  let before = first
  for (let tick = 0; tick < energies.length; tick++) {
    if (Number.isNaN(numberAt(energies, tick))) continue
    const correction = reader.whole()
    const place = correction === asItIs ? reader.byte() : (correction - 1) % 3
    const counter = besides(numberAt(counters, tick), place)
    counters[tick] = counter
    if (correction === asItIs) {
      energies[tick] = reader.double()
    } else {
      const folded = (correction - 1 - place) / 3
      const steps = folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2
      energies[tick] = counter - before + steps / stepsPerJoule
    }
    before = counter
  }
}

function readAsTheyAre(reader: ByteReader, { energies, counters }: SampleRow): void {
  for (let tick = 0; tick < energies.length; tick++) {
    const isPresent = !Number.isNaN(numberAt(energies, tick))
    counters[tick] = isPresent ? reader.double() : Number.NaN
    if (isPresent) energies[tick] = reader.double()
  }
}

function readPresence(reader: ByteReader, energies: Float64Array): void {
  let bits = 0
  for (let tick = 0; tick < energies.length; tick++) {
    if (tick % 8 === 0) bits = reader.byte()
    energies[tick] = (bits & (1 << (tick % 8))) === 0 ? Number.NaN : 0
  }
}

/** Whether the counter is a number of so many decimals, or the next double above or below one. */
function isNearly(counter: number, decimals: number): boolean {
  // Not what is below zero either, nor the zero with a sign.
  if (!(counter > 0) && !Object.is(counter, 0)) return false
  const power = numberAt(powersOfTen, decimals)
  const number = Math.round(counter * power)
  return number <= mostNumber && placeBeside(number / power, counter) !== elsewhere
}

const below = 0
const exactly = 1
const above = 2
const elsewhere = 3

function placeBeside(decimal: number, counter: number): number {
  if (counter === decimal) return exactly
  if (counter === besides(decimal, above)) return above
  return decimal > 0 && counter === besides(decimal, below) ? below : elsewhere
}

const scratch = new Float64Array(1)
const words = new Uint32Array(scratch.buffer)
const [lowWord, highWord] = [0, 1]

/** The double itself, or the next one. `value` is not below zero. */
function besides(value: number, place: number): number {
  if (place === exactly) return value
  scratch[0] = value
  const low = countAt(words, lowWord)
  const high = countAt(words, highWord)
  if (place === above) {
    words[lowWord] = low + 1
    if (low === 0xffff_ffff) words[highWord] = high + 1
  } else {
    words[lowWord] = low - 1
    if (low === 0) words[highWord] = high - 1
  }
  return scratch[0]
}

/** So many halvings of one make up the lowest bit of the number, which is not 0. */
function lowestExponent(value: number): number {
  scratch[0] = value
  const low = countAt(words, lowWord)
  const high = countAt(words, highWord)
  const exponent = (high >>> 20) & 0x7ff
  const zeros = low === 0 ? 32 + trailingZeros((high & 0xf_ffff) | 0x10_0000) : trailingZeros(low)
  return Math.max(0, 1075 - Math.max(1, exponent) - zeros)
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word)
}
