/**
 * A number as Go prints it in an exposition: the shortest digits that read back as the same number, with an
 * exponent of at least two digits below 1e-4 and from 1e6 on.
 * Source: Go's strconv.FormatFloat(value, 'g', -1, 64), used by prometheus/common expfmt.
 */
export function goNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e')
  const exponent = Number(exponentText)
  if (exponent >= -4 && exponent < 6) return String(value)
  const digits = String(Math.abs(exponent)).padStart(2, '0')
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`
}
