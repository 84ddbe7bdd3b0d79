import { everythingIn } from '../../src/exposition/everything-in.ts'

/** What an exposition says of one metric. */
export type ExposedMetric = {
  /** Undefined where none is said. */
  readonly type: string | undefined
  /** Empty where none is said. */
  readonly help: string
  /** Those of all its samples; undefined where it has none. */
  readonly labels: ReadonlySet<string> | undefined
}

/** The metrics of an exposition in Prometheus' text format by name, in the order in which they come. */
export function exposedMetrics(text: string): ReadonlyMap<string, ExposedMetric> {
  const metrics = new Map<string, ExposedMetric>()
  const add = (name: string, said: Partial<ExposedMetric>) =>
    metrics.set(name, { type: undefined, help: '', labels: undefined, ...metrics.get(name), ...said })
  for (const entry of everythingIn(new TextEncoder().encode(text), 'prometheus-text').entries) {
    if ('type' in entry) add(entry.of, { type: entry.type })
    else if ('help' in entry) add(entry.of, { help: entry.help })
    else if ('name' in entry) {
      const before = metrics.get(entry.name)?.labels ?? []
      add(entry.name, { labels: new Set([...before, ...Object.keys(entry.labels)]) })
    }
  }
  return metrics
}
