/** The first place in an ascending list whose value is not below `wanted`; its length where there is none. */
export function lowerBound(ascending: ArrayLike<number>, wanted: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ascending[middle] ?? Infinity) < wanted) low = middle + 1
    else high = middle
  }
  return low
}

/** Whether an ascending list holds a value. */
export function isAmong(ascending: ArrayLike<number>, value: number): boolean {
  return ascending[lowerBound(ascending, value)] === value
}
