import { type Joules, joules } from '../units.ts'
import { type CounterStep, lastStepBetween, stepBetween } from './counter-step.ts'

/** The highest reading of each state in one scrape; NaN where there was none. */
export type Incoming = { readonly running: number; readonly ended: number }

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

/**
 * One energy counter: (node, container, component, mode).
 *
 * A class for memory and speed: there are hundreds of thousands of them, and a step allocates nothing.
 */
export class Counter {
  // NaN stands for none, so that the fields keep their representation.
  #believed: number
  /** A refused reading. When the next one goes on from there, the jump was real and becomes the starting point. */
  #suspect: number
  /** The terminated value counted last: an exporter shows it until its next refresh. */
  #terminated: number

  /** It goes on from `position`, if there is one. */
  constructor(position?: CounterPosition) {
    this.#believed = position?.believed ?? Number.NaN
    this.#suspect = position?.suspect ?? Number.NaN
    this.#terminated = position?.terminated ?? Number.NaN
  }

  /** The last reading that was believed; NaN before the first. */
  get joules(): number {
    return this.#believed
  }

  get position(): CounterPosition | undefined {
    if (Number.isNaN(this.#believed)) return undefined
    return {
      believed: this.#believed,
      suspect: numberOrNone(this.#suspect),
      terminated: numberOrNone(this.#terminated),
    }
  }

  /**
   * Takes a reading of a running counter that goes on from the last one, as nearly all do, and returns the energy in
   * between: joules. NaN, and nothing is taken, for any other reading: it is for `take`.
   */
  goOn(running: number, limit: Joules): number {
    const energy = running - this.#believed
    // False, too, where one of the numbers is NaN.
    if (!(energy >= 0 && energy <= limit) || !Number.isNaN(this.#suspect)) return Number.NaN
    this.#believed = running
    return energy
  }

  take(
    incoming: Incoming,
    how: { readonly first: FirstSight; readonly limit: Joules; readonly endedBefore: boolean },
  ): Advance {
    const { first, limit, endedBefore } = how
    if (Number.isNaN(this.#believed)) {
      if (first === 'began-inside') return this.#countFromZero(incoming, limit)
      this.#countFromZero(incoming, noLimit)
      return nothing
    }
    const isNewEnd = !Number.isNaN(incoming.ended) && incoming.ended !== this.#terminated
    if (isNewEnd && endedBefore) return this.#beginAgain(incoming, limit)
    if (isNewEnd) return this.#extendToEnd(this.#believed, incoming, limit)
    if (Number.isNaN(incoming.running)) return nothing
    if (endedBefore) return this.#beginAgain({ running: incoming.running, ended: Number.NaN }, limit)
    return this.#step(this.#believed, incoming.running, limit)
  }

  /** All that the readings say was used since the last scrape: an ended life, and one that began after it. */
  #countFromZero(incoming: Incoming, limit: Joules): Advance {
    const hasRunning = !Number.isNaN(incoming.running)
    const hasEnded = !Number.isNaN(incoming.ended)
    this.#believed = hasRunning ? incoming.running : incoming.ended
    this.#suspect = Number.NaN
    if (hasEnded) this.#terminated = incoming.ended
    const energy = (hasRunning ? incoming.running : 0) + (hasEnded ? incoming.ended : 0)
    if (energy <= limit) return { ...counting(energy), reset: hasRunning && hasEnded }
    this.#suspect = this.#believed
    this.#believed = 0
    return refusing(energy)
  }

  #beginAgain(incoming: Incoming, limit: Joules): Advance {
    return { ...this.#countFromZero(incoming, limit), reset: true }
  }

  /** The rest of a life that ended, and what the next one of the same counter has used since. */
  #extendToEnd(before: number, { running, ended }: Incoming, limit: Joules): Advance {
    const rest = lastStepBetween(before, ended, limit)
    const isAgain = !Number.isNaN(running)
    const again = stepBetween(0, isAgain ? running : 0, limit)
    const lost = ended < before
    this.#terminated = ended
    this.#believed = isAgain ? running : Math.max(before, ended)
    this.#suspect = Number.NaN
    return {
      energyJoules: countedIn(rest) + countedIn(again),
      refusedJoules: refusedIn(rest) + refusedIn(again),
      reset: lost || isAgain,
      lost,
    }
  }

  #step(before: number, running: number, limit: Joules): Advance {
    if (running >= this.#suspect) {
      const fromSuspect = stepBetween(this.#suspect, running, limit)
      if (fromSuspect.kind === 'advanced') return this.#takeStep(fromSuspect, running)
    }
    return this.#takeStep(stepBetween(before, running, limit), running)
  }

  #takeStep(step: CounterStep, running: number): Advance {
    switch (step.kind) {
      case 'advanced':
        this.#believed = running
        this.#suspect = Number.NaN
        return counting(step.energy)
      case 'restarted':
        this.#believed = running
        this.#suspect = Number.NaN
        return { ...counting(step.energy), reset: true, lost: true }
      case 'refused':
        this.#suspect = running
        return refusing(step.energy)
    }
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

function numberOrNone(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value
}
