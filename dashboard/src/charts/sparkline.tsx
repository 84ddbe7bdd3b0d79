import { sparkPath } from '../figures/spark-path.ts'
import { hasValues, type Values } from '../figures/stack.ts'
import type { ColourName } from './chart-colours.ts'

const width = 100
const height = 22

/** A small chart beside figures that say the same; nothing as long as its values are not there. */
export function Sparkline({
  values,
  colour = 'ink-3',
}: {
  readonly values: Values | undefined
  readonly colour?: ColourName
}) {
  if (values === undefined || !hasValues([values])) return <span class="sparkline" />
  return (
    <svg
      class="sparkline"
      viewBox={`0 -2 ${width} ${height + 4}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      style={{ color: `var(--${colour})` }}
    >
      <path d={sparkPath(values, { width, height })} />
    </svg>
  )
}
