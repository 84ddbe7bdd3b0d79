/** A logarithmic scale from `least` to `greatest`, both above zero, as positions from 0 to 1. */
export type LogScale = { readonly least: number; readonly greatest: number }

/** A scale of whole steps 1, 2, 5, 10, … that holds all values above zero; undefined where there is none. */
export function logScale(values: readonly number[]): LogScale | undefined {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value))
  if (positive.length === 0) return undefined
  const least = roundStep(Math.min(...positive), 'down')
  const greatest = roundStep(Math.max(...positive), 'up')
  return { least, greatest: greatest > least ? greatest : least * 2 }
}

export function positionOn({ least, greatest }: LogScale, value: number): number {
  if (!(value > 0)) return 0
  return Math.min(1, Math.max(0, Math.log(value / least) / Math.log(greatest / least)))
}

/** Powers of ten on the scale, with their twos and fives where there is room. */
export function logTicks({ least, greatest }: LogScale): readonly number[] {
  const decades = Math.log10(greatest / least)
  const mantissas = decades > 2.5 ? [1] : [1, 2, 5]
  const first = Math.floor(Math.log10(least))
  const ticks: number[] = []
  for (let exponent = first; 10 ** exponent <= greatest * 1.001; exponent += 1) {
    for (const mantissa of mantissas) {
      const tick = Number((mantissa * 10 ** exponent).toPrecision(1))
      if (tick >= least * 0.999 && tick <= greatest * 1.001) ticks.push(tick)
    }
  }
  return ticks
}

function roundStep(value: number, direction: 'up' | 'down'): number {
  const power = 10 ** Math.floor(Math.log10(value))
  const steps = [1, 2, 5, 10].map((step) => Number((step * power).toPrecision(1)))
  const found =
    direction === 'up' ? steps.find((step) => step >= value) : steps.findLast((step) => step <= value)
  return found ?? power
}

/**
 * Puts labels beside each other where their marks stand too close: each keeps its order, none begins before the one
 * before it has ended, and all stay within 0 and `width`. Positions are the labels' middles.
 */
export function spreadLabels(
  labels: readonly { readonly at: number; readonly width: number }[],
  width: number,
): readonly number[] {
  const placed: number[] = []
  let free = 0
  for (const { at, width: own } of labels) {
    const middle = Math.max(at, free + own / 2)
    placed.push(middle)
    free = middle + own / 2
  }
  // What was moved beyond the end moves back, and those before it make room.
  let end = width
  for (let at = labels.length - 1; at >= 0; at -= 1) {
    const half = (labels[at]?.width ?? 0) / 2
    const middle = Math.min(placed[at] ?? 0, end - half)
    placed[at] = middle
    end = middle - half
  }
  return placed
}
