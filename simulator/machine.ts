import { advanced, type Meter, meterFrom, perZone, plus } from './meter.ts'
import { constant } from './power.ts'
import {
  type ContainerReading,
  type Dialect,
  type NodeReading,
  nothingPerZone,
  type PerZone,
  type ProcessReading,
  type Zone,
} from './readings.ts'
import { legacySystemReading, packageMicrojoulesPerCpuMillisecond, systemProcess } from './workloads.ts'

/** What a node has besides its pods: the RAPL register, idle power, and processes outside containers. */
export type Machine = {
  /** Adds a step in which the containers used `steps` at `power`; returns the idle energy of the step. */
  advance(
    step: { from: number; to: number; microjoulesPerCount: number },
    containers: { steps: readonly PerZone[]; power: readonly PerZone[] },
  ): PerZone
  addIdleShare(share: PerZone): void
  resetCounters(): void
  zeroZone(zone: Zone): void
  reading(dialect: Dialect): Pick<NodeReading, 'nodeName' | 'vms' | 'node' | 'idleExposed'>
  systemProcess(): ProcessReading
  systemContainer(): ContainerReading
}

type MachineOptions = {
  readonly name: string
  readonly idleWatts?: number
  readonly systemWatts?: number
  readonly exposeIdle?: boolean
}

/** The recorded machine's RAPL register wraps at 262 143.328850 J (max_energy_range_uj). */
const registerSize = 262_143_328_850
const registerAtStart = 12_345_678_901
const coreCount = 4

export function createMachine(options: MachineOptions): Machine {
  let system: Meter = meterFrom(constant(options.systemWatts ?? 1), 0)
  let idle: Meter = meterFrom(constant(options.idleWatts ?? 40), 0)
  let register = perZone(() => registerAtStart)
  let systemCounter = nothingPerZone
  let systemIdleCounter = nothingPerZone
  let activeEnergy = nothingPerZone
  let activeWatts = nothingPerZone
  let idleEnergy = nothingPerZone
  // The idle counter of current Kepler begins at what the register held when the exporter started.
  let registerAtReset = register

  return {
    advance(step, { steps, power }) {
      const systemStep = advanced(system, step)
      const idleStep = advanced(idle, step)
      system = systemStep.meter
      idle = idleStep.meter
      const active = steps.reduce(plus, systemStep.step)
      systemCounter = plus(systemCounter, systemStep.step)
      activeEnergy = plus(activeEnergy, active)
      activeWatts = power.reduce(plus, system.watts)
      idleEnergy = plus(idleEnergy, idleStep.step)
      const total = plus(active, idleStep.step)
      register = perZone((zone) => (register[zone] + total[zone]) % registerSize)
      return idleStep.step
    },
    addIdleShare(share) {
      systemIdleCounter = plus(systemIdleCounter, share)
    },
    resetCounters() {
      systemCounter = nothingPerZone
      systemIdleCounter = nothingPerZone
      activeEnergy = nothingPerZone
      idleEnergy = nothingPerZone
      registerAtReset = register
    },
    zeroZone(zone) {
      systemCounter = { ...systemCounter, [zone]: 0 }
    },
    reading: (dialect) => ({
      nodeName: options.name,
      vms: [],
      idleExposed: options.exposeIdle ?? false,
      node: {
        activeEnergy,
        idleEnergy: dialect === 'current' ? plus(registerAtReset, idleEnergy) : idleEnergy,
        rawEnergy: register,
        activeWatts,
        idleWatts: idle.watts,
        totalWatts: plus(activeWatts, idle.watts),
        usageRatio: Math.min(
          1,
          (activeWatts.package * 1000) / packageMicrojoulesPerCpuMillisecond / coreCount,
        ),
      },
    }),
    systemProcess: () => systemProcess(systemCounter, system),
    systemContainer: () => legacySystemReading({ counter: systemCounter, idleCounter: systemIdleCounter }),
  }
}
