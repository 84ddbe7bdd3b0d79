import type { Meter } from './meter.ts'
import {
  type ContainerReading,
  nothingPerZone,
  type PerZone,
  type PodReading,
  type ProcessReading,
} from './readings.ts'

/** The names by which people know a pod. */
export type PodRef = { readonly namespace: string; readonly pod: string }
/** The names by which people know a container. */
export type ContainerRef = PodRef & { readonly container: string }

/** A pod as the simulated node holds it. */
export type Pod = {
  readonly ref: PodRef
  readonly uid: string
  readonly runtime: string
  readonly sandboxId: string
  /** Whether Kepler has seen a running container of this pod. */
  shown: boolean
  counter: PerZone
  watts: PerZone
}

/** A container as the simulated node holds it: what it uses (meter) apart from what the exporter counted. */
export type Container = {
  readonly ref: ContainerRef
  readonly id: string
  readonly pid: string
  readonly pod: Pod
  joined: boolean
  meter: Meter
  counter: PerZone
  idleCounter: PerZone
  /** Micro-joules used when its process last started: CPU time counts from there. */
  usedAtStart: PerZone
}

type State = ContainerReading['state']

/** A busy core of the model draws 8 W in its package: CPU time is energy by this. */
export const packageMicrojoulesPerCpuMillisecond = 8000
/** Linux counts CPU time in hundredths of a second. */
const ticksPerSecond = 100

/** The container as current Kepler names it: until it is joined, by its pod's name and without pod id. */
export function currentContainerReading(container: Container, state: State): ContainerReading {
  const { ref, pod, joined, meter } = container
  return {
    id: container.id,
    name: joined ? ref.container : ref.pod,
    namespace: ref.namespace,
    podName: ref.pod,
    podId: joined ? pod.uid : '',
    runtime: pod.runtime,
    state,
    energy: container.counter,
    idleEnergy: nothingPerZone,
    watts: meter.watts,
    cpuSeconds: ticksOf(container),
  }
}

/** A pod's pause container, of which current Kepler knows neither name nor pod. */
export function sandboxReading(pod: Pod): ContainerReading {
  return { ...unnamed, id: pod.sandboxId, runtime: pod.runtime }
}

export function podReading(pod: Pod, state: State): PodReading {
  const { namespace, pod: name } = pod.ref
  return { id: pod.uid, name, namespace, state, energy: pod.counter, watts: pod.watts }
}

export function containerProcess(container: Container, state: State): ProcessReading {
  const comm = container.ref.container.slice(0, 15)
  return {
    pid: container.pid,
    comm,
    exe: `/usr/bin/${comm}`,
    type: 'container',
    containerId: container.id,
    vmId: '',
    state,
    energy: container.counter,
    watts: container.meter.watts,
    cpuSeconds: ticksOf(container),
  }
}

/** The one process outside containers. */
export function systemProcess(energy: PerZone, meter: Meter): ProcessReading {
  return {
    pid: '1400',
    comm: 'containerd',
    exe: '/usr/bin/containerd',
    type: 'regular',
    containerId: '',
    vmId: '',
    state: 'running',
    energy,
    watts: meter.watts,
    cpuSeconds: inTicks(meter.used.package),
  }
}

/** The container as legacy Kepler names it: until it is joined, by the system's names. */
export function legacyContainerReading(container: Container): ContainerReading {
  const { ref, joined } = container
  const names = joined ? { name: ref.container, namespace: ref.namespace, podName: ref.pod } : {}
  return { ...legacySystemReading(container), ...names, id: container.id }
}

/** Legacy: what belongs to no pod, and every container whose pod is not known. */
export function legacySystemReading(counted: { counter: PerZone; idleCounter: PerZone }): ContainerReading {
  return {
    ...unnamed,
    id: 'system_processes',
    name: 'system_processes',
    namespace: 'system',
    podName: 'system_processes',
    energy: counted.counter,
    idleEnergy: counted.idleCounter,
    cpuSeconds: Math.floor(counted.counter.package / packageMicrojoulesPerCpuMillisecond) / 1000,
  }
}

/** Legacy: a pod's pause container, which goes by the system's names. */
export function legacySandboxReading(pod: Pod): ContainerReading {
  const counted = { counter: nothingPerZone, idleCounter: nothingPerZone }
  return { ...legacySystemReading(counted), id: pod.sandboxId }
}

const unnamed: ContainerReading = {
  id: '',
  name: '',
  namespace: '',
  podName: '',
  podId: '',
  runtime: '',
  state: 'running',
  energy: nothingPerZone,
  idleEnergy: nothingPerZone,
  watts: nothingPerZone,
  cpuSeconds: 0,
}

function ticksOf({ meter, usedAtStart }: Container): number {
  return inTicks(meter.used.package - usedAtStart.package)
}

function inTicks(packageMicrojoules: number): number {
  const seconds = packageMicrojoules / packageMicrojoulesPerCpuMillisecond / 1000
  return Math.floor(seconds * ticksPerSecond) / ticksPerSecond
}
