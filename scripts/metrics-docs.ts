import { everythingIn } from '../src/exposition/everything-in.ts'
import { type MetricFamily, printExposition } from '../src/exposition/print.ts'

/** The page that lists the metrics, as Markdown. Each family has at least one sample, which shows its labels. */
export function metricsDocs(families: readonly MetricFamily[]): string {
  const labelsOf = new Map<string, Set<string>>()
  const types = new Map<string, string>()
  const helps = new Map<string, string>()
  for (const entry of everythingIn(
    new TextEncoder().encode(printExposition(families, 'prometheus-text')),
    'prometheus-text',
  ).entries) {
    if ('type' in entry) types.set(entry.of, entry.type)
    else if ('help' in entry) helps.set(entry.of, entry.help)
    else if ('name' in entry)
      labelsOf.set(entry.name, new Set([...(labelsOf.get(entry.name) ?? []), ...Object.keys(entry.labels)]))
  }
  const rowOf = (name: string) => {
    const labels = Array.from(labelsOf.get(name) ?? [], (label) => `\`${label}\``).join(', ')
    return `| \`${name}\` | ${types.get(name) ?? ''} | ${labels} | ${(helps.get(name) ?? '').replaceAll('|', '\\|')} |`
  }
  const table = (names: readonly string[]) =>
    ['| metric | type | labels | meaning |', '|---|---|---|---|', ...names.map(rowOf)].join('\n')
  const isOfService = (name: string) => name.startsWith('co2_api_')
  const names = [...types.keys()]
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
