import { ByteStrings, type HashedBytes, hashed } from './byte-strings.ts'
import { openBrace } from './bytes.ts'
import { numberAt, resized } from './whole-numbers.ts'

const none = -1
const fewestSlots = 16

/** The name and the labels of a series as written. */
export type Head = { readonly name: HashedBytes; readonly labels: HashedBytes }

/**
 * The series of earlier bodies, found again by the bytes of their heads: name and labels as written.
 *
 * A head is kept as two byte strings, the name and the labels, since the metrics of one container carry the same
 * labels: the 29 heads that Kepler 0.9 prints for one container share 10 label sets, so that
 * 290,000 series take 41 MB, with all slack and indexes, where the heads as written have 70.
 */
export class KnownSeries<Series> {
  /** What was recognised, by id; undefined for a series that is not wanted. */
  series: (Series | undefined)[] = []
  /** How many different series the present read has met. */
  met = 0

  readonly #names = new ByteStrings()
  readonly #labels = new ByteStrings()
  #nameOf = new Int32Array(0)
  #labelsOf = new Int32Array(0)
  /** The id that came after this one when it was last read, or -1. */
  #next = new Int32Array(0)
  /** The number of the read that last met the id. */
  #metIn = new Int32Array(0)
  /** By name and labels; open addressing, as in ByteStrings. */
  #slots = new Int32Array(fewestSlots).fill(none)
  /** The id that came first in a body, or -1. */
  #first = none
  #previous = none
  #read = 0

  get count(): number {
    return this.series.length
  }

  /** Begins another body. */
  beginRead(): void {
    this.#read++
    this.#previous = none
    this.met = 0
  }

  /** The id that is likely to come next, or -1. */
  expected(): number {
    return this.#previous === none ? this.#first : numberAt(this.#next, this.#previous)
  }

  /** Where the head of `id` ends if it stands at `at`, else -1. Every byte is compared. */
  headEndAt(id: number, body: DataView, at: number): number {
    const name = numberAt(this.#nameOf, id)
    if (!this.#names.isAt(name, body, at)) return none
    const labels = numberAt(this.#labelsOf, id)
    const labelsStart = at + this.#names.lengthOf(name)
    return this.#labels.isAt(labels, body, labelsStart) ? labelsStart + this.#labels.lengthOf(labels) : none
  }

  /** The id of the head, or -1. */
  find({ name, labels }: Head): number {
    const nameId = this.#names.find(name)
    if (nameId === none) return none
    const labelsId = this.#labels.find(labels)
    return labelsId === none ? none : numberAt(this.#slots, this.#slotOf(nameId, labelsId))
  }

  /** Keeps a head that `find` did not find. Returns its id. */
  add({ name, labels }: Head, series: Series | undefined): number {
    const id = this.series.length
    if (id === this.#next.length) this.#resize(Math.max(fewestSlots, id * 2))
    this.#nameOf[id] = this.#names.keep(name)
    this.#labelsOf[id] = this.#labels.keep(labels)
    // Between two known series: the second is still to be expected behind this one.
    this.#next[id] = this.expected()
    this.series.push(series)
    if ((id + 1) * 2 > this.#slots.length) this.#index(this.#slots.length * 2)
    else this.#enter(id)
    return id
  }

  /** Notes that `id` came next. */
  meet(id: number): void {
    if (this.#previous === none) this.#first = id
    else this.#next[this.#previous] = id
    this.#previous = id
    if (this.#metIn[id] !== this.#read) {
      this.#metIn[id] = this.#read
      this.met++
    }
  }

  /** Forgets every series that the last `reads` reads did not meet, and gives its memory back. */
  forgetUnmetFor(reads: number): void {
    this.#keepOnly((id) => numberAt(this.#metIn, id) > this.#read - reads)
  }

  /** Forgets the series that were added when there were `count` already. */
  forgetAllBut(count: number): void {
    this.#keepOnly((id) => id < count)
  }

  #keepOnly(isKept: (id: number) => boolean): void {
    const namesNeeded = new Uint8Array(this.#names.count)
    const labelsNeeded = new Uint8Array(this.#labels.count)
    const renumbered = new Int32Array(this.count).fill(none)
    let count = 0
    for (let id = 0; id < this.count; id++) {
      if (!isKept(id)) continue
      namesNeeded[numberAt(this.#nameOf, id)] = 1
      labelsNeeded[numberAt(this.#labelsOf, id)] = 1
      renumbered[id] = count++
    }
    if (count === this.count) {
      this.#labels.trim()
      return
    }
    const names = this.#names.keepOnly(namesNeeded)
    const labels = this.#labels.keepOnly(labelsNeeded)
    for (let id = 0; id < this.count; id++) {
      const index = numberAt(renumbered, id)
      if (index === none) continue
      this.#nameOf[index] = numberAt(names, numberAt(this.#nameOf, id))
      this.#labelsOf[index] = numberAt(labels, numberAt(this.#labelsOf, id))
      this.#next[index] = renumbered[this.#next[id] ?? none] ?? none
      this.#metIn[index] = numberAt(this.#metIn, id)
    }
    this.#first = renumbered[this.#first] ?? none
    this.#previous = none
    this.series = this.series.filter((_, id) => renumbered[id] !== none)
    this.#resize(count)
    let slots = fewestSlots
    while (slots < count * 2) slots *= 2
    this.#index(slots)
  }

  /** The slot that holds the series of this name and these labels, or else the empty one where it belongs. */
  #slotOf(name: number, labels: number): number {
    const mask = this.#slots.length - 1
    const hash = Math.imul(Math.imul(name, 0x9e3779b1) ^ labels, 0x85ebca6b)
    for (let slot = (hash ^ (hash >>> 15)) & mask; ; slot = (slot + 1) & mask) {
      const id = numberAt(this.#slots, slot)
      if (id === none || (this.#nameOf[id] === name && this.#labelsOf[id] === labels)) return slot
    }
  }

  #enter(id: number): void {
    this.#slots[this.#slotOf(numberAt(this.#nameOf, id), numberAt(this.#labelsOf, id))] = id
  }

  #index(slots: number): void {
    this.#slots = new Int32Array(slots).fill(none)
    for (let id = 0; id < this.series.length; id++) this.#enter(id)
  }

  #resize(length: number): void {
    this.#nameOf = resized(this.#nameOf, length)
    this.#labelsOf = resized(this.#labelsOf, length)
    this.#next = resized(this.#next, length)
    this.#metIn = resized(this.#metIn, length)
  }
}

/** The head `body[from, to)`, cut at its first brace. Where does not matter, as long as it is always the same. */
export function headIn(body: DataView, from: number, to: number): Head {
  let middle = from
  while (middle < to && body.getUint8(middle) !== openBrace) middle++
  return { name: hashed(body, from, middle), labels: hashed(body, middle, to) }
}
