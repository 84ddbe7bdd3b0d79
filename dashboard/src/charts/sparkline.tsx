import { sparkPath } from '../figures/spark-path.ts'
import { hasValues, type Values } from '../figures/stack.ts'

const width = 100
const height = 22

/** A small chart beside figures that say the same; nothing as long as its values are not there. */
export function Sparkline({ values }: { readonly values: Values | undefined }) {
  if (values === undefined || !hasValues([values])) return <span class="sparkline" />
  return (
    <svg
      class="sparkline"
      viewBox={`0 -2 ${width} ${height + 4}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={sparkPath(values, { width, height })} />
    </svg>
  )
}
