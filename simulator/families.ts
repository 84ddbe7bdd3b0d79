import {
  type ContainerReading,
  type Dialect,
  type NodeReading,
  type PerZone,
  type ProcessReading,
  type Zone,
  zones,
} from './readings.ts'

/** One series of a family: the labels a reading knows, and its value. */
export type Row = { readonly labels: Readonly<Record<string, string>>; readonly value: number }

type Rows = (reading: NodeReading) => readonly Row[]

/**
 * What a reading says for the families of a dialect, by family name. A family that is not among them is
 * none of the node's and passes through as recorded.
 */
export function familiesOf(dialect: Dialect): ReadonlyMap<string, Rows> {
  return dialect === 'current' ? currentFamilies : legacyFamilies
}

const microjoulesPerJoule = 1e6
const joules = (energy: PerZone) => (zone: Zone) => energy[zone] / microjoulesPerJoule
const watts = (power: PerZone) => (zone: Zone) => power[zone]

const byZone = (labels: Row['labels'], value: (zone: Zone) => number): readonly Row[] =>
  zones.map((zone) => ({ labels: { ...labels, zone }, value: value(zone) }))

const containerLabels = (container: ContainerReading) => ({
  container_id: container.id,
  container_name: container.name,
  pod_id: container.podId,
  runtime: container.runtime,
  state: container.state,
})
const podLabels = (pod: NodeReading['pods'][number]) => ({
  pod_id: pod.id,
  pod_name: pod.name,
  pod_namespace: pod.namespace,
  state: pod.state,
})
const processLabels = (process: ProcessReading) => ({
  comm: process.comm,
  container_id: process.containerId,
  exe: process.exe,
  pid: process.pid,
  state: process.state,
  type: process.type,
  vm_id: process.vmId,
})
const vmLabels = (vm: NodeReading['vms'][number]) => ({
  hypervisor: vm.hypervisor,
  state: vm.state,
  vm_id: vm.id,
  vm_name: vm.name,
})

/** Where the recorded machine's kernel shows each zone. */
const zonePath = {
  core: '/host/sys/class/powercap/intel-rapl:0:0',
  dram: '/host/sys/class/powercap/intel-rapl:0:1',
  package: '/host/sys/class/powercap/intel-rapl:0',
  uncore: '/host/sys/class/powercap/intel-rapl:0:2',
} as const
const nodeRows =
  (value: (node: NodeReading['node']) => (zone: Zone) => number): Rows =>
  ({ node }) =>
    zones.map((zone) => ({ labels: { zone, path: zonePath[zone] }, value: value(node)(zone) }))

const currentFamilies: ReadonlyMap<string, Rows> = new Map<string, Rows>([
  [
    'kepler_container_cpu_joules_total',
    (node) => node.containers.flatMap((c) => byZone(containerLabels(c), joules(c.energy))),
  ],
  [
    'kepler_container_cpu_watts',
    (node) => node.containers.flatMap((c) => byZone(containerLabels(c), watts(c.watts))),
  ],
  [
    'kepler_container_cpu_seconds_total',
    (node) => node.containers.map((c) => ({ labels: containerLabels(c), value: c.cpuSeconds })),
  ],
  [
    'kepler_pod_cpu_joules_total',
    (node) => node.pods.flatMap((pod) => byZone(podLabels(pod), joules(pod.energy))),
  ],
  ['kepler_pod_cpu_watts', (node) => node.pods.flatMap((pod) => byZone(podLabels(pod), watts(pod.watts)))],
  [
    'kepler_process_cpu_joules_total',
    (node) => node.processes.flatMap((p) => byZone(processLabels(p), joules(p.energy))),
  ],
  [
    'kepler_process_cpu_watts',
    (node) => node.processes.flatMap((p) => byZone(processLabels(p), watts(p.watts))),
  ],
  [
    'kepler_process_cpu_seconds_total',
    (node) => node.processes.map((p) => ({ labels: processLabels(p), value: p.cpuSeconds })),
  ],
  ['kepler_vm_cpu_joules_total', (node) => node.vms.flatMap((vm) => byZone(vmLabels(vm), joules(vm.energy)))],
  ['kepler_vm_cpu_watts', (node) => node.vms.flatMap((vm) => byZone(vmLabels(vm), watts(vm.watts)))],
  ['kepler_node_cpu_joules_total', nodeRows((node) => joules(node.rawEnergy))],
  ['kepler_node_cpu_watts', nodeRows((node) => watts(node.totalWatts))],
  ['kepler_node_cpu_active_joules_total', nodeRows((node) => joules(node.activeEnergy))],
  ['kepler_node_cpu_active_watts', nodeRows((node) => watts(node.activeWatts))],
  ['kepler_node_cpu_idle_joules_total', nodeRows((node) => joules(node.idleEnergy))],
  ['kepler_node_cpu_idle_watts', nodeRows((node) => watts(node.idleWatts))],
  ['kepler_node_cpu_usage_ratio', ({ node }) => [{ labels: {}, value: node.usageRatio }]],
])

type Component = Zone | 'other' | 'platform'
const componentJoules = (energy: PerZone, component: Component) =>
  // The recorded machine has no meter of its own for the platform, hence no rest that it would show.
  component === 'other' || component === 'platform' ? 0 : energy[component] / microjoulesPerJoule

const legacyLabels = (container: ContainerReading) => ({
  container_id: container.id,
  container_name: container.name,
  container_namespace: container.namespace,
  pod_name: container.podName,
})
const modes = (
  labels: Row['labels'],
  { dynamic, idle }: { dynamic: number; idle: number | undefined },
): readonly Row[] => [
  { labels: { ...labels, mode: 'dynamic' }, value: dynamic },
  ...(idle === undefined ? [] : [{ labels: { ...labels, mode: 'idle' }, value: idle }]),
]
const legacyTotal = (energy: PerZone) => (energy.package + energy.dram) / microjoulesPerJoule
const legacyContainer =
  (component: Component): Rows =>
  ({ containers, idleExposed }) =>
    containers.flatMap((container) =>
      modes(legacyLabels(container), {
        dynamic: componentJoules(container.energy, component),
        idle: idleExposed ? componentJoules(container.idleEnergy, component) : undefined,
      }),
    )
const legacyNode =
  (component: Component): Rows =>
  ({ node, idleExposed }) =>
    modes(
      {},
      {
        dynamic: componentJoules(node.activeEnergy, component),
        idle: idleExposed ? componentJoules(node.idleEnergy, component) : undefined,
      },
    )
/** The recorded counts of the eBPF program, all of them in proportion to CPU time. */
const perCpuMillisecond =
  (count: (milliseconds: number) => number): Rows =>
  ({ containers }) =>
    containers.map((container) => ({
      labels: legacyLabels(container),
      value: count(Math.round(container.cpuSeconds * 1000)),
    }))
const never = () => 0

const legacyFamilies: ReadonlyMap<string, Rows> = new Map<string, Rows>([
  [
    'kepler_container_joules_total',
    ({ containers }) =>
      containers.flatMap((container) =>
        modes(legacyLabels(container), {
          dynamic: legacyTotal(container.energy),
          idle: legacyTotal(container.idleEnergy),
        }),
      ),
  ],
  ['kepler_container_core_joules_total', legacyContainer('core')],
  ['kepler_container_dram_joules_total', legacyContainer('dram')],
  ['kepler_container_package_joules_total', legacyContainer('package')],
  ['kepler_container_uncore_joules_total', legacyContainer('uncore')],
  ['kepler_container_other_joules_total', legacyContainer('other')],
  ['kepler_container_platform_joules_total', legacyContainer('platform')],
  ['kepler_node_core_joules_total', legacyNode('core')],
  ['kepler_node_dram_joules_total', legacyNode('dram')],
  ['kepler_node_package_joules_total', legacyNode('package')],
  ['kepler_node_uncore_joules_total', legacyNode('uncore')],
  ['kepler_node_other_joules_total', legacyNode('other')],
  ['kepler_container_bpf_cpu_time_ms_total', perCpuMillisecond((milliseconds) => milliseconds)],
  ['kepler_container_cache_miss_total', perCpuMillisecond((milliseconds) => 3000 * milliseconds)],
  ['kepler_container_cpu_instructions_total', perCpuMillisecond((milliseconds) => 3e6 * milliseconds)],
  [
    'kepler_container_cpu_cycles_total',
    perCpuMillisecond((milliseconds) => Math.round((7e6 * milliseconds) / 3)),
  ],
  [
    'kepler_container_cpu_ref_cycles_total',
    perCpuMillisecond((milliseconds) => Math.round((7e6 * milliseconds) / 3)),
  ],
  ['kepler_container_bpf_block_irq_total', perCpuMillisecond(never)],
  ['kepler_container_bpf_net_rx_irq_total', perCpuMillisecond(never)],
  ['kepler_container_bpf_net_tx_irq_total', perCpuMillisecond(never)],
  ['kepler_container_bpf_page_cache_hit_total', perCpuMillisecond(never)],
])
