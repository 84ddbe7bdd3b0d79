import type { RecordedScrape } from '../../flows/energy-history.ts'
import type { RecordedSeries } from '../../flows/series-history.ts'
import { instant } from '../../units.ts'
import { recogniseKeplerSeries } from './kepler-series.ts'
import { isPossible, type ShownSeries, scrapeOf, translate } from './translate.ts'
import type { ZoneChoice } from './zones.ts'

/**
 * What a node is called whose exporter does not tell its name: by the address that was scraped, and by the node on which
 * it was found, where Prometheus has taken that down.
 */
export type NodeNaming = (exporter: {
  readonly instance: string
  readonly node: string | undefined
}) => string

export type RebuildContext = {
  readonly nameOf: NodeNaming
  /** The zones chosen for each node so far. A choice holds as long as its zones are there. */
  readonly zoneChoices: Map<string, ZoneChoice>
}

export type RebuiltScrapes = {
  /** Oldest first. */
  readonly scrapes: readonly RecordedScrape[]
  readonly values: number
  readonly notes: readonly string[]
}

/** What one scrape showed: `shown[i]` had the value `values[i]`. */
type Moment = { readonly shown: ShownSeries[]; readonly values: number[]; unread: number }

/**
 * Puts recorded series back together as the scrapes that they came from: Prometheus gives all samples of a scrape the
 * same time, and a series that was not in it has no sample then. What is made of a scrape is what would have been made
 * of it live. A scrape without energy counters is left out, as one that failed.
 */
export function rebuildScrapes(series: readonly RecordedSeries[], context: RebuildContext): RebuiltScrapes {
  const exporters = new Map<string, Map<number, Moment>>()
  const notes = new Set<string>()
  let read = 0
  for (const { name, labels, times, values } of series) {
    const recognised = recogniseKeplerSeries(name, labelsOfExporter(labels))
    if (recognised === undefined) continue
    const shown: ShownSeries = { series: recognised, counter: undefined }
    // With `honor_labels`, series of one legacy scrape have two: then it takes one name for both to join them.
    const exporter = context.nameOf({ instance: labels.get('instance') ?? '', node: labels.get('node') })
    const moments = exporters.get(exporter) ?? new Map<number, Moment>()
    exporters.set(exporter, moments)
    for (const [index, time] of times.entries()) {
      const moment = moments.get(time) ?? { shown: [], values: [], unread: 0 }
      moments.set(time, moment)
      const value = values[index] ?? Number.NaN
      if (isPossible(value)) {
        moment.shown.push(shown)
        moment.values.push(value)
      } else {
        moment.unread += 1
      }
    }
    read += times.length
  }
  const scrapes: RecordedScrape[] = []
  for (const { exporter, time, moment } of inOrderOfTime(exporters)) {
    const translation = translate(moment.shown, {
      standInNode: exporter,
      zoneChoices: context.zoneChoices,
    })
    if (translation.kind === 'no-power-families') continue
    for (const note of translation.notes) notes.add(`${exporter}: ${note}`)
    if (!moment.shown.some(tellsNode))
      notes.add(`${exporter} is the name of a node whose exporter does not tell another one.`)
    const values = Float64Array.from(moment.values)
    const about = { at: instant(time), unreadLines: moment.unread }
    for (const node of translation.nodes) scrapes.push({ exporter, scrape: scrapeOf(node, values, about) })
  }
  return { scrapes, values: read, notes: [...notes] }
}

function inOrderOfTime(exporters: ReadonlyMap<string, ReadonlyMap<number, Moment>>) {
  const all = Array.from(exporters, ([exporter, moments]) =>
    Array.from(moments, ([time, moment]) => ({ exporter, time, moment })),
  )
  return all.flat().sort((a, b) => a.time - b.time)
}

function tellsNode({ series }: ShownSeries): boolean {
  return 'node' in series && series.node !== ''
}

const renamed = 'exported_'

/**
 * The labels as the exporter wrote them. Where one stood in the way of a label of the scrape's own, as `instance` does
 * in legacy Kepler, Prometheus has put `exported_` before it; `instance` itself is then the address that was scraped.
 * Source: prometheus.io/docs/prometheus/latest/configuration/configuration, honor_labels.
 */
function labelsOfExporter(labels: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const own = new Map(labels)
  own.delete('instance')
  for (const [label, value] of labels) {
    if (label.startsWith(renamed)) own.set(label.slice(renamed.length), value)
  }
  return own
}
