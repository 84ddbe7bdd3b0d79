import type { EnergyCounter, Naming, NodeReading, NodeScrape } from '../../energy/reading.ts'
import { isSameWorkload, wholePod } from '../../energy/workload.ts'
import type { Instant } from '../../units.ts'
import { type Dialect, gpuZone, type KeplerSeries } from './kepler-series.ts'
import { chooseZones, type ZoneChoice } from './zones.ts'

/** A series that an exporter has shown, and the counter that it was last translated into. */
export type ShownSeries = {
  readonly series: KeplerSeries
  counter: EnergyCounter | undefined
}

/** What a list of series means, whatever values they have; one node, unless the exposition gathers several. */
export type Translation =
  | {
      readonly kind: 'nodes'
      readonly dialect: Dialect
      readonly nodes: readonly NodeTranslation[]
      /** Energy is counted by legacy Kepler's total of each container. */
      readonly hasTotal: boolean
      /** What a person should know about this exporter, each as a sentence. */
      readonly notes: readonly string[]
    }
  /** An answer without any energy counter: Kepler could not compute, or this is not Kepler. Not a zero. */
  | { readonly kind: 'no-power-families' }

/** Which series of the list are whose counters on one node. */
export type NodeTranslation = {
  readonly node: string
  readonly basis: string
  readonly level: NodeScrape['level']
  readonly counters: readonly EnergyCounter[]
  /** Where in the list the series of each counter stands. */
  readonly places: Int32Array
  readonly joulesPerUnit: number
  readonly nodeCounters: readonly (Omit<NodeReading, 'joules'> & { readonly place: number })[]
}

export type TranslationContext = {
  /** Stands in for the node's name where the exporter does not tell it. */
  readonly standInNode: string
  /** The zones chosen for each node so far. A choice holds as long as its zones are there. */
  readonly zoneChoices: Map<string, ZoneChoice>
}

/** Whether a series may have the value: a counter is a finite number that is not negative, build information is 1. */
export function isPossible(value: number): boolean {
  return value >= 0 && value < Number.POSITIVE_INFINITY
}

/** Says what the series of one scrape mean, by the rules of either dialect. */
export function translate(shown: readonly ShownSeries[], context: TranslationContext): Translation {
  const kinds = new Set(shown.map(({ series }) => series.kind))
  const isCurrent = kinds.has('current-container') || kinds.has('current-pod') || kinds.has('current-node')
  const isLegacy = kinds.has('legacy-container') || kinds.has('legacy-node')
  if (isCurrent) {
    const nodes = translateCurrent(shown, context)
    const notes = notesOnCurrent(kinds, isLegacy)
    return { kind: 'nodes', dialect: 'current', nodes, hasTotal: false, notes }
  }
  if (isLegacy) {
    const hasTotal = shown.some(
      ({ series }) => series.kind === 'legacy-container' && series.component === 'total',
    )
    const node = translateLegacy(shown, { hasTotal, standInNode: context.standInNode })
    return { kind: 'nodes', dialect: 'legacy', nodes: [node], hasTotal, notes: [] }
  }
  return { kind: 'no-power-families' }
}

/** What the node's counters showed, when the list of series had these values. */
export function scrapeOf(
  { node, basis, level, counters, places, joulesPerUnit, nodeCounters }: NodeTranslation,
  values: Float64Array,
  { at, unreadLines }: { readonly at: Instant; readonly unreadLines: number },
): NodeScrape {
  const joules = new Float64Array(counters.length)
  for (let index = 0; index < joules.length; index++) {
    joules[index] = valueAt(values, places[index] ?? -1) * joulesPerUnit
  }
  const nodeReadings = nodeCounters.map(({ component, kind, place }) => ({
    component,
    kind,
    joules: valueAt(values, place),
  }))
  return { node, at, basis, level, readings: { counters, joules }, nodeReadings, unreadLines }
}

function valueAt(values: Float64Array, place: number): number {
  const value = values[place]
  if (value === undefined) throw new RangeError(`there is no value of series ${place}`)
  return value
}

function notesOnCurrent(kinds: ReadonlySet<KeplerSeries['kind']>, legacyToo: boolean): readonly string[] {
  const notes: string[] = []
  const hasContainers = kinds.has('current-container')
  const hasPods = kinds.has('current-pod')
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

/** Gathers the counters of one node, each with its place in the list. */
function createCounterList() {
  const counters: EnergyCounter[] = []
  const places: number[] = []
  return {
    /** A counter about which nothing has changed stays the object that it was. */
    add(place: number, shown: ShownSeries, counter: EnergyCounter): void {
      const before = shown.counter
      if (before === undefined || !isSameCounter(before, counter)) shown.counter = counter
      counters.push(shown.counter ?? counter)
      places.push(place)
    },

    columns: () => ({ counters, places: Int32Array.from(places) }),
  }
}

function isSameCounter(a: EnergyCounter, b: EnergyCounter): boolean {
  return (
    a.containerId === b.containerId &&
    a.component === b.component &&
    a.mode === b.mode &&
    a.state === b.state &&
    isSameNaming(a.naming, b.naming)
  )
}

function isSameNaming(a: Naming, b: Naming): boolean {
  if (a.kind === 'unnamed' || b.kind === 'unnamed') return a.kind === b.kind
  return a.kind === b.kind && isSameWorkload(a.workload, b.workload)
}

/** Where series of one node stand in the list. */
type Places = readonly number[]

function translateCurrent(
  shown: readonly ShownSeries[],
  context: TranslationContext,
): readonly NodeTranslation[] {
  const placesByNode = new Map<string, number[]>()
  for (const [place, { series }] of shown.entries()) {
    if (!('node' in series) || series.kind === 'legacy-node') continue
    const node = series.node || context.standInNode
    const places = placesByNode.get(node)
    if (places === undefined) placesByNode.set(node, [place])
    else places.push(place)
  }
  return Array.from(placesByNode, ([node, places]) => currentNode(node, { shown, places }, context))
}

type Pod = { readonly name: string; readonly namespace: string }

function currentNode(
  node: string,
  { shown, places }: { readonly shown: readonly ShownSeries[]; readonly places: Places },
  context: TranslationContext,
): NodeTranslation {
  const ofNode = places.flatMap((place) => {
    const found = shown[place]
    return found === undefined ? [] : [{ place, shown: found, series: found.series }]
  })
  const pods = new Map<string, Pod>()
  const zones = new Set<string>()
  let level: NodeScrape['level'] = 'pod'
  for (const { series } of ofNode) {
    if (series.kind === 'current-pod')
      pods.set(series.podId, { name: series.podName, namespace: series.namespace })
    if (series.kind === 'current-container') level = 'container'
    if ('zone' in series) zones.add(series.zone)
  }
  const chosen = chosenZones(node, zones, context)
  const counted = new Set([...chosen, gpuZone])
  const counters = createCounterList()
  const nodeCounters: NodeTranslation['nodeCounters'][number][] = []
  for (const { place, shown, series } of ofNode) {
    if (!('zone' in series) || !counted.has(series.zone)) continue
    if (series.kind === 'current-node') {
      nodeCounters.push({ component: `${series.zone} ${series.sensor}`, kind: series.share, place })
    } else if (series.kind === 'current-container' && level === 'container') {
      counters.add(place, shown, {
        containerId: series.containerId || JSON.stringify([series.podId, series.containerName]),
        component: series.zone,
        mode: 'dynamic',
        state: series.state,
        naming: nameOfContainer(series.containerName, pods.get(series.podId)),
      })
    } else if (series.kind === 'current-pod' && level === 'pod') {
      counters.add(place, shown, {
        containerId: series.podId || JSON.stringify([series.namespace, series.podName]),
        component: series.zone,
        mode: 'dynamic',
        state: series.state,
        naming: nameOfContainer(wholePod, { name: series.podName, namespace: series.namespace }),
      })
    }
  }
  return {
    node,
    basis: `current/${level}/${chosen.join('+')}`,
    level,
    ...counters.columns(),
    joulesPerUnit: 1,
    nodeCounters,
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

function translateLegacy(
  shown: readonly ShownSeries[],
  { hasTotal, standInNode }: { readonly hasTotal: boolean; readonly standInNode: string },
): NodeTranslation {
  const isInMillijoules = shown.some(
    ({ series }) => series.kind === 'build' && exportsMillijoules(series.version),
  )
  let node = ''
  const counters = createCounterList()
  const nodeCounters: NodeTranslation['nodeCounters'][number][] = []
  for (const [place, shownSeries] of shown.entries()) {
    const { series } = shownSeries
    if (series.kind === 'legacy-node') {
      node ||= series.node
      const component = `${series.component} ${series.sensor}`
      if (series.component !== 'total') nodeCounters.push({ component, kind: series.share, place })
    } else if (series.kind === 'legacy-container' && (series.component === 'total') === hasTotal) {
      counters.add(place, shownSeries, {
        containerId: legacyContainerId(series),
        component: series.component,
        mode: series.mode,
        state: 'running',
        naming: nameOfLegacyContainer(series),
      })
    }
  }
  return {
    node: node || standInNode,
    basis: `legacy/container/${hasTotal ? 'total' : 'package+dram+other+gpu'}`,
    level: 'container',
    ...counters.columns(),
    joulesPerUnit: isInMillijoules ? 0.001 : 1,
    nodeCounters,
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
