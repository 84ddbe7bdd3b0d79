import { joulesDrawn, type PowerProfile } from './power.ts'
import { nothingPerZone, type PerZone, type Zone } from './readings.ts'

/** One zone's share of what a container draws; package and dram add up to all of it, core is a part of package. */
const zoneShares: PerZone = { core: 0.55, dram: 0.1, package: 0.9, uncore: 0 }

const microjoulesPerJoule = 1e6

/** Measures one consumer in whole counts, so that a printed counter is the truth and not a rounding of it. */
export type Meter = {
  readonly power: PowerProfile
  /** When `power` began to apply, in the node's seconds. */
  readonly since: number
  /** Micro-joules used until `since`. */
  readonly before: PerZone
  /** Micro-joules really used since the meter was made. */
  readonly used: PerZone
  /** Mean power of the last step. */
  readonly watts: PerZone
}

export function meterFrom(power: PowerProfile, since: number): Meter {
  return { power, since, before: nothingPerZone, used: nothingPerZone, watts: nothingPerZone }
}

/** The meter with another power from now on. */
export function withPower(meter: Meter, power: PowerProfile, since: number): Meter {
  return { ...meter, power, since, before: meter.used }
}

/** The meter after time has passed, and the whole counts of micro-joules that the step was worth. */
export function advanced(
  meter: Meter,
  { from, to, microjoulesPerCount }: { from: number; to: number; microjoulesPerCount: number },
): { meter: Meter; step: PerZone } {
  const joules = joulesDrawn(meter.power, meter.since, to)
  const used = perZone((zone) => {
    const counts = Math.round((joules * zoneShares[zone] * microjoulesPerJoule) / microjoulesPerCount)
    // The integral of a draw of zero may shrink by a rounding error; a counter must not.
    return Math.max(meter.used[zone], meter.before[zone] + counts * microjoulesPerCount)
  })
  const step = minus(used, meter.used)
  const watts = perZone((zone) => (to > from ? step[zone] / microjoulesPerJoule / (to - from) : 0))
  return { meter: { ...meter, used, watts }, step }
}

export function perZone(of: (zone: Zone) => number): PerZone {
  return { core: of('core'), dram: of('dram'), package: of('package'), uncore: of('uncore') }
}

export function plus(left: PerZone, right: PerZone): PerZone {
  return perZone((zone) => left[zone] + right[zone])
}

function minus(left: PerZone, right: PerZone): PerZone {
  return perZone((zone) => left[zone] - right[zone])
}
