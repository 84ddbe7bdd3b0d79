/** The number at `index`, which must be there. */
export function numberAt(numbers: Int32Array, index: number): number {
  return numbers[index] ?? 0
}

/** A copy of the first `length` numbers, with zeros behind them if there are fewer. */
export function resized(numbers: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(length)
  copy.set(numbers.subarray(0, length))
  return copy
}
