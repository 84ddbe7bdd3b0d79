/** A value at a moment of a run. */
export type CurvePoint = { readonly minute: number; readonly megabytes: number }

/** By how much the values rise per minute: the slope of the line with the least squares. */
export function megabytesPerMinute(points: readonly CurvePoint[]): number {
  const count = points.length
  const meanMinute = points.reduce((sum, { minute }) => sum + minute, 0) / count
  const meanMegabytes = points.reduce((sum, { megabytes }) => sum + megabytes, 0) / count
  let covariance = 0
  let variance = 0
  for (const { minute, megabytes } of points) {
    covariance += (minute - meanMinute) * (megabytes - meanMegabytes)
    variance += (minute - meanMinute) ** 2
  }
  return variance === 0 ? 0 : covariance / variance
}

const mostRows = 40
const widthOfBar = 50

/** The curve as text, a row for each stretch of time with its mean; bars begin at 0 MB. */
export function curveText(points: readonly CurvePoint[]): string {
  const perRow = Math.max(1, Math.ceil(points.length / mostRows))
  const highest = Math.max(...points.map(({ megabytes }) => megabytes))
  const rows: string[] = []
  for (let at = 0; at < points.length; at += perRow) {
    const stretch = points.slice(at, at + perRow)
    const mean = stretch.reduce((sum, { megabytes }) => sum + megabytes, 0) / stretch.length
    const bar = '█'.repeat(Math.round((mean / highest) * widthOfBar))
    rows.push(
      `${(stretch[0]?.minute ?? 0).toFixed(1).padStart(6)} min ${mean.toFixed(1).padStart(7)} MB ${bar}`,
    )
  }
  return rows.join('\n')
}
