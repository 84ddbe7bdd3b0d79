import type { ExpositionFormat } from './format.ts'

/** A metric with its samples, to be printed. */
export type MetricFamily = {
  /** As samples carry it in the Prometheus world: a counter's name ends in `_total`. Not empty. */
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary' | 'unknown'
  readonly samples: readonly {
    /** What this sample's name has behind the family's: `_bucket`, `_sum`, `_count`. */
    readonly suffix?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly value: number
    /** Milliseconds since 1970, UTC. */
    readonly timestampMs?: number
  }[]
}

/**
 * Metric families as text in the Prometheus format 0.0.4 or in OpenMetrics 1.0, so that `parseExposition` reads
 * back what went in. Names that the formats do not allow bare are quoted, as both do since Prometheus 3.
 *
 * In OpenMetrics a counter is declared without its `_total`; one that does not end so is declared `unknown`, since
 * OpenMetrics knows no such counter.
 */
export function printExposition(families: readonly MetricFamily[], format: ExpositionFormat): string {
  const lines = families.flatMap((family) => [
    ...declarationOf(family, format),
    ...family.samples.map((sample) => sampleLine(family.name, sample, format)),
  ])
  if (format === 'openmetrics') lines.push('# EOF')
  return lines.map((line) => `${line}\n`).join('')
}

function declarationOf({ name, help, type }: MetricFamily, format: ExpositionFormat): readonly string[] {
  if (format === 'prometheus-text') {
    const written = bareOrQuoted(name)
    const escapedHelp = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
    return [`# HELP ${written} ${escapedHelp}`, `# TYPE ${written} ${type === 'unknown' ? 'untyped' : type}`]
  }
  const isCounter = type === 'counter' && name.endsWith('_total')
  const declaredType = type === 'counter' && !isCounter ? 'unknown' : type
  const written = bareOrQuoted(isCounter ? name.slice(0, -'_total'.length) : name)
  return [`# TYPE ${written} ${declaredType}`, `# HELP ${written} ${escaped(help)}`]
}

function sampleLine(
  familyName: string,
  { suffix = '', labels = {}, value, timestampMs }: MetricFamily['samples'][number],
  format: ExpositionFormat,
): string {
  const name = familyName + suffix
  const written = Object.entries(labels).map(([label, text]) => {
    const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label) ? label : quoted(label)
    return `${labelName}=${quoted(text)}`
  })
  const series = isBare(name)
    ? name + (written.length > 0 ? `{${written.join(',')}}` : '')
    : `{${[quoted(name), ...written].join(',')}}`
  if (timestampMs === undefined) return `${series} ${numeral(value)}`
  return `${series} ${numeral(value)} ${format === 'openmetrics' ? timestampMs / 1000 : timestampMs}`
}

function isBare(name: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name)
}

function bareOrQuoted(name: string): string {
  return isBare(name) ? name : quoted(name)
}

function quoted(text: string): string {
  return `"${escaped(text)}"`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function numeral(value: number): string {
  if (value === Infinity) return '+Inf'
  if (value === -Infinity) return '-Inf'
  return Object.is(value, -0) ? '-0' : String(value)
}
