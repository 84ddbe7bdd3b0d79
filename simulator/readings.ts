/** The two generations of Kepler's metrics: `legacy` up to 0.9, `current` from 0.10 on. */
export type Dialect = 'legacy' | 'current'

/** The energy zones of the recorded machine. `package` contains core and uncore; `dram` stands beside it. */
export const zones = ['core', 'dram', 'package', 'uncore'] as const
export type Zone = (typeof zones)[number]

/** Whole micro-joules (energy) or watts (power), zone by zone. */
export type PerZone = Readonly<Record<Zone, number>>

export const nothingPerZone: PerZone = { core: 0, dram: 0, package: 0, uncore: 0 }

type State = 'running' | 'terminated'

/** What the exporter says about one container. Energies are its counters in micro-joules. */
export type ContainerReading = {
  readonly id: string
  readonly name: string
  readonly namespace: string
  readonly podName: string
  readonly podId: string
  readonly runtime: string
  readonly state: State
  readonly energy: PerZone
  readonly idleEnergy: PerZone
  readonly watts: PerZone
  readonly cpuSeconds: number
}

export type PodReading = {
  readonly id: string
  readonly name: string
  readonly namespace: string
  readonly state: State
  readonly energy: PerZone
  readonly watts: PerZone
}

export type ProcessReading = {
  readonly pid: string
  readonly comm: string
  readonly exe: string
  readonly type: string
  readonly containerId: string
  readonly vmId: string
  readonly state: State
  readonly energy: PerZone
  readonly watts: PerZone
  readonly cpuSeconds: number
}

type VmReading = {
  readonly id: string
  readonly name: string
  readonly hypervisor: string
  readonly state: State
  readonly energy: PerZone
  readonly watts: PerZone
}

/** Everything an exporter shows at one moment. */
export type NodeReading = {
  readonly nodeName: string
  readonly containers: readonly ContainerReading[]
  readonly pods: readonly PodReading[]
  readonly processes: readonly ProcessReading[]
  readonly vms: readonly VmReading[]
  readonly node: {
    readonly activeEnergy: PerZone
    readonly idleEnergy: PerZone
    /** The hardware register, which wraps. */
    readonly rawEnergy: PerZone
    readonly activeWatts: PerZone
    readonly idleWatts: PerZone
    readonly totalWatts: PerZone
    readonly usageRatio: number
  }
  /** Legacy only: whether idle power is estimated (off by default since 0.8). */
  readonly idleExposed: boolean
}
