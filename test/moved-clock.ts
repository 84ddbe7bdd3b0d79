import { setImmediate as nextTick } from 'node:timers/promises'
import type { Clock } from '../src/flows/clock.ts'
import { type Instant, instant } from '../src/units.ts'

/** A clock that moves when it is told to: to so many seconds after its start. */
export type MovedClock = Clock & { moveTo(second: number): Promise<void> }

export function createMovedClock(start: Instant): MovedClock {
  let now = start
  const waiting = new Set<() => void>()
  return {
    now: () => now,
    waitUntil(until, signal) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const check = () => {
        if (now < until && !signal.aborted) return
        waiting.delete(check)
        resolve()
      }
      waiting.add(check)
      signal.addEventListener('abort', check)
      check()
      return promise
    },
    async moveTo(second) {
      now = instant(Math.max(now, start + second * 1000))
      for (const check of waiting) check()
      await settled()
    },
  }
}

/** Lets everything happen that needs no time to pass. */
export async function settled(): Promise<void> {
  for (let tick = 0; tick < 5; tick += 1) await nextTick()
}
