import { type Instant, instant } from '../units.ts'
import type { Clock } from './clock.ts'

export type Repetition = {
  readonly everySeconds: number
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Told of every turn that throws; the next turn follows all the same. */
  readonly onFailure: (failure: unknown) => void
}

/**
 * Takes turns at the whole multiples of the interval, counted from 1970, until `signal` aborts. Being late never
 * adds up, since each turn is set by the clock and not by the one before. A turn that takes longer than the
 * interval skips the moments it covers; two turns never overlap.
 */
export async function repeat(turn: () => Promise<void>, repetition: Repetition): Promise<void> {
  const { everySeconds, clock, signal, onFailure } = repetition
  let due = nextMultiple(clock.now(), everySeconds)
  while (!signal.aborted) {
    await clock.waitUntil(due, signal)
    if (signal.aborted) return
    try {
      await turn()
    } catch (failure) {
      onFailure(failure)
    }
    // A timer may fire a moment early: the turn that is due next lies after the one just taken all the same.
    const next = nextMultiple(clock.now(), everySeconds)
    due = next === due ? nextMultiple(due, everySeconds) : next
  }
}

function nextMultiple(after: Instant, everySeconds: number): Instant {
  const every = everySeconds * 1000
  return instant((Math.floor(after / every) + 1) * every)
}
