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

/** Where a counter stood, to go on from there later. */
export type CounterPosition = {
  readonly believed: number
  readonly suspect: number | undefined
  readonly terminated: number | undefined
}

export type Counter = {
  /** The last reading that was believed; undefined before the first. */
  readonly joules: number | undefined
  readonly position: CounterPosition | undefined
  take(
    incoming: Incoming,
    how: { readonly first: FirstSight; readonly limit: Joules; readonly endedBefore: boolean },
  ): Advance
}

/** One energy counter: (node, container, component, mode). It goes on from `position`, if there is one. */
export function createCounter(position?: CounterPosition): Counter {
  let believed: number | undefined = position?.believed
  /** A refused reading. When the next one goes on from there, the jump was real and becomes the starting point. */
  let suspect = position?.suspect
  /** The terminated value counted last: an exporter shows it until its next refresh. */
  let terminated = position?.terminated

  /** All that the readings say was used since the last scrape: an ended life, and one that began after it. */
  function countFromZero(incoming: Incoming, limit: Joules): Advance {
    const hasRunning = !Number.isNaN(incoming.running)
    const hasEnded = !Number.isNaN(incoming.ended)
    believed = hasRunning ? incoming.running : incoming.ended
    suspect = undefined
    if (hasEnded) terminated = incoming.ended
    const energy = (hasRunning ? incoming.running : 0) + (hasEnded ? incoming.ended : 0)
    if (energy <= limit) return { ...counting(energy), reset: hasRunning && hasEnded }
    suspect = believed
    believed = 0
    return refusing(energy)
  }

  function beginAgain(incoming: Incoming, limit: Joules): Advance {
    return { ...countFromZero(incoming, limit), reset: true }
  }

  /** The rest of a life that ended, and what the next one of the same counter has used since. */
  function extendToEnd(before: number, { running, ended }: Incoming, limit: Joules): Advance {
    const rest = lastStepBetween(before, ended, limit)
    const isAgain = !Number.isNaN(running)
    const again = stepBetween(0, isAgain ? running : 0, limit)
    const lost = ended < before
    terminated = ended
    believed = isAgain ? running : Math.max(before, ended)
    suspect = undefined
    return {
      energyJoules: countedIn(rest) + countedIn(again),
      refusedJoules: refusedIn(rest) + refusedIn(again),
      reset: lost || isAgain,
      lost,
    }
  }

  function goOn(before: number, running: number, limit: Joules): Advance {
    if (suspect !== undefined && running >= suspect) {
      const fromSuspect = stepBetween(suspect, running, limit)
      if (fromSuspect.kind === 'advanced') return takeStep(fromSuspect, running)
    }
    return takeStep(stepBetween(before, running, limit), running)
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

    get position() {
      return believed === undefined ? undefined : { believed, suspect, terminated }
    },

    take(incoming, { first, limit, endedBefore }) {
      if (believed === undefined) {
        if (first === 'began-inside') return countFromZero(incoming, limit)
        countFromZero(incoming, noLimit)
        return nothing
      }
      const isNewEnd = !Number.isNaN(incoming.ended) && incoming.ended !== terminated
      if (isNewEnd && endedBefore) return beginAgain(incoming, limit)
      if (isNewEnd) return extendToEnd(believed, incoming, limit)
      if (Number.isNaN(incoming.running)) return nothing
      if (endedBefore) return beginAgain({ running: incoming.running, ended: Number.NaN }, limit)
      return goOn(believed, incoming.running, limit)
    },
  }
}

const noLimit = joules(Number.POSITIVE_INFINITY)

const nothing: Advance = { energyJoules: 0, lost: false, reset: false, refusedJoules: 0 }

function counting(energy: number): Advance {
  return { energyJoules: joules(energy), lost: false, reset: false, refusedJoules: 0 }
}

function countedIn(step: CounterStep): number {
  return step.kind === 'refused' ? 0 : step.energy
}

function refusedIn(step: CounterStep): number {
  return step.kind === 'refused' ? step.energy : 0
}

function refusing(energy: number): Advance {
  return { energyJoules: 0, lost: false, reset: false, refusedJoules: energy }
}
