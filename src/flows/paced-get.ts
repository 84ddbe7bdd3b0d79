import type { HttpGet } from '../intensity/http-get.ts'
import { type Instant, instant } from '../units.ts'
import type { Clock } from './clock.ts'

/** Lets requests to one source leave no closer than it asks for: a history may take many of them. */
export function createPacedGet(httpGet: HttpGet, secondsBetweenRequests: number, clock: Clock): HttpGet {
  let next: Instant = instant(Number.NEGATIVE_INFINITY)
  return async (url, options) => {
    const turn = instant(Math.max(clock.now(), next))
    next = instant(turn + secondsBetweenRequests * 1000)
    await clock.waitUntil(turn, options.signal)
    options.signal.throwIfAborted()
    return await httpGet(url, options)
  }
}
