import { sameBytes } from './bytes.ts'
import { numberAt, resized } from './whole-numbers.ts'

export type HashedBytes = {
  readonly body: DataView
  readonly from: number
  readonly to: number
  readonly hash: number
}

const none = -1
const fewestSlots = 16

/**
 * Byte strings, each kept once and numbered from 0 in the order of first sight.
 *
 * They lie behind one another in one array, so that comparing a body that keeps its order walks memory forwards;
 * the numbers stand in typed arrays, which cost the garbage collector nothing.
 */
export class ByteStrings {
  count = 0
  #view: DataView<ArrayBuffer> = new DataView(new ArrayBuffer(0))
  #used = 0
  #starts = new Int32Array(0)
  #lengths = new Int32Array(0)
  #hashes = new Int32Array(0)
  /** Open addressing: a slot holds a number or -1. At least twice as many slots as strings. */
  #slots = new Int32Array(fewestSlots).fill(none)

  lengthOf(id: number): number {
    return numberAt(this.#lengths, id)
  }

  /** Whether `body` goes on at `at` with the string `id`. Compares every byte. */
  isAt(id: number, body: DataView, at: number): boolean {
    const length = numberAt(this.#lengths, id)
    return (
      at + length <= body.byteLength && sameBytes(this.#view, numberAt(this.#starts, id), body, at, length)
    )
  }

  /** The number of the string, or -1 if it is not kept. */
  find({ body, from, to, hash }: HashedBytes): number {
    const mask = this.#slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = numberAt(this.#slots, slot)
      if (id === none) return none
      if (this.#hashes[id] === hash && this.#lengths[id] === to - from && this.isAt(id, body, from)) return id
    }
  }

  /** The number of the string, which is kept from now on. */
  keep(string: HashedBytes): number {
    const found = this.find(string)
    if (found !== none) return found
    const id = this.count
    if (id === this.#starts.length) this.#resize(Math.max(fewestSlots, id * 2))
    if ((id + 1) * 2 > this.#slots.length) this.#index(this.#slots.length * 2)
    const { body, from, to, hash } = string
    const length = to - from
    if (this.#used + length > this.#view.byteLength) this.#resizeBytes(Math.ceil(1.5 * (this.#used + length)))
    bytesOf(this.#view).set(bytesOf(body).subarray(from, to), this.#used)
    this.#starts[id] = this.#used
    this.#lengths[id] = length
    this.#hashes[id] = hash
    this.#used += length
    this.count++
    this.#enter(id)
    return id
  }

  /** Drops every string whose `isNeeded` is not 1, and gives its memory back. Returns the new number of each, or -1. */
  keepOnly(isNeeded: Uint8Array): Int32Array {
    const bytes = bytesOf(this.#view)
    const renumbered = new Int32Array(this.count).fill(none)
    let count = 0
    let used = 0
    for (let id = 0; id < this.count; id++) {
      if (isNeeded[id] !== 1) continue
      const start = numberAt(this.#starts, id)
      const length = numberAt(this.#lengths, id)
      bytes.copyWithin(used, start, start + length)
      this.#starts[count] = used
      this.#lengths[count] = length
      this.#hashes[count] = numberAt(this.#hashes, id)
      renumbered[id] = count
      used += length
      count++
    }
    this.count = count
    this.#used = used
    this.#resize(count)
    this.#resizeBytes(used)
    let slots = fewestSlots
    while (slots < count * 2) slots *= 2
    this.#index(slots)
    return renumbered
  }

  /** Gives back most of the room that was taken in advance while strings came in great numbers. */
  trim(): void {
    if (this.#view.byteLength > 1.25 * this.#used) this.#resizeBytes(Math.ceil(1.1 * this.#used))
  }

  #enter(id: number): void {
    const mask = this.#slots.length - 1
    let slot = numberAt(this.#hashes, id) & mask
    while (this.#slots[slot] !== none) slot = (slot + 1) & mask
    this.#slots[slot] = id
  }

  #index(slots: number): void {
    this.#slots = new Int32Array(slots).fill(none)
    for (let id = 0; id < this.count; id++) this.#enter(id)
  }

  #resize(length: number): void {
    this.#starts = resized(this.#starts, length)
    this.#lengths = resized(this.#lengths, length)
    this.#hashes = resized(this.#hashes, length)
  }

  #resizeBytes(length: number): void {
    const bytes = new Uint8Array(length)
    bytes.set(bytesOf(this.#view).subarray(0, this.#used))
    this.#view = new DataView(bytes.buffer)
  }
}

/** `body[from, to)` with its 32-bit hash. Strings with the same hash are told apart by their bytes. */
export function hashed(body: DataView, from: number, to: number): HashedBytes {
  let hash = to - from
  let at = from
  for (; at + 4 <= to; at += 4) {
    hash = Math.imul(hash ^ body.getInt32(at, true), 0x9e3779b1)
    hash ^= hash >>> 15
  }
  for (; at < to; at++) hash = Math.imul(hash ^ body.getUint8(at), 0x9e3779b1)
  hash ^= hash >>> 16
  return { body, from, to, hash: Math.imul(hash, 0x85ebca6b) ^ (hash >>> 13) }
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}
