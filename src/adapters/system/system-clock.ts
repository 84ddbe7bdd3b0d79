import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../../flows/clock.ts'
import { instant } from '../../units.ts'

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => instant(Date.now()),

  async waitUntil(at, signal) {
    try {
      await delay(Math.max(0, at - Date.now()), undefined, { signal })
    } catch (cause) {
      if (!signal.aborted) throw cause
    }
  },
}
