import type { Values } from './stack.ts'

/**
 * The path of a small chart, from nothing at the bottom to the greatest value at the top; a line that breaks where nothing
 * is known, and a dot where a value stands alone. Empty where there is nothing to draw.
 */
export function sparkPath(values: Values, size: { readonly width: number; readonly height: number }): string {
  const greatest = Math.max(0, ...values.map((value) => value ?? 0))
  const stride = size.width / Math.max(1, values.length - 1)
  let path = ''
  let isDrawing = false
  for (const [at, value] of values.entries()) {
    if (value === null) {
      isDrawing = false
      continue
    }
    const x = tenths(at * stride)
    const y = tenths(greatest === 0 ? size.height : size.height * (1 - value / greatest))
    const isAlone = !isDrawing && typeof values[at + 1] !== 'number'
    path += isDrawing ? `L${x} ${y}` : isAlone ? `M${x} ${y}h0.1` : `M${x} ${y}`
    isDrawing = true
  }
  return path
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10
}
