import { familiesOf, type Row } from './families.ts'
import { goNumber } from './go-number.ts'
import { openMetricsFrom } from './open-metrics.ts'
import type { Dialect, NodeReading } from './readings.ts'
import { printSample, type RecordedFamily, type Recording, readSample } from './recording.ts'

/** `text` is Prometheus' text format 0.0.4, `open-metrics` is OpenMetrics 1.0.0. */
export type Format = 'text' | 'open-metrics'

/**
 * Writes a reading as the recorded exporter would. The recording is the template: comment lines, families that
 * are not about the node's power, label names, their order and constant labels are its own.
 */
export function renderReading(
  reading: NodeReading,
  template: Recording,
  { dialect, format = 'text' }: { dialect: Dialect; format?: Format },
): string {
  const rowsByFamily = familiesOf(dialect)
  const families = template.map((family) => {
    const rows = rowsByFamily.get(family.name)
    return rows === undefined
      ? family
      : { ...family, samples: samplesOf(family, rows(reading), reading.nodeName) }
  })
  const exposed = families.filter((family) => family.samples.length > 0)
  return format === 'text' ? textOf(exposed) : openMetricsFrom(exposed)
}

/** The recording without the families that a reading fills: what Kepler shows when it cannot measure power. */
export function renderWithoutPower(
  template: Recording,
  { dialect, format = 'text' }: { dialect: Dialect; format?: Format },
): string {
  const measured = familiesOf(dialect)
  const rest = template.filter((family) => !measured.has(family.name))
  return format === 'text' ? textOf(rest) : openMetricsFrom(rest)
}

function samplesOf(family: RecordedFamily, rows: readonly Row[], nodeName: string): readonly string[] {
  const [recorded] = family.samples
  if (recorded === undefined) return []
  const { name, labels } = readSample(recorded)
  const known: Row['labels'] = { node_name: nodeName, instance: nodeName }
  const series = rows.map((row) => ({
    labels: labels.map(
      ([label, constant]) => [label, row.labels[label] ?? known[label] ?? constant] as const,
    ),
    value: row.value,
  }))
  // The Go client sorts the series of a family by their label values, label by label.
  series.sort((left, right) => compareLabels(left.labels, right.labels))
  return series.map((one) => printSample({ name, labels: one.labels, value: goNumber(one.value) }))
}

type Labels = readonly (readonly [string, string])[]

function compareLabels(left: Labels, right: Labels): number {
  for (const [index, [, value]] of left.entries()) {
    const other = right[index]?.[1] ?? ''
    if (value !== other) return value < other ? -1 : 1
  }
  return 0
}

function textOf(families: Recording): string {
  const lines = families.flatMap((family) => [...family.comments, ...family.samples])
  return `${lines.join('\n')}\n`
}
