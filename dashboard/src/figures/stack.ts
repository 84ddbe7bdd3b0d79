/** Values over time, with null where nothing is known. */
export type Values = readonly (number | null)[]

/** What a total has besides its parts: never less than nothing, and unknown where the total is. */
export function restOf(total: Values, parts: readonly Values[]): Values {
  return total.map((whole, at) =>
    whole === null ? null : Math.max(0, whole - parts.reduce((sum, part) => sum + (part[at] ?? 0), 0)),
  )
}

/**
 * Layers that lie on each other, the first at the bottom: each with the sum of itself and those below. A layer that is
 * not known at a time adds nothing there; where none is known there is a gap in all of them.
 */
export function stacked(layers: readonly Values[]): readonly Values[] {
  const length = Math.max(0, ...layers.map((layer) => layer.length))
  const isKnown = Array.from({ length }, (_, at) => layers.some((layer) => typeof layer[at] === 'number'))
  let below: Values = Array.from({ length }, () => 0)
  return layers.map((layer) => {
    below = below.map((sum, at) => (isKnown[at] === true ? (sum ?? 0) + (layer[at] ?? 0) : null))
    return below
  })
}

/** Whether anything is there to be drawn. */
export function hasValues(layers: readonly Values[]): boolean {
  return layers.some((layer) => layer.some((value) => value !== null))
}
