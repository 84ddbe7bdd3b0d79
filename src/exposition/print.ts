import type { ExpositionFormat } from './format.ts'

/** A metric with its samples, to be printed. */
export type MetricFamily = {
  /** As samples carry it in the Prometheus world: a counter's name ends in `_total`. Not empty. */
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary' | 'unknown'
  /** Gone through once. */
  readonly samples: Iterable<MetricSample>
}

export type MetricSample = {
  /** What this sample's name has behind the family's: `_bucket`, `_sum`, `_count`. */
  readonly suffix?: string
  readonly labels?: Readonly<Record<string, string>>
  /** The labels, or the rest of them, as `writeLabels` wrote them: for series that are printed again and again. */
  readonly writtenLabels?: string
  readonly value: number
  /** Milliseconds since 1970, UTC. */
  readonly timestampMs?: number
}

const charactersPerPiece = 64 * 1024

/**
 * Metric families as text in the Prometheus format 0.0.4 or in OpenMetrics 1.0, so that `parseExposition` reads
 * back what went in. Names that the formats do not allow bare are quoted, as both do since Prometheus 3.
 *
 * In OpenMetrics a counter is declared without its `_total`; one that does not end so is declared `unknown`, since
 * OpenMetrics knows no such counter.
 */
export function printExposition(families: Iterable<MetricFamily>, format: ExpositionFormat): string {
  return [...printPieces(families, format)].join('')
}

/** The same in pieces of some 64 kB, each printed when it is asked for. */
export function* printPieces(
  families: Iterable<MetricFamily>,
  format: ExpositionFormat,
): Generator<string, void, undefined> {
  let piece = ''
  for (const family of families) {
    piece += declarationOf(family, format)
    const isNameBare = isBare(family.name)
    for (const sample of family.samples) {
      piece += sampleLine(family.name, sample, { format, isNameBare })
      if (piece.length < charactersPerPiece) continue
      yield piece
      piece = ''
    }
  }
  if (format === 'openmetrics') piece += '# EOF\n'
  if (piece !== '') yield piece
}

/** Labels as they stand between the braces of a sample. */
export function writeLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([label, text]) => {
      const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label) ? label : quoted(label)
      return `${labelName}=${quoted(text)}`
    })
    .join(',')
}

function declarationOf({ name, help, type }: MetricFamily, format: ExpositionFormat): string {
  if (format === 'prometheus-text') {
    const written = bareOrQuoted(name)
    const escapedHelp = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
    return `# HELP ${written} ${escapedHelp}\n# TYPE ${written} ${type === 'unknown' ? 'untyped' : type}\n`
  }
  const isCounter = type === 'counter' && name.endsWith('_total')
  const declaredType = type === 'counter' && !isCounter ? 'unknown' : type
  const written = bareOrQuoted(isCounter ? name.slice(0, -'_total'.length) : name)
  return `# TYPE ${written} ${declaredType}\n# HELP ${written} ${escaped(help)}\n`
}

function sampleLine(
  familyName: string,
  { suffix = '', labels, writtenLabels = '', value, timestampMs }: MetricSample,
  { format, isNameBare }: { readonly format: ExpositionFormat; readonly isNameBare: boolean },
): string {
  const name = familyName + suffix
  const written = labels === undefined ? writtenLabels : joined(writeLabels(labels), writtenLabels)
  const series = isNameBare
    ? written === ''
      ? name
      : `${name}{${written}}`
    : `{${joined(quoted(name), written)}}`
  if (timestampMs === undefined) return `${series} ${numeral(value)}\n`
  return `${series} ${numeral(value)} ${format === 'openmetrics' ? timestampMs / 1000 : timestampMs}\n`
}

function joined(one: string, other: string): string {
  return one === '' || other === '' ? one + other : `${one},${other}`
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
