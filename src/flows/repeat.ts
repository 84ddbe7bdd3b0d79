import { type Instant, instant } from '../units.ts'
import type { Clock } from './clock.ts'

export type Repetition = {
  readonly everySeconds: number
  /** How long after each whole multiple of the interval; none unless said. */
  readonly offsetSeconds?: number
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Told of every turn that throws; the next turn follows all the same. */
  readonly onFailure: (failure: unknown) => void
}

/**
 * Takes turns at the whole multiples of the interval, counted from 1970 and put off by the offset, until `signal` aborts. Being late never
 * adds up, since each turn is set by the clock and not by the one before. A turn that takes longer than the
 * interval skips the moments it covers; two turns never overlap.
 */
export async function repeat(turn: () => Promise<void>, repetition: Repetition): Promise<void> {
  const { clock, signal, onFailure } = repetition
  let due = nextTurn(clock.now(), repetition)
  while (!signal.aborted) {
    await clock.waitUntil(due, signal)
    if (signal.aborted) return
    try {
      await turn()
    } catch (failure) {
      onFailure(failure)
    }
    // A timer may fire a moment early: the turn that is due next lies after the one just taken all the same.
    const next = nextTurn(clock.now(), repetition)
    due = next === due ? nextTurn(due, repetition) : next
  }
}

function nextTurn(after: Instant, { everySeconds, offsetSeconds = 0 }: Repetition): Instant {
  const every = everySeconds * 1000
  const offset = offsetSeconds * 1000
  return instant((Math.floor((after - offset) / every) + 1) * every + offset)
}
