import { keplerMetricNames } from './kepler-names.ts'

/** Which of Kepler's two families of metric names an exporter speaks: up to 0.9, or 0.10 and later. */
export type Dialect = 'legacy' | 'current'

/** What one series of a Kepler exposition is to us. Series that we do not need are not represented. */
export type KeplerSeries =
  | {
      readonly kind: 'current-container'
      readonly node: string
      readonly containerId: string
      readonly containerName: string
      readonly podId: string
      readonly zone: string
      readonly state: 'running' | 'terminated'
    }
  | {
      readonly kind: 'current-pod'
      readonly node: string
      readonly podId: string
      readonly podName: string
      readonly namespace: string
      readonly zone: string
      readonly state: 'running' | 'terminated'
    }
  | {
      readonly kind: 'current-node'
      readonly node: string
      readonly zone: string
      /** Tells two sensors of one zone apart. */
      readonly sensor: string
      readonly share: 'active' | 'idle'
    }
  | {
      readonly kind: 'legacy-container'
      readonly containerId: string
      readonly containerName: string
      readonly podName: string
      readonly namespace: string
      /** Only old versions have it, as a part of the identity of containers without an id. */
      readonly command: string
      /** `total`, or a component of it. */
      readonly component: string
      readonly mode: 'dynamic' | 'idle'
    }
  | {
      readonly kind: 'legacy-node'
      readonly node: string
      readonly component: string
      readonly sensor: string
      readonly share: 'active' | 'idle'
    }
  | { readonly kind: 'build'; readonly dialect: Dialect; readonly version: string }

/** The zone under which energy of accelerators is counted, beside the zones of the processor. */
export const gpuZone = 'gpu'

/** `other_host_components` was the name of `other` up to 0.5.4. */
const legacyName =
  /^kepler_(container|node)_(?:(package|dram|other|other_host_components|gpu)_)?joules_total$/

const energyNames = new Set(keplerMetricNames)

/** The one name that both dialects have; only the legacy one tells the namespace. */
export const acceleratorsName = 'kepler_container_gpu_joules_total'

/** Whether a metric can hold anything that is needed; the lines of all others need not be looked at. */
export function isKeplerEnergyName(name: string): boolean {
  return energyNames.has(name)
}

const legacyPartName = /^kepler_container_(?:package|dram|other|other_host_components)_joules_total$/

/** Whether a metric is a part of legacy Kepler's total of each container. Where there is the total, it is not needed. */
export function isPartOfTotal(name: string): boolean {
  return legacyPartName.test(name)
}

/**
 * Recognises a series by its metric name and labels; undefined for one that is not needed.
 *
 * Sources: Kepler internal/exporter/prometheus/collector/power_collector.go (0.10 to main) and
 * pkg/metrics/metricfactory/metric_factory.go, pkg/metrics/consts (0.4 to 0.9), read 2026-11-24.
 */
export function recogniseKeplerSeries(
  name: string,
  labels: ReadonlyMap<string, string>,
): KeplerSeries | undefined {
  const label = (key: string) => labels.get(key) ?? ''
  switch (name) {
    case acceleratorsName:
      if (labels.has('container_namespace')) return legacySeries(name, labels)
      return currentContainer(name, labels)
    case 'kepler_container_cpu_joules_total':
      return currentContainer(name, labels)
    case 'kepler_pod_cpu_joules_total':
    case 'kepler_pod_gpu_joules_total':
      return {
        kind: 'current-pod',
        node: label('node_name'),
        podId: label('pod_id'),
        podName: label('pod_name'),
        namespace: label('pod_namespace'),
        zone: zoneOf(name, labels),
        state: stateOf(labels),
      }
    case 'kepler_node_cpu_active_joules_total':
    case 'kepler_node_cpu_idle_joules_total':
    case 'kepler_node_gpu_active_joules_total':
    case 'kepler_node_gpu_idle_joules_total':
      return {
        kind: 'current-node',
        node: label('node_name'),
        zone: zoneOf(name, labels),
        sensor: label('path') || label('gpu') || label('gpu_uuid'),
        share: name.includes('_idle_') ? 'idle' : 'active',
      }
    case 'kepler_build_info':
      return { kind: 'build', dialect: 'current', version: label('version') }
    case 'kepler_exporter_build_info':
      return { kind: 'build', dialect: 'legacy', version: label('version') }
    default:
      return legacySeries(name, labels)
  }
}

function currentContainer(name: string, labels: ReadonlyMap<string, string>): KeplerSeries {
  return {
    kind: 'current-container',
    node: labels.get('node_name') ?? '',
    containerId: labels.get('container_id') ?? '',
    containerName: labels.get('container_name') ?? '',
    podId: labels.get('pod_id') ?? '',
    zone: zoneOf(name, labels),
    state: stateOf(labels),
  }
}

function zoneOf(name: string, labels: ReadonlyMap<string, string>): string {
  return name.includes('_gpu_') ? gpuZone : (labels.get('zone') ?? '')
}

function stateOf(labels: ReadonlyMap<string, string>): 'running' | 'terminated' {
  return labels.get('state') === 'terminated' ? 'terminated' : 'running'
}

function legacySeries(name: string, labels: ReadonlyMap<string, string>): KeplerSeries | undefined {
  const match = legacyName.exec(name)
  if (match === null) return undefined
  const [, subject, part = 'total'] = match
  const component = part === 'other_host_components' ? 'other' : part
  const label = (key: string) => labels.get(key) ?? ''
  // The earliest versions have no mode: all they export is caused by load.
  const mode = label('mode') === 'idle' ? 'idle' : 'dynamic'
  if (subject === 'node') {
    return {
      kind: 'legacy-node',
      node: label('instance'),
      component,
      sensor: label('package') || label('index'),
      share: mode === 'idle' ? 'idle' : 'active',
    }
  }
  return {
    kind: 'legacy-container',
    containerId: label('container_id'),
    containerName: label('container_name'),
    podName: label('pod_name'),
    namespace: label('container_namespace'),
    command: label('command'),
    component,
    mode,
  }
}
