import type { ExpositionFormat } from './format.ts'

/**
 * The format that a reader wants, out of its `Accept` header: OpenMetrics where it names it and prefers nothing to it,
 * else the Prometheus text format, which everybody reads. Source: RFC 9110, 12.5.1; Prometheus, "Content negotiation".
 */
export function preferredFormat(accept: string | undefined): ExpositionFormat {
  let openMetrics = 0
  let text = 0
  for (const range of (accept ?? '').split(',')) {
    const [mediaType = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const weight = weightIn(parameters)
    if (mediaType === 'application/openmetrics-text') openMetrics = Math.max(openMetrics, weight)
    if (mediaType === 'text/plain') text = Math.max(text, weight)
  }
  return openMetrics > 0 && openMetrics >= text ? 'openmetrics' : 'prometheus-text'
}

function weightIn(parameters: readonly string[]): number {
  const [, written = '1'] = parameters.map((parameter) => /^q=([\d.]+)$/.exec(parameter)).find(Boolean) ?? []
  const weight = Number(written)
  return weight >= 0 && weight <= 1 ? weight : 0
}
