import type { NodeEnergy } from './node-history.ts'
import type { NodeReading } from './reading.ts'

/**
 * The node's own counters. A first sight and a decrease are worth nothing: after an exporter's restart the idle
 * counter begins at the raw hardware register, and the register itself wraps (Kepler internal/monitor/node.go).
 */
export type NodeEnergyCounters = {
  readonly totalActiveJoules: number
  readonly totalIdleJoules: number
  /** The energy since the readings before; NaN for a kind of which no counter could be compared. */
  advance(readings: readonly NodeReading[]): NodeEnergy
  /** Forgets the readings, not the totals: what comes next is counted in another way. */
  clear(): void
}

export function createNodeEnergyCounters(): NodeEnergyCounters {
  const previous = new Map<string, number>()
  const totals = { active: 0, idle: 0 }
  return {
    get totalActiveJoules() {
      return totals.active
    },
    get totalIdleJoules() {
      return totals.idle
    },

    advance(readings) {
      const energy = { active: Number.NaN, idle: Number.NaN }
      for (const { component, kind, joules } of readings) {
        const key = `${kind} ${component}`
        const before = previous.get(key)
        previous.set(key, joules)
        if (before === undefined || joules < before) continue
        energy[kind] = (Number.isNaN(energy[kind]) ? 0 : energy[kind]) + (joules - before)
        totals[kind] += joules - before
      }
      return { activeJoules: energy.active, idleJoules: energy.idle }
    },

    clear() {
      previous.clear()
    },
  }
}
