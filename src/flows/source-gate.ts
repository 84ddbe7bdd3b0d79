import type { SourceFailure } from '../intensity/source.ts'
import { type Instant, instant } from '../units.ts'

/** Whether a source may be asked now, and if not, until when and why. */
export type GateState =
  | { readonly kind: 'open' }
  | { readonly kind: 'closed'; readonly until: Instant; readonly reason: string }

/**
 * Stands before a source: keeps the pace that it asks for, and keeps away from it for a while when it fails. A circuit
 * breaker whose time of rest depends on the kind of failure; after it, one request tries whether the source is back.
 */
export type SourceGate = {
  state(now: Instant): GateState
  /** When the next request may leave, which this call takes. */
  takeTurn(now: Instant): Instant
  succeeded(): void
  failed(failure: SourceFailure, message: string, now: Instant): void
  /** A zone that the source does not know is not asked for again for a day. */
  isUnknownZone(zone: string, now: Instant): boolean
  noteUnknownZone(zone: string, now: Instant): void
  readonly failuresInARow: number
}

/** So many failures in a row before the source is left alone. */
const failuresUntilRest = 3
const firstRestSeconds = 30
const mostRestSeconds = 3600
/** A key that is refused is not mended by asking. */
const refusedRestSeconds = 3600
const unknownZoneSeconds = 86_400

export function createSourceGate(secondsBetweenRequests: number, random: () => number): SourceGate {
  let nextTurn = instant(Number.NEGATIVE_INFINITY)
  let failures = 0
  let rest: { readonly until: Instant; readonly reason: string } | undefined
  const unknownZones = new Map<string, Instant>()

  function restFor(seconds: number, reason: string, now: Instant): void {
    rest = { until: instant(now + seconds * 1000), reason }
  }

  return {
    get failuresInARow() {
      return failures
    },

    state(now) {
      return rest !== undefined && now < rest.until ? { kind: 'closed', ...rest } : { kind: 'open' }
    },

    takeTurn(now) {
      const turn = instant(Math.max(now, nextTurn))
      nextTurn = instant(turn + secondsBetweenRequests * 1000)
      return turn
    },

    succeeded() {
      failures = 0
      rest = undefined
    },

    failed(failure, message, now) {
      failures += 1
      switch (failure.kind) {
        case 'rate-limited':
          restFor(Math.max(failure.retryAfterSeconds ?? 60, secondsBetweenRequests), message, now)
          return
        case 'refused':
          restFor(refusedRestSeconds, message, now)
          return
        case 'unknown-zone':
          return
        case 'unreachable':
        case 'timed-out':
        case 'server-error':
        case 'unexpected-answer':
          if (failures < failuresUntilRest) return
          restFor(restSeconds(failures - failuresUntilRest, random), message, now)
      }
    },

    isUnknownZone(zone, now) {
      const until = unknownZones.get(zone)
      return until !== undefined && now < until
    },

    noteUnknownZone(zone, now) {
      unknownZones.set(zone, instant(now + unknownZoneSeconds * 1000))
    },
  }
}

/** Doubles up to an hour, less up to half, so that many that failed together do not come back together. */
function restSeconds(times: number, random: () => number): number {
  return Math.min(mostRestSeconds, firstRestSeconds * 2 ** times) * (1 - random() / 2)
}
