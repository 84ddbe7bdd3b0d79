import { setImmediate as nextTick } from 'node:timers/promises'
import type { Clock } from '../src/flows/clock.ts'
import { type Instant, instant } from '../src/units.ts'

/** A clock that is always there already, and tells how long it was to wait. Seconds. */
export type HurriedClock = Clock & { readonly waits: readonly number[] }

export function createHurriedClock(): HurriedClock {
  let now: Instant = instant(0)
  const waits: number[] = []
  return {
    waits,
    now: () => now,
    async waitUntil(at) {
      waits.push((at - now) / 1000)
      now = instant(Math.max(now, at))
      await nextTick()
    },
  }
}
