/** The metrics that a PromQL expression asks for, each with the labels that it selects by, and the labels that it groups by. */
export type PromqlNames = {
  readonly selectors: readonly { readonly metric: string; readonly labels: readonly string[] }[]
  readonly groupings: readonly string[]
}

/** Reads what our own expressions are made of; no parser of all of PromQL. Grafana's variables may stand in them. */
export function promqlNames(expression: string): PromqlNames {
  const withoutTexts = expression.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
  const selectors = Array.from(
    withoutTexts.matchAll(/\b([a-z_][a-z0-9_]*)\b(?!\s*\()(?:\{([^}]*)\})?/gi),
    ([, metric = '', matchers = '']) => ({
      metric,
      labels: Array.from(matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g), ([, label = '']) => label),
    }),
  ).filter(({ metric }) => metric.includes('_') && !metric.startsWith('__'))
  const groupings = Array.from(
    withoutTexts.matchAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g),
    ([, names = '']) => names.split(',').map((name) => name.trim()),
  )
  return { selectors, groupings: groupings.flat().filter((name) => name !== '') }
}
