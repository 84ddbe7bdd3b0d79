import type { EnergyHistory, HistorySource } from '../../flows/energy-history.ts'
import type { SeriesHistory, SeriesSelector } from '../../flows/series-history.ts'
import type { Interval } from '../../units.ts'
import { keplerMetricNames } from './kepler-names.ts'
import { type NodeNaming, rebuildScrapes } from './rebuilt-scrapes.ts'
import type { ZoneChoice } from './zones.ts'

export type KeplerHistoryOptions = {
  readonly nameOf: NodeNaming
}

/**
 * Labels with the name of a node: what exporters tell in the current dialect, and in the legacy one as Prometheus keeps
 * it; and what discovery by Kubernetes is usually told to add.
 */
const nodeLabels = ['node_name', 'exported_instance', 'node']

/**
 * Kepler's counters as another program has recorded them. Exporters that have told of one node are read together: a
 * node's exporter has another address after each restart.
 */
export function createKeplerHistory(series: SeriesHistory, options: KeplerHistoryOptions): EnergyHistory {
  const selectorOf = (exporters: readonly string[]): SeriesSelector => ({
    names: keplerMetricNames,
    labels: { instance: exporters },
  })

  async function nodesOf(
    exporter: string,
    during: Interval,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const told = []
    for (const label of nodeLabels)
      told.push(...(await series.labelValues(label, { where: selectorOf([exporter]), during }, signal)))
    return [...told, options.nameOf({ instance: exporter, node: undefined })]
  }

  return {
    address: series.address,

    async sourcesWithin(during, signal) {
      const everywhere = { names: keplerMetricNames, labels: {} }
      const exporters = await series.labelValues('instance', { where: everywhere, during }, signal)
      const told = []
      for (const exporter of exporters)
        told.push({ exporter, nodes: await nodesOf(exporter, during, signal) })
      return connected(told).map((group) =>
        sourceOf(series, selectorOf(group), { ...options, exporters: group }),
      )
    },
  }
}

function sourceOf(
  series: SeriesHistory,
  where: SeriesSelector,
  { nameOf, exporters }: KeplerHistoryOptions & { readonly exporters: readonly string[] },
): HistorySource {
  const zoneChoices = new Map<string, ZoneChoice>()
  return {
    exporters,
    async read(during, signal) {
      return rebuildScrapes(await series.samplesWithin({ where, during }, signal), { nameOf, zoneChoices })
    },
  }
}

/** Groups of exporters, such that no two groups have told of one node. */
function connected(
  told: readonly { readonly exporter: string; readonly nodes: readonly string[] }[],
): readonly (readonly string[])[] {
  const groupOf = new Map<string, string[]>()
  const groups = new Set<string[]>()
  for (const { exporter, nodes } of told) {
    const group = [exporter]
    for (const node of nodes) {
      const other = groupOf.get(node)
      if (other === undefined || other === group) continue
      group.push(...other)
      groups.delete(other)
      for (const [known, itsGroup] of groupOf) if (itsGroup === other) groupOf.set(known, group)
    }
    for (const node of nodes) groupOf.set(node, group)
    groups.add(group)
  }
  return Array.from(groups, (group) => group.toSorted())
}
