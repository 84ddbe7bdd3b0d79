import { type Joules, joules } from '../units.ts'
import { type CounterStep, lastStepBetween, stepBetween } from './counter-step.ts'

/** The highest reading of each state in one scrape; NaN where there was none. */
export type Incoming = { running: number; ended: number }

/** How a first reading of a counter is taken. */
export type FirstSight =
  /** The node was read completely just before, without this counter: it began at zero inside the interval. */
  | 'began-inside'
  /** Nothing is known of the time before: a starting point, no energy. */
  | 'baseline'

/** What a scrape added to one counter, in joules. */
export type Advance = {
  readonly energyJoules: number
  /** It began again at zero and energy counted after the last reading is lost. */
  readonly lost: boolean
  /** It began again at zero. */
  readonly reset: boolean
  /** Joules that it claimed and that are not counted. */
  readonly refusedJoules: number
}

export type Counter = {
  /** The last reading that was believed; undefined before the first. */
  readonly joules: number | undefined
  take(
    incoming: Incoming,
    how: { readonly first: FirstSight; readonly limit: Joules; readonly endedBefore: boolean },
  ): Advance
}

/** One energy counter: (node, container, component, mode). */
export function createCounter(): Counter {
  let believed: number | undefined
  /** A refused reading. When the next one goes on from there, the jump was real and becomes the starting point. */
  let suspect: number | undefined
  /** The terminated value counted last: an exporter shows it until its next refresh. */
  let terminated: number | undefined

  /** All that the readings say was used since the last scrape: an ended life, and one that began after it. */
  function countFromZero(incoming: Incoming, limit: Joules): Advance {
    const hasRunning = !Number.isNaN(incoming.running)
    const hasEnded = !Number.isNaN(incoming.ended)
    believed = hasRunning ? incoming.running : incoming.ended
    suspect = undefined
    if (hasEnded) terminated = incoming.ended
    const energy = (hasRunning ? incoming.running : 0) + (hasEnded ? incoming.ended : 0)
    if (energy <= limit) return counting(energy)
    suspect = believed
    believed = 0
    return refusing(energy)
  }

  function beginAgain(incoming: Incoming, limit: Joules): Advance {
    return { ...countFromZero(incoming, limit), reset: true }
  }

  function extendToEnd(ended: number, running: number, limit: Joules): Advance {
    const last = lastStepBetween(believed ?? 0, ended, limit)
    const lost = ended < (believed ?? 0)
    terminated = ended
    believed = Number.isNaN(running) ? Math.max(believed ?? 0, ended) : running
    suspect = undefined
    const again = Number.isNaN(running) ? 0 : running
    const reset = lost || !Number.isNaN(running)
    if (last.kind === 'refused') return { ...counting(again), refusedJoules: last.energy, reset }
    return { ...counting(last.energy + again), reset, lost }
  }

  function goOn(running: number, limit: Joules): Advance {
    if (suspect !== undefined && running >= suspect) {
      const fromSuspect = stepBetween(suspect, running, limit)
      if (fromSuspect.kind === 'advanced') {
        suspect = undefined
        believed = running
        return counting(fromSuspect.energy)
      }
    }
    const step = stepBetween(believed ?? 0, running, limit)
    return takeStep(step, running)
  }

  function takeStep(step: CounterStep, running: number): Advance {
    switch (step.kind) {
      case 'advanced':
        believed = running
        suspect = undefined
        return counting(step.energy)
      case 'restarted':
        believed = running
        suspect = undefined
        return { ...counting(step.energy), reset: true, lost: true }
      case 'refused':
        suspect = running
        return refusing(step.energy)
    }
  }

  return {
    get joules() {
      return believed
    },

    take(incoming, { first, limit, endedBefore }) {
      if (believed === undefined) {
        if (first === 'began-inside') return countFromZero(incoming, limit)
        countFromZero(incoming, noLimit)
        return nothing
      }
      const isNewEnd = !Number.isNaN(incoming.ended) && incoming.ended !== terminated
      if (isNewEnd && endedBefore) return beginAgain(incoming, limit)
      if (isNewEnd) return extendToEnd(incoming.ended, incoming.running, limit)
      if (Number.isNaN(incoming.running)) return nothing
      if (endedBefore) return beginAgain({ running: incoming.running, ended: Number.NaN }, limit)
      return goOn(incoming.running, limit)
    },
  }
}

const noLimit = joules(Number.POSITIVE_INFINITY)

const nothing: Advance = { energyJoules: 0, lost: false, reset: false, refusedJoules: 0 }

function counting(energy: number): Advance {
  return { energyJoules: joules(energy), lost: false, reset: false, refusedJoules: 0 }
}

function refusing(energy: number): Advance {
  return { energyJoules: 0, lost: false, reset: false, refusedJoules: energy }
}
