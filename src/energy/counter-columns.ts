import { type Joules, joules } from '../units.ts'
import { numberAt } from './columns.ts'
import { type CounterStep, lastStepBetween, stepBetween } from './counter-step.ts'

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

/** The highest reading of each state in one scrape; NaN where there was none. */
type Incoming = { readonly running: number; readonly ended: number }

const none = Number.NaN
const fewestPlaces = 16

/**
 * The energy counters of a node, each of one container, component and mode, known by its place. In columns, since there
 * are hundreds of thousands of them and all are stepped in every scrape: nothing is allocated, and memory is read in order.
 */
export class CounterColumns {
  /** The last reading that was believed. */
  #believed = new Float64Array(fewestPlaces)
  /** A refused reading. When the next one goes on from there, the jump was real and becomes the starting point. */
  #suspect = new Float64Array(fewestPlaces)
  /** The terminated value counted last: an exporter shows it until its next refresh. */
  #terminated = new Float64Array(fewestPlaces)
  /** The readings of the present scrape. */
  #running = new Float64Array(fewestPlaces)
  #ended = new Float64Array(fewestPlaces)
  #length = 0
  readonly #freePlaces: number[] = []

  /** Adds a counter, which goes on from `position` if there is one. Returns its place. */
  add(position?: CounterPosition): number {
    const place = this.#freePlaces.pop() ?? this.#length++
    if (place === this.#believed.length) this.#grow()
    this.#believed[place] = position?.believed ?? none
    this.#suspect[place] = position?.suspect ?? none
    this.#terminated[place] = position?.terminated ?? none
    this.#running[place] = none
    this.#ended[place] = none
    return place
  }

  /** Its place may be another counter's from now on. */
  drop(place: number): void {
    this.#freePlaces.push(place)
  }

  /** The last reading that was believed; NaN before the first. */
  joulesAt(place: number): number {
    return numberAt(this.#believed, place)
  }

  positionAt(place: number): CounterPosition | undefined {
    const believed = numberAt(this.#believed, place)
    if (Number.isNaN(believed)) return undefined
    return {
      believed,
      suspect: numberOrNone(numberAt(this.#suspect, place)),
      terminated: numberOrNone(numberAt(this.#terminated, place)),
    }
  }

  /** Notes a reading of the present scrape. A series that is written twice counts once, with its highest value. */
  read(place: number, state: 'running' | 'terminated', reading: number): void {
    const column = state === 'running' ? this.#running : this.#ended
    const earlier = numberAt(column, place)
    if (Number.isNaN(earlier) || reading > earlier) column[place] = reading
  }

  /**
   * The energy since the last reading, if the counter runs and has gone on from there to this one, as nearly all do in
   * nearly every scrape. NaN if anything else has happened.
   */
  usualStep(place: number, running: number, limit: Joules): number {
    const energy = running - numberAt(this.#believed, place)
    // False, too, where one of the numbers is NaN.
    return energy >= 0 && energy <= limit && Number.isNaN(numberAt(this.#suspect, place)) ? energy : none
  }

  /** Believes the reading to which a usual step has led. */
  goOnTo(place: number, running: number): void {
    this.#believed[place] = running
  }

  /** Takes what was read in the present scrape. */
  take(
    place: number,
    how: { readonly first: FirstSight; readonly limit: Joules; readonly endedBefore: boolean },
  ): Advance {
    const { first, limit, endedBefore } = how
    const incoming = { running: numberAt(this.#running, place), ended: numberAt(this.#ended, place) }
    this.#running[place] = none
    this.#ended[place] = none
    const before = numberAt(this.#believed, place)
    if (Number.isNaN(before)) {
      if (first === 'began-inside') return this.#countFromZero(place, incoming, limit)
      this.#countFromZero(place, incoming, noLimit)
      return nothing
    }
    const isNewEnd = !Number.isNaN(incoming.ended) && incoming.ended !== numberAt(this.#terminated, place)
    if (isNewEnd && endedBefore) return this.#beginAgain(place, incoming, limit)
    if (isNewEnd) return this.#extendToEnd(place, incoming, limit)
    if (Number.isNaN(incoming.running)) return nothing
    if (endedBefore) return this.#beginAgain(place, { running: incoming.running, ended: none }, limit)
    return this.#goOn(place, incoming.running, limit)
  }

  /** All that the readings say was used since the last scrape: an ended life, and one that began after it. */
  #countFromZero(place: number, { running, ended }: Incoming, limit: Joules): Advance {
    const hasRunning = !Number.isNaN(running)
    const hasEnded = !Number.isNaN(ended)
    const latest = hasRunning ? running : ended
    this.#believed[place] = latest
    this.#suspect[place] = none
    if (hasEnded) this.#terminated[place] = ended
    const energy = (hasRunning ? running : 0) + (hasEnded ? ended : 0)
    if (energy <= limit) return { ...counting(energy), reset: hasRunning && hasEnded }
    this.#suspect[place] = latest
    this.#believed[place] = 0
    return refusing(energy)
  }

  #beginAgain(place: number, incoming: Incoming, limit: Joules): Advance {
    return { ...this.#countFromZero(place, incoming, limit), reset: true }
  }

  /** The rest of a life that ended, and what the next one of the same counter has used since. */
  #extendToEnd(place: number, { running, ended }: Incoming, limit: Joules): Advance {
    const before = numberAt(this.#believed, place)
    const rest = lastStepBetween(before, ended, limit)
    const isAgain = !Number.isNaN(running)
    const again = stepBetween(0, isAgain ? running : 0, limit)
    const lost = ended < before
    this.#terminated[place] = ended
    this.#believed[place] = isAgain ? running : Math.max(before, ended)
    this.#suspect[place] = none
    return {
      energyJoules: countedIn(rest) + countedIn(again),
      refusedJoules: refusedIn(rest) + refusedIn(again),
      reset: lost || isAgain,
      lost,
    }
  }

  #goOn(place: number, running: number, limit: Joules): Advance {
    const suspect = numberAt(this.#suspect, place)
    if (running >= suspect) {
      const fromSuspect = stepBetween(suspect, running, limit)
      if (fromSuspect.kind === 'advanced') return this.#takeStep(place, fromSuspect, running)
    }
    return this.#takeStep(place, stepBetween(numberAt(this.#believed, place), running, limit), running)
  }

  #takeStep(place: number, step: CounterStep, running: number): Advance {
    switch (step.kind) {
      case 'advanced':
        this.#believed[place] = running
        this.#suspect[place] = none
        return counting(step.energy)
      case 'restarted':
        this.#believed[place] = running
        this.#suspect[place] = none
        return { ...counting(step.energy), reset: true, lost: true }
      case 'refused':
        this.#suspect[place] = running
        return refusing(step.energy)
    }
  }

  #grow(): void {
    const places = 2 * this.#believed.length
    this.#believed = grown(this.#believed, places)
    this.#suspect = grown(this.#suspect, places)
    this.#terminated = grown(this.#terminated, places)
    this.#running = grown(this.#running, places)
    this.#ended = grown(this.#ended, places)
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

function grown(column: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(length)
  larger.set(column)
  return larger
}
