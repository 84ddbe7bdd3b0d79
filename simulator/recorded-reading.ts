import { type Dialect, type NodeReading, nothingPerZone, type PerZone, type Zone, zones } from './readings.ts'
import { type RecordedSample, type Recording, readSample } from './recording.ts'

/** The reading that a recorded exposition shows: the inverse of renderReading, for the families both know. */
export function readingRecordedIn(recording: Recording, dialect: Dialect): NodeReading {
  const samples = recording.flatMap((family) => family.samples.map(readSample))
  return dialect === 'current' ? currentReading(samples) : legacyReading(samples)
}

type Samples = readonly RecordedSample[]

const label = (sample: RecordedSample, name: string) =>
  sample.labels.find(([candidate]) => candidate === name)?.[1] ?? ''
const state = (sample: RecordedSample) =>
  label(sample, 'state') === 'terminated' ? ('terminated' as const) : ('running' as const)
const named = (samples: Samples, name: string) => samples.filter((sample) => sample.name === name)
const isZone = (text: string): text is Zone => zones.some((zone) => zone === text)

function perZoneOf(samples: Samples, scale: number): PerZone {
  const found: Record<Zone, number> = { ...nothingPerZone }
  for (const sample of samples) {
    const zone = label(sample, 'zone')
    const value = Number(sample.value) * scale
    if (isZone(zone)) found[zone] = scale === 1 ? value : Math.round(value)
  }
  return found
}

function currentReading(samples: Samples): NodeReading {
  const groups = (level: string, key: (sample: RecordedSample) => string) => {
    const joules = Map.groupBy(named(samples, `kepler_${level}_cpu_joules_total`), key)
    const watts = Map.groupBy(named(samples, `kepler_${level}_cpu_watts`), key)
    return [...joules].map(([group, found]) => {
      const [first] = found
      if (first === undefined) throw new Error('a group has a member')
      return {
        first,
        common: {
          state: state(first),
          energy: perZoneOf(found, 1e6),
          watts: perZoneOf(watts.get(group) ?? [], 1),
        },
      }
    })
  }
  const seconds = (name: string, isSame: (sample: RecordedSample) => boolean) =>
    Number(named(samples, name).find(isSame)?.value ?? 0)
  const ofNode = (family: string, scale: number) =>
    perZoneOf(named(samples, `kepler_node_cpu_${family}`), scale)
  const anyNodeSample = named(samples, 'kepler_node_cpu_usage_ratio')[0]
  return {
    nodeName: anyNodeSample === undefined ? '' : label(anyNodeSample, 'node_name'),
    idleExposed: false,
    containers: groups('container', (sample) => label(sample, 'container_id') + state(sample)).map(
      ({ first, common }) => ({
        state: common.state,
        energy: common.energy,
        watts: common.watts,
        id: label(first, 'container_id'),
        name: label(first, 'container_name'),
        podId: label(first, 'pod_id'),
        runtime: label(first, 'runtime'),
        namespace: '',
        podName: '',
        idleEnergy: nothingPerZone,
        cpuSeconds: seconds(
          'kepler_container_cpu_seconds_total',
          (other) =>
            label(other, 'container_id') === label(first, 'container_id') && state(other) === common.state,
        ),
      }),
    ),
    pods: groups('pod', (sample) => label(sample, 'pod_id') + state(sample)).map(({ first, common }) => ({
      state: common.state,
      energy: common.energy,
      watts: common.watts,
      id: label(first, 'pod_id'),
      name: label(first, 'pod_name'),
      namespace: label(first, 'pod_namespace'),
    })),
    processes: groups('process', (sample) => label(sample, 'pid') + state(sample)).map(
      ({ first, common }) => ({
        state: common.state,
        energy: common.energy,
        watts: common.watts,
        pid: label(first, 'pid'),
        comm: label(first, 'comm'),
        exe: label(first, 'exe'),
        type: label(first, 'type'),
        containerId: label(first, 'container_id'),
        vmId: label(first, 'vm_id'),
        cpuSeconds: seconds(
          'kepler_process_cpu_seconds_total',
          (other) => label(other, 'pid') === label(first, 'pid'),
        ),
      }),
    ),
    vms: groups('vm', (sample) => label(sample, 'vm_id') + state(sample)).map(({ first, common }) => ({
      state: common.state,
      energy: common.energy,
      watts: common.watts,
      id: label(first, 'vm_id'),
      name: label(first, 'vm_name'),
      hypervisor: label(first, 'hypervisor'),
    })),
    node: {
      activeEnergy: ofNode('active_joules_total', 1e6),
      idleEnergy: ofNode('idle_joules_total', 1e6),
      rawEnergy: ofNode('joules_total', 1e6),
      activeWatts: ofNode('active_watts', 1),
      idleWatts: ofNode('idle_watts', 1),
      totalWatts: ofNode('watts', 1),
      usageRatio: Number(anyNodeSample?.value ?? 0),
    },
  }
}

function legacyReading(samples: Samples): NodeReading {
  const microjoules = (level: string, isWanted: (sample: RecordedSample) => boolean): PerZone => {
    const found: Record<Zone, number> = { ...nothingPerZone }
    for (const zone of zones) {
      const sample = named(samples, `kepler_${level}_${zone}_joules_total`).find(isWanted)
      found[zone] = Math.round(Number(sample?.value ?? 0) * 1e6)
    }
    return found
  }
  const [node] = named(samples, 'kepler_node_package_joules_total')
  return {
    nodeName: node === undefined ? '' : label(node, 'instance'),
    idleExposed: false,
    containers: named(samples, 'kepler_container_package_joules_total').map((sample) => {
      const isSame = (other: RecordedSample) => label(other, 'container_id') === label(sample, 'container_id')
      const cpuTime = named(samples, 'kepler_container_bpf_cpu_time_ms_total').find(isSame)
      return {
        id: label(sample, 'container_id'),
        name: label(sample, 'container_name'),
        namespace: label(sample, 'container_namespace'),
        podName: label(sample, 'pod_name'),
        podId: '',
        runtime: '',
        state: 'running',
        energy: microjoules('container', isSame),
        idleEnergy: nothingPerZone,
        watts: nothingPerZone,
        cpuSeconds: Number(cpuTime?.value ?? 0) / 1000,
      }
    }),
    pods: [],
    processes: [],
    vms: [],
    node: {
      activeEnergy: microjoules('node', () => true),
      idleEnergy: nothingPerZone,
      rawEnergy: nothingPerZone,
      activeWatts: nothingPerZone,
      idleWatts: nothingPerZone,
      totalWatts: nothingPerZone,
      usageRatio: 0,
    },
  }
}
