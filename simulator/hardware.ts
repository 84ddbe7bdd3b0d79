import { createHash } from 'node:crypto'
import { createMachine } from './machine.ts'
import { advanced, meterFrom, perZone, plus, withPower } from './meter.ts'
import type { PowerProfile } from './power.ts'
import { type Dialect, type NodeReading, nothingPerZone, type PerZone, type Zone } from './readings.ts'
import {
  type Container,
  type ContainerRef,
  containerProcess,
  currentContainerReading,
  legacyContainerReading,
  legacySandboxReading,
  type Pod,
  type PodRef,
  podReading,
  sandboxReading,
} from './workloads.ts'

/**
 * Whether a new container is known to Kubernetes at once. `unjoined`: for one reading it carries its pod's name
 * and no pod id (current), or the system's names (legacy), as Kepler shows it until the kubelet's answer arrives.
 */
type Appearance = 'joined' | 'unjoined'

export type PodSpec = PodRef & {
  readonly containers: readonly { readonly name: string; readonly power: PowerProfile }[]
  readonly uid?: string
  readonly runtime?: string
  readonly appears?: Appearance
}

export type NodeOptions = {
  readonly name: string
  /** The counters' resolution: 1 in current Kepler, 1000 in legacy. Default 1. */
  readonly microjoulesPerCount?: number
  /** What the machine draws without load, package and dram together. Default 40. */
  readonly idleWatts?: number
  /** What processes outside containers draw. Default 1. */
  readonly systemWatts?: number
  /** Legacy: share idle energy out to the containers, evenly. Default false, as in Kepler since 0.8. */
  readonly exposeIdle?: boolean
  /** Current: what ends with less package energy than this is never shown as terminated. Default 10, as in Kepler. */
  readonly terminatedFromJoules?: number
}

/** What a container really used: dynamic energy of package and dram, over all its restarts. */
type EnergyUsed = ContainerRef & { readonly microjoules: number }

/** A machine with containers on it, whose time is given and never read. */
export type SimulatedNode = {
  readonly name: string
  /** Seconds since the node was made. */
  seconds(): number
  advance(seconds: number): void
  startPod(pod: PodSpec): void
  /** Current: shown as terminated by one reading, then gone. Legacy: lingers until more than ten do. */
  stopPod(pod: PodRef): void
  /** A new container id under the same names; the old one ends as with stopPod. */
  restartContainer(container: ContainerRef, appears?: Appearance): void
  /** As `docker restart`: the id stays, the counter begins again at zero. */
  resetContainer(container: ContainerRef): void
  setPower(container: ContainerRef, power: PowerProfile): void
  /** As a restart of the exporter: every workload counter begins again at zero, what has ended is forgotten. */
  resetCounters(): void
  /** Rebuilds one zone's workload counters from zero, as Kepler does when the zone did not move for one refresh. */
  zeroZone(zone: Zone): void
  /** What an exporter of that dialect shows now. It is the one reading of the terminated and of the unjoined. */
  observe(dialect: Dialect): NodeReading
  /** The containers that run now, with the mean power of the last step. */
  running(): readonly (ContainerRef & { readonly id: string; readonly watts: number })[]
  /** The truth, container by container, in the order of first use. */
  used(): readonly EnergyUsed[]
  /** The truth in joules, of one container or of all. */
  joulesUsed(container?: ContainerRef): number
}

/** Legacy Kepler keeps ended containers until there are more than these. */
const mostLingering = 10

/** A node without pods. Deterministic: the same calls give the same ids, names and counters. */
export function createNode(options: NodeOptions): SimulatedNode {
  const { name, microjoulesPerCount = 1, exposeIdle = false } = options
  const leastTerminated = (options.terminatedFromJoules ?? 10) * 1e6
  const pods = new Map<string, Pod>()
  const containers = new Map<string, Container>()
  const usedByKey = new Map<string, EnergyUsed>()
  const machine = createMachine(options)
  let ended: Container[] = []
  let endedPods: Pod[] = []
  let lingering: Container[] = []
  let now = 0
  let made = 0

  const nextId = (seed: string) => {
    made += 1
    return createHash('sha256')
      .update(JSON.stringify([name, made, seed]))
      .digest('hex')
  }
  const containersOf = (pod: Pod) => [...containers.values()].filter((container) => container.pod === pod)
  const runningPods = () =>
    new Set([...containers.values()].filter(({ joined }) => joined).map(({ pod }) => pod))

  function found(ref: ContainerRef): Container {
    const container = containers.get(keyOf(ref))
    if (container !== undefined) return container
    throw new Error(`no container ${ref.namespace}/${ref.pod}/${ref.container} runs on ${name}`)
  }

  function start(pod: Pod, container: string, begins: { power: PowerProfile; appears: Appearance }): void {
    const ref = { ...pod.ref, container }
    const id = nextId(container)
    containers.set(keyOf(ref), {
      ref,
      id,
      pid: String(1000 + made),
      pod,
      joined: begins.appears === 'joined',
      meter: meterFrom(begins.power, now),
      counter: nothingPerZone,
      idleCounter: nothingPerZone,
      usedAtStart: nothingPerZone,
    })
  }

  function end(container: Container): void {
    containers.delete(keyOf(container.ref))
    if (container.counter.package >= leastTerminated) ended.push(container)
    lingering.push(container)
    if (lingering.length > mostLingering) lingering = []
  }

  /** For Kepler, a pod of which it can name no running container has ended. */
  function endPodsWithoutContainers(): void {
    const stillRunning = runningPods()
    for (const pod of pods.values()) {
      if (!pod.shown || stillRunning.has(pod)) continue
      if (pod.counter.package >= leastTerminated) endedPods.push({ ...pod })
      pod.shown = false
      pod.counter = nothingPerZone
    }
  }

  function measure(container: Container, to: number): PerZone {
    const { meter, step } = advanced(container.meter, { from: now, to, microjoulesPerCount })
    container.meter = meter
    container.counter = plus(container.counter, step)
    const key = keyOf(container.ref)
    const before = usedByKey.get(key)?.microjoules ?? 0
    usedByKey.set(key, { ...container.ref, microjoules: before + step.package + step.dram })
    if (container.joined) {
      container.pod.shown = true
      container.pod.counter = plus(container.pod.counter, step)
      container.pod.watts = plus(container.pod.watts, meter.watts)
    }
    return step
  }

  function observeCurrent(): NodeReading {
    endPodsWithoutContainers()
    const running = [...containers.values()]
    const podsRunning = [...runningPods()]
    return {
      ...machine.reading('current'),
      containers: [
        ...[...pods.values()].map(sandboxReading),
        ...running.map((container) => currentContainerReading(container, 'running')),
        ...ended.map((container) => currentContainerReading(container, 'terminated')),
      ],
      // Kepler leaves out the terminated pods while no pod runs at all.
      pods:
        podsRunning.length === 0
          ? []
          : [
              ...podsRunning.map((pod) => podReading(pod, 'running')),
              ...endedPods.map((pod) => podReading(pod, 'terminated')),
            ],
      processes: [
        machine.systemProcess(),
        ...running.map((container) => containerProcess(container, 'running')),
        ...ended.map((container) => containerProcess(container, 'terminated')),
      ],
    }
  }

  function observeLegacy(): NodeReading {
    return {
      ...machine.reading('legacy'),
      containers: [
        machine.systemContainer(),
        ...[...pods.values()].map(legacySandboxReading),
        ...[...containers.values(), ...lingering].map(legacyContainerReading),
      ],
      pods: [],
      processes: [],
    }
  }

  return {
    name,
    seconds: () => now,
    advance(seconds) {
      if (!(seconds >= 0)) throw new RangeError(`time cannot advance by ${seconds} s`)
      const to = now + seconds
      for (const pod of pods.values()) pod.watts = nothingPerZone
      const steps = [...containers.values()].map((container) => measure(container, to))
      const power = [...containers.values()].map((container) => container.meter.watts)
      const idleStep = machine.advance({ from: now, to, microjoulesPerCount }, { steps, power })
      if (exposeIdle) {
        const sharers = containers.size + 1
        const share = perZone(
          (zone) => Math.floor(idleStep[zone] / microjoulesPerCount / sharers) * microjoulesPerCount,
        )
        for (const container of containers.values())
          container.idleCounter = plus(container.idleCounter, share)
        machine.addIdleShare(share)
      }
      now = to
    },
    startPod(spec) {
      const ref = { namespace: spec.namespace, pod: spec.pod }
      if (pods.has(podKeyOf(ref)))
        throw new Error(`pod ${spec.namespace}/${spec.pod} already runs on ${name}`)
      const sandboxId = nextId('sandbox')
      const pod = {
        ref,
        uid: spec.uid ?? uuidFrom(nextId(spec.pod)),
        runtime: spec.runtime ?? 'containerd',
        sandboxId,
        shown: false,
        counter: nothingPerZone,
        watts: nothingPerZone,
      }
      pods.set(podKeyOf(ref), pod)
      for (const container of spec.containers) {
        start(pod, container.name, { power: container.power, appears: spec.appears ?? 'joined' })
      }
    },
    stopPod(ref) {
      const pod = pods.get(podKeyOf(ref))
      if (pod === undefined) throw new Error(`no pod ${ref.namespace}/${ref.pod} runs on ${name}`)
      for (const container of containersOf(pod)) end(container)
      endPodsWithoutContainers()
      pods.delete(podKeyOf(ref))
    },
    restartContainer(ref, appears = 'joined') {
      const old = found(ref)
      end(old)
      start(old.pod, ref.container, { power: old.meter.power, appears })
    },
    resetContainer(ref) {
      const container = found(ref)
      container.counter = nothingPerZone
      container.idleCounter = nothingPerZone
      container.usedAtStart = container.meter.used
    },
    setPower(ref, power) {
      const container = found(ref)
      container.meter = withPower(container.meter, power, now)
    },
    resetCounters() {
      for (const container of containers.values()) {
        container.counter = nothingPerZone
        container.idleCounter = nothingPerZone
      }
      for (const pod of pods.values()) pod.counter = nothingPerZone
      machine.resetCounters()
      ended = []
      endedPods = []
      lingering = []
    },
    zeroZone(zone) {
      for (const counted of [...containers.values(), ...pods.values()]) {
        counted.counter = { ...counted.counter, [zone]: 0 }
      }
      machine.zeroZone(zone)
    },
    observe(dialect) {
      const reading = dialect === 'current' ? observeCurrent() : observeLegacy()
      for (const container of containers.values()) container.joined = true
      ended = []
      endedPods = []
      return reading
    },
    running: () =>
      [...containers.values()].map(({ ref, id, meter }) => ({
        namespace: ref.namespace,
        pod: ref.pod,
        container: ref.container,
        id,
        watts: meter.watts.package + meter.watts.dram,
      })),
    used: () => [...usedByKey.values()],
    joulesUsed(ref) {
      const counted = ref === undefined ? [...usedByKey.values()] : [usedByKey.get(keyOf(ref))]
      return counted.reduce((sum, used) => sum + (used?.microjoules ?? 0), 0) / 1e6
    },
  }
}

const keyOf = ({ namespace, pod, container }: ContainerRef) => JSON.stringify([namespace, pod, container])
const podKeyOf = ({ namespace, pod }: PodRef) => JSON.stringify([namespace, pod])

/** A version 4 UUID made of a hash. */
function uuidFrom(hex: string): string {
  const groups = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ]
  return groups.join('-')
}
