import type { Format } from './render.ts'

/** The values of an Accept or Accept-Encoding header with their weights, best first; equal weights keep their order. */
function weighted(header: string | undefined): readonly { value: string; parameters: string; q: number }[] {
  return (header ?? '')
    .split(',')
    .map((part) => {
      const [value = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
      const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
      return { value, parameters: parameters.join(';'), q: q === undefined ? 1 : Number(q) }
    })
    .filter(({ value, q }) => value !== '' && q > 0)
    .sort((left, right) => right.q - left.q)
}

/** OpenMetrics only when it is asked for, in a version we have, ahead of plain text. */
export function formatFor(accept: string | undefined): Format {
  const wanted = weighted(accept).find(
    ({ value, parameters }) =>
      (value === 'text/plain' && !/version=(?!0\.0\.4)/.test(parameters)) ||
      (value === 'application/openmetrics-text' && !/version=(?!1\.0\.0|0\.0\.1)/.test(parameters)),
  )
  return wanted?.value === 'application/openmetrics-text' ? 'open-metrics' : 'text'
}

/** Whether gzip is wanted, and not less than no compression at all. */
export function isGzipWanted(acceptEncoding: string | undefined): boolean {
  const wanted = weighted(acceptEncoding)
  const gzip = wanted.find(({ value }) => value === 'gzip') ?? wanted.find(({ value }) => value === '*')
  const identity = wanted.find(({ value }) => value === 'identity')
  return gzip !== undefined && gzip.q >= (identity?.q ?? 0)
}
