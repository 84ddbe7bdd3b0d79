import { type Joules, joules } from '../units.ts'

/** What two consecutive readings of one energy counter tell us. */
export type CounterStep =
  | { readonly kind: 'advanced'; readonly energy: Joules }
  /** The counter began again at zero in between; what it counted before that is lost, so `energy` is a lower bound. */
  | { readonly kind: 'restarted'; readonly energy: Joules }
  /** More than the node could physically have used. `energy` is what is not counted. */
  | { readonly kind: 'refused'; readonly energy: Joules }

/**
 * The step from the reading `earlier` to the reading `later` of one counter, both in joules. `limit` is the most
 * energy that can physically have been used in between.
 *
 * A lower value means that the counter began again at zero, also without any restart: Kepler rebuilds the
 * counters of a zone that did not move (internal/monitor/container.go, 0.10 on).
 */
export function stepBetween(earlier: number, later: number, limit: Joules): CounterStep {
  const restarted = later < earlier
  const energy = joules(restarted ? later : later - earlier)
  if (energy > limit) return { kind: 'refused', energy }
  return { kind: restarted ? 'restarted' : 'advanced', energy }
}

/**
 * The step to the last value of a counter whose container has ended. It never restarts: a lower value adds nothing.
 */
export function lastStepBetween(earlier: number, last: number, limit: Joules): CounterStep {
  return stepBetween(earlier, Math.max(earlier, last), limit)
}
