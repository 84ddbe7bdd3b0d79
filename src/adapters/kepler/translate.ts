import type { EnergyReading, Naming, NodeReading, NodeScrape } from '../../energy/reading.ts'
import { wholePod } from '../../energy/workload.ts'
import type { Instant } from '../../units.ts'
import { type Dialect, gpuZone, type KeplerSeries } from './kepler-series.ts'
import { chooseZones, type ZoneChoice } from './zones.ts'

/** One value of a recognised series. */
export type KeplerValue = { readonly series: KeplerSeries; readonly value: number }

/** What a scrape of one exporter means; one node, unless the exposition gathers several. */
export type Translation =
  | {
      readonly kind: 'scrapes'
      readonly dialect: Dialect
      readonly scrapes: readonly NodeScrape[]
      /** What a person should know about this exporter, each as a sentence. */
      readonly notes: readonly string[]
    }
  /** An answer without any energy counter: Kepler could not compute, or this is not Kepler. Not a zero. */
  | { readonly kind: 'no-power-families' }

export type TranslationContext = {
  /** Stands in for the node's name where the exporter does not tell it. */
  readonly standInNode: string
  readonly at: Instant
  readonly unreadLines: number
  /** The zones chosen for each node so far. A choice holds as long as its zones are there. */
  readonly zoneChoices: Map<string, ZoneChoice>
}

/** Turns the values of one scrape into energy readings, by the rules of either dialect. */
export function translate(values: readonly KeplerValue[], context: TranslationContext): Translation {
  const current = values.some(({ series }) => series.kind.startsWith('current-'))
  const legacy = values.some(({ series }) => series.kind.startsWith('legacy-'))
  if (current) {
    const scrapes = translateCurrent(values, context)
    return { kind: 'scrapes', dialect: 'current', scrapes, notes: notesOnCurrent(values, legacy) }
  }
  if (legacy)
    return { kind: 'scrapes', dialect: 'legacy', scrapes: [translateLegacy(values, context)], notes: [] }
  return { kind: 'no-power-families' }
}

function notesOnCurrent(values: readonly KeplerValue[], legacyToo: boolean): readonly string[] {
  const notes: string[] = []
  const hasContainers = values.some(({ series }) => series.kind === 'current-container')
  const hasPods = values.some(({ series }) => series.kind === 'current-pod')
  if (legacyToo) notes.push('Both Kepler dialects are present; the legacy series are left out.')
  if (!hasContainers && hasPods) {
    notes.push(`Kepler exports no container level: energy is counted per pod, as container "${wholePod}".`)
  }
  if (hasContainers && !hasPods) {
    notes.push(
      'Kepler exports no pod level (or runs without Kubernetes): containers have neither pod nor namespace and their energy stays unattributed.',
    )
  }
  if (!hasContainers && !hasPods)
    notes.push('Kepler exports neither container nor pod level: there is nothing to attribute.')
  return notes
}

function translateCurrent(
  values: readonly KeplerValue[],
  context: TranslationContext,
): readonly NodeScrape[] {
  const byNode = Map.groupBy(
    values.filter(({ series }) => 'node' in series && series.kind !== 'legacy-node'),
    ({ series }) => ('node' in series && series.node) || context.standInNode,
  )
  return Array.from(byNode, ([node, ofNode]) => currentNode(node, ofNode, context))
}

type Pod = { readonly name: string; readonly namespace: string }

function currentNode(node: string, values: readonly KeplerValue[], context: TranslationContext): NodeScrape {
  const pods = new Map<string, Pod>()
  const zones = new Set<string>()
  let level: NodeScrape['level'] = 'pod'
  for (const { series } of values) {
    if (series.kind === 'current-pod')
      pods.set(series.podId, { name: series.podName, namespace: series.namespace })
    if (series.kind === 'current-container') level = 'container'
    if ('zone' in series) zones.add(series.zone)
  }
  const chosen = chosenZones(node, zones, context)
  const counted = new Set([...chosen, gpuZone])
  const readings: EnergyReading[] = []
  const nodeReadings: NodeReading[] = []
  for (const { series, value } of values) {
    if (!('zone' in series) || !counted.has(series.zone)) continue
    if (series.kind === 'current-node') {
      nodeReadings.push({ component: `${series.zone} ${series.sensor}`, kind: series.share, joules: value })
    } else if (series.kind === 'current-container' && level === 'container') {
      readings.push({
        containerId: series.containerId || JSON.stringify([series.podId, series.containerName]),
        component: series.zone,
        mode: 'dynamic',
        state: series.state,
        naming: nameOfContainer(series.containerName, pods.get(series.podId)),
        joules: value,
      })
    } else if (series.kind === 'current-pod' && level === 'pod') {
      readings.push({
        containerId: series.podId || JSON.stringify([series.namespace, series.podName]),
        component: series.zone,
        mode: 'dynamic',
        state: series.state,
        naming: nameOfContainer(wholePod, { name: series.podName, namespace: series.namespace }),
        joules: value,
      })
    }
  }
  return {
    node,
    at: context.at,
    basis: `current/${level}/${chosen.join('+')}`,
    level,
    readings,
    nodeReadings,
    unreadLines: context.unreadLines,
  }
}

function chosenZones(node: string, present: ReadonlySet<string>, context: TranslationContext): ZoneChoice {
  const before = context.zoneChoices.get(node)
  if (before !== undefined && before.length > 0 && before.every((zone) => present.has(zone))) return before
  const chosen = chooseZones(present)
  context.zoneChoices.set(node, chosen)
  return chosen
}

/** Until Kepler has met a container in the kubelet's list, its name is a guess and it belongs to no pod. */
function nameOfContainer(containerName: string, pod: Pod | undefined): Naming {
  if (pod === undefined || containerName === '' || pod.name === '') return { kind: 'unnamed' }
  return { kind: 'named', workload: { namespace: pod.namespace, pod: pod.name, container: containerName } }
}

function translateLegacy(values: readonly KeplerValue[], context: TranslationContext): NodeScrape {
  const hasTotal = values.some(
    ({ series }) => series.kind === 'legacy-container' && series.component === 'total',
  )
  const scale = values.some(({ series }) => series.kind === 'build' && exportsMillijoules(series.version))
    ? 0.001
    : 1
  let node = ''
  const readings: EnergyReading[] = []
  const nodeReadings: NodeReading[] = []
  for (const { series, value } of values) {
    if (series.kind === 'legacy-node') {
      node ||= series.node
      const component = `${series.component} ${series.sensor}`
      if (series.component !== 'total') nodeReadings.push({ component, kind: series.share, joules: value })
    } else if (series.kind === 'legacy-container' && (series.component === 'total') === hasTotal) {
      readings.push({
        containerId: legacyContainerId(series),
        component: series.component,
        mode: series.mode,
        state: 'running',
        naming: nameOfLegacyContainer(series),
        joules: value * scale,
      })
    }
  }
  return {
    node: node || context.standInNode,
    at: context.at,
    basis: `legacy/container/${hasTotal ? 'total' : 'package+dram+other+gpu'}`,
    level: 'container',
    readings,
    nodeReadings,
    unreadLines: context.unreadLines,
  }
}

type LegacyContainer = Extract<KeplerSeries, { kind: 'legacy-container' }>

/** Version 0.7.3 leaves out the division: pkg/metrics/container/metrics.go of that tag. */
function exportsMillijoules(version: string): boolean {
  return /^v?0\.7\.3(?![\d.])/.test(version)
}

function legacyContainerId(series: LegacyContainer): string {
  if (series.containerId !== '' && !isPseudoContainer(series.containerId)) return series.containerId
  return JSON.stringify([
    series.containerId,
    series.namespace,
    series.podName,
    series.containerName,
    series.command,
  ])
}

/** Processes outside of any container, gathered under a name in place of an id. */
function isPseudoContainer(id: string): boolean {
  return id === 'system_processes' || id === 'kernel_processes'
}

/** A container that the watcher has not met yet carries the names of the system's processes, with an id of its own. */
function nameOfLegacyContainer(series: LegacyContainer): Naming {
  if (series.podName === '' || series.containerName === '') return { kind: 'unnamed' }
  const workload = { namespace: series.namespace, pod: series.podName, container: series.containerName }
  const isStandIn = isPseudoContainer(series.containerName) && !isPseudoContainer(series.containerId)
  return { kind: isStandIn && series.containerId !== '' ? 'provisional' : 'named', workload }
}
