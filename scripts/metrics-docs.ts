import { type MetricFamily, printExposition } from '../src/exposition/print.ts'
import { exposedMetrics } from '../test/prometheus/exposed-metrics.ts'

/** The page that lists the metrics, as Markdown. Each family has at least one sample, which shows its labels. */
export function metricsDocs(families: readonly MetricFamily[]): string {
  const metrics = exposedMetrics(printExposition(families, 'prometheus-text'))
  const rowOf = (name: string) => {
    const { type = '', help = '', labels } = metrics.get(name) ?? {}
    const names = Array.from(labels ?? [], (label) => `\`${label}\``).join(', ')
    return `| \`${name}\` | ${type} | ${names} | ${help.replaceAll('|', '\\|')} |`
  }
  const table = (names: readonly string[]) =>
    ['| metric | type | labels | meaning |', '|---|---|---|---|', ...names.map(rowOf)].join('\n')
  const isOfService = (name: string) => name.startsWith('co2_api_')
  const names = [...metrics.keys()]
  return `${[
    introduction,
    `## Energy, power, emissions\n\n${table(names.filter((name) => !isOfService(name)))}`,
    `## The service itself\n\n${table(names.filter(isOfService))}`,
  ].join('\n\n')}\n`
}

const introduction = `# Metrics

<!-- Written by \`npm run docs\` from the metrics themselves. -->

What \`GET /metrics\` holds. [prometheus-and-grafana.md](prometheus-and-grafana.md) says how they are scraped, what they mean
together, and how to bound them. Those about sources, stores and tokens are there where the service has such.`
