import type { Values } from './stack.ts'

/** Where a value stands with nothing known before and after it: a line through known neighbours leaves it out. */
export function lonelyValues(values: Values): readonly number[] {
  const isKnown = (at: number) => typeof values[at] === 'number'
  return [...values.keys()].filter((at) => isKnown(at) && !isKnown(at - 1) && !isKnown(at + 1))
}
