/*
 * Reading a column where there must be a number. Each kind of column has a function of its own: one for all of them
 * takes several times as long, since the compiler then cannot tell what it reads.
 */

/** Throws RangeError outside the column. */
export function numberAt(column: Float64Array, index: number): number {
  const value = column[index]
  if (value === undefined) throw outside(index)
  return value
}

/** Throws RangeError outside the column. */
export function shortNumberAt(column: Float32Array, index: number): number {
  const value = column[index]
  if (value === undefined) throw outside(index)
  return value
}

/** Throws RangeError outside the column. */
export function countAt(column: Uint32Array, index: number): number {
  const value = column[index]
  if (value === undefined) throw outside(index)
  return value
}

/** Throws RangeError outside the column. */
export function bitsAt(column: Uint8Array, index: number): number {
  const value = column[index]
  if (value === undefined) throw outside(index)
  return value
}

/** An index, or a negative number for none. Throws RangeError outside the column. */
export function indexAt(column: Int32Array, index: number): number {
  const value = column[index]
  if (value === undefined) throw outside(index)
  return value
}

function outside(index: number): RangeError {
  return new RangeError(`the column has no place ${index}`)
}
