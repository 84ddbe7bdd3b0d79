import type { Interval } from '../units.ts'
import type { Workload } from './workload.ts'

/** Why energy that was used could not be counted. */
export type GapCause =
  /** The counter began again at zero: what it counted after the last reading before that is unknown. */
  | { readonly kind: 'reset' }
  /** The container is gone and its last value was not seen. */
  | { readonly kind: 'vanished' }
  /** The exporter claimed more than the node can physically have used. */
  | { readonly kind: 'refused'; readonly claimedJoules: number }
  /** The exporter began to count in another way (another dialect, other zones): the counters have no common origin. */
  | { readonly kind: 'basis-changed' }
  /** A counter was first seen after a scrape whose lines could not all be read: it may have existed before. */
  | { readonly kind: 'unread-before' }
  /** It was measured, but the queue for the store was full, and the oldest measurements had to make room. */
  | { readonly kind: 'dropped' }
  /**
   * It was measured by somebody else, together with time that was counted already: at either end of what the service
   * has counted, a backfill leaves out a part of an interval.
   */
  | { readonly kind: 'seam' }

/** Makes each cause from what is written of it. An object with a key for each, so that the compiler misses none. */
const byName = {
  reset: () => ({ kind: 'reset' }),
  vanished: () => ({ kind: 'vanished' }),
  refused: (claimedJoules) => ({ kind: 'refused', claimedJoules: claimedJoules() }),
  'basis-changed': () => ({ kind: 'basis-changed' }),
  'unread-before': () => ({ kind: 'unread-before' }),
  dropped: () => ({ kind: 'dropped' }),
  seam: () => ({ kind: 'seam' }),
} satisfies { readonly [kind in GapCause['kind']]: Making<Extract<GapCause, { kind: kind }>> }

type Making<Cause> = (claimedJoules: () => number) => Cause

/** Every cause by its name. */
export const gapCauses: readonly string[] = Object.keys(byName)

const makings: ReadonlyMap<string, Making<GapCause>> = new Map(Object.entries(byName))

/** The cause of this name, with the claim where it has one; undefined when there is none of that name. */
export function gapCauseOf(name: string, claimedJoules: () => number): GapCause | undefined {
  return makings.get(name)?.(claimedJoules)
}

/** Time in which a container may have used energy that nobody counted. */
export type Gap = {
  readonly node: string
  readonly containerId: string
  readonly component: string
  readonly workload: Workload | undefined
  readonly during: Interval
  readonly cause: GapCause
}
