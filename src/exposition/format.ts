/** The two line formats in which exporters print their metrics. */
export type ExpositionFormat = 'prometheus-text' | 'openmetrics'

/** What a `Content-Type` header says about the body. */
export type ContentFormat =
  | { readonly kind: 'known'; readonly format: ExpositionFormat }
  /** Nothing we read: `given` is the header as it came, or undefined where there was none. */
  | { readonly kind: 'unknown'; readonly given: string | undefined }

/**
 * The format that a `Content-Type` header announces.
 *
 * `text/plain` is the Prometheus text format when it names version 0.0.4 (the only one without quoted names),
 * 1.0.0 (the same with quoted names) or no version. `application/openmetrics-text` is OpenMetrics in any version.
 * Source: Prometheus, "Exposition formats", and OpenMetrics 1.0, "Overall Structure".
 */
export function expositionFormatOf(contentType: string | undefined): ContentFormat {
  const [mediaType = '', ...parameters] = (contentType ?? '')
    .split(';')
    .map((part) => part.trim().toLowerCase())
  if (mediaType === 'application/openmetrics-text') return { kind: 'known', format: 'openmetrics' }
  if (mediaType === 'text/plain' && versionIn(parameters)) return { kind: 'known', format: 'prometheus-text' }
  return { kind: 'unknown', given: contentType }
}

function versionIn(parameters: readonly string[]): boolean {
  const version = parameters.find((parameter) => /^version\s*=/.test(parameter))
  return version === undefined || /^version\s*=\s*"?(?:0\.0\.4|1\.0\.0)"?$/.test(version)
}
