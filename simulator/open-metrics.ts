import { printSample, type Recording, readSample } from './recording.ts'

/**
 * The same families as OpenMetrics 1.0.0: a counter's comments drop the `_total` of its samples, floats carry a
 * decimal point, and the last line says that it is the last.
 */
export function openMetricsFrom(families: Recording): string {
  const lines = families.flatMap((family) => {
    const type = family.comments.find((comment) => comment.startsWith('# TYPE '))?.split(' ')[3]
    const rename = type === 'counter' && family.name.endsWith('_total')
    return [
      ...(rename
        ? family.comments.map((comment) =>
            comment.replace(family.name, family.name.slice(0, -'_total'.length)),
          )
        : family.comments),
      ...family.samples.map((sample) => openMetricsSample(sample, type)),
    ]
  })
  return `${[...lines, '# EOF'].join('\n')}\n`
}

function openMetricsSample(line: string, type: string | undefined): string {
  const { name, labels, value } = readSample(line)
  const isCount = type === 'summary' && name.endsWith('_count')
  return printSample({
    name,
    labels: labels.map(([label, text]) => [label, label === 'quantile' ? asFloat(text) : text] as const),
    value: isCount ? value : asFloat(value),
  })
}

function asFloat(value: string): string {
  return /^-?\d+$/.test(value) ? `${value}.0` : value
}
