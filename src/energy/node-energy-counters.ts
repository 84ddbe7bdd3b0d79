import type { NodeReading } from './reading.ts'

/**
 * The node's own counters. A first sight and a decrease are worth nothing: after an exporter's restart the idle
 * counter begins at the raw hardware register, and the register itself wraps (Kepler internal/monitor/node.go).
 */
export type NodeEnergyCounters = {
  readonly totalActiveJoules: number
  readonly totalIdleJoules: number
  advance(readings: readonly NodeReading[]): void
  /** The last reading of each counter. */
  readings(): readonly (readonly [key: string, joules: number])[]
  /** Forgets the readings, not the totals: what comes next is counted in another way. */
  clear(): void
}

/** They go on from `readings`, if there are any. */
export function createNodeEnergyCounters(
  readings: readonly (readonly [key: string, joules: number])[] = [],
): NodeEnergyCounters {
  const previous = new Map<string, number>(readings)
  const totals = { active: 0, idle: 0 }
  return {
    get totalActiveJoules() {
      return totals.active
    },
    get totalIdleJoules() {
      return totals.idle
    },

    advance(readings) {
      for (const { component, kind, joules } of readings) {
        const key = `${kind} ${component}`
        const before = previous.get(key)
        previous.set(key, joules)
        if (before !== undefined && joules >= before) totals[kind] += joules - before
      }
    },

    readings: () => [...previous],

    clear() {
      previous.clear()
    },
  }
}
