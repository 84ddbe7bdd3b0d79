import type { Instant } from '../units.ts'

/** Time, as the flows need it. */
export type Clock = {
  now(): Instant
  /** Resolves at `at`, at once when that is past, and as soon as `signal` aborts. */
  waitUntil(at: Instant, signal: AbortSignal): Promise<void>
}
