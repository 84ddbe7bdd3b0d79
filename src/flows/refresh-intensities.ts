import type { IntensityFact } from '../intensity/fact.ts'
import { type IntensitySource, SourceError } from '../intensity/source.ts'
import { chainsFor, lastGood } from '../intensity/source-chain.ts'
import { type Instant, type Interval, instant, secondsBetween } from '../units.ts'
import type { Clock } from './clock.ts'
import { createSourceGate, type GateState, type SourceGate } from './source-gate.ts'

/** What refreshing tells whoever watches: a log, a metric. */
export type RefreshEvent =
  | { readonly kind: 'learned'; readonly source: string; readonly zone: string; readonly facts: number }
  | {
      readonly kind: 'failed'
      readonly source: string
      readonly zone: string
      readonly failure: string
      readonly message: string
    }
  /** No source of the chain has a current figure; the last good one stands in, or nothing does. */
  | {
      readonly kind: 'stand-in'
      readonly zone: string
      readonly series: string
      readonly isLastGood: boolean
    }

/** How a source is doing. */
export type SourceState = {
  readonly source: IntensitySource
  readonly gate: GateState
  readonly failuresInARow: number
  readonly lastSuccessAt: Instant | undefined
  readonly lastFailure: { readonly at: Instant; readonly message: string } | undefined
  readonly requests: number
  readonly failures: number
  readonly facts: number
}

export type IntensityRefresher = {
  /** Refreshes the zones that are in demand, until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>
  /** Puts a zone in demand for a day: somebody has asked about it. */
  want(zone: string): void
  states(): readonly SourceState[]
}

export type RefresherOptions = {
  /** In the order of the chain. */
  readonly sources: readonly IntensitySource[]
  /** Zones that are always in demand. */
  readonly zones: readonly string[]
  /** How far back a zone is filled in when it comes into demand. */
  readonly backfillSeconds: number
  readonly learn: (facts: readonly IntensityFact[]) => Promise<void>
  /** The facts that are known about a zone and hold at some time within, best first. */
  readonly known: (zone: string, during: Interval) => readonly IntensityFact[]
  readonly clock: Clock
  readonly random: () => number
  readonly onEvent: (event: RefreshEvent) => void
}

const demandSeconds = 86_400
/** How often it is looked whether a zone is due. */
const lookEverySeconds = 5
const leastRefreshSeconds = 300
const forecastEverySeconds = 3 * 3600

type Watched = {
  readonly source: IntensitySource
  readonly gate: SourceGate
  lastSuccessAt: Instant | undefined
  lastFailure: SourceState['lastFailure']
  requests: number
  failures: number
  facts: number
}

type Demand = {
  until: Instant
  due: Instant
  /** When the forecast is asked for again: it changes at every turn, and every change is kept. */
  forecastDue: Instant
  filledUntil: Instant | undefined
  isBusy: boolean
}

/**
 * Keeps figures of the zones in demand current. For each zone and series the sources are asked in the order of the
 * chain, until one has a figure for now; one that fails is left alone for a while. What was missed is filled in.
 */
export function createIntensityRefresher(options: RefresherOptions): IntensityRefresher {
  const { sources, clock, random, learn, known, onEvent } = options
  const watched = new Map<IntensitySource, Watched>(
    sources.map((source) => [
      source,
      {
        source,
        gate: createSourceGate(source.about.secondsBetweenRequests, random),
        lastSuccessAt: undefined,
        lastFailure: undefined,
        requests: 0,
        failures: 0,
        facts: 0,
      },
    ]),
  )
  const demands = new Map<string, Demand>()
  for (const zone of options.zones) want(zone, Number.POSITIVE_INFINITY)

  function want(zone: string, seconds: number = demandSeconds): void {
    const now = clock.now()
    const until = instant(now + seconds * 1000)
    const demand = demands.get(zone)
    if (demand === undefined)
      demands.set(zone, { until, due: now, forecastDue: now, filledUntil: undefined, isBusy: false })
    else if (until > demand.until) demand.until = until
  }

  /** Asks a source, at its pace. Undefined when it cannot be asked or has failed. */
  async function ask(
    source: IntensitySource,
    zone: string,
    {
      what,
      signal,
    }: {
      readonly what: (signal: AbortSignal) => Promise<readonly IntensityFact[]>
      readonly signal: AbortSignal
    },
  ): Promise<readonly IntensityFact[] | undefined> {
    const state = watched.get(source)
    if (state === undefined) return undefined
    const { gate } = state
    if (gate.state(clock.now()).kind === 'closed' || gate.isUnknownZone(zone, clock.now())) return undefined
    await clock.waitUntil(gate.takeTurn(clock.now()), signal)
    if (signal.aborted) return undefined
    state.requests += 1
    try {
      const facts = await what(signal)
      gate.succeeded()
      state.lastSuccessAt = clock.now()
      state.facts += facts.length
      if (facts.length > 0) await learn(facts)
      onEvent({ kind: 'learned', source: source.id, zone, facts: facts.length })
      return facts
    } catch (cause) {
      if (signal.aborted) return undefined
      if (!(cause instanceof SourceError)) throw cause
      const now = clock.now()
      state.failures += 1
      state.lastFailure = { at: now, message: cause.message }
      if (cause.failure.kind === 'unknown-zone') gate.noteUnknownZone(zone, now)
      gate.failed(cause.failure, cause.message, now)
      onEvent({
        kind: 'failed',
        source: source.id,
        zone,
        failure: cause.failure.kind,
        message: cause.message,
      })
      return undefined
    }
  }

  async function refreshZone(zone: string, demand: Demand, signal: AbortSignal): Promise<void> {
    const begunAt = clock.now()
    const backfillFrom = demand.filledUntil ?? instant(begunAt - options.backfillSeconds * 1000)
    let everySeconds = Number.POSITIVE_INFINITY
    let isFilled = false
    for (const [series, chain] of chainsFor(zone, sources)) {
      let isCurrent = false
      for (const source of chain) {
        const facts = await ask(source, zone, { what: (stop) => source.latest(zone, stop), signal })
        if (signal.aborted) return
        if (facts === undefined) continue
        const isMissing = secondsBetween(backfillFrom, begunAt) > 2 * source.about.everySeconds
        if (!isMissing) isFilled = true
        else {
          const during = { from: backfillFrom, to: begunAt }
          const history = await ask(source, zone, {
            what: (stop) => source.history(zone, during, stop),
            signal,
          })
          isFilled ||= history !== undefined
        }
        if (source.forecast !== undefined && demand.forecastDue <= begunAt) {
          demand.forecastDue = instant(begunAt + forecastEverySeconds * 1000)
          await ask(source, zone, {
            what: async (stop) => (await source.forecast?.(zone, stop)) ?? [],
            signal,
          })
        }
        everySeconds = Math.min(everySeconds, source.about.everySeconds)
        isCurrent = isKnownNow(zone, [source])
        if (isCurrent) break
      }
      // What was learned before may still be in force, though nobody answers now.
      if (!isCurrent && !isKnownNow(zone, chain)) await standIn(zone, { series, chain, now: clock.now() })
    }
    if (isFilled) demand.filledUntil = begunAt
    const seconds = Number.isFinite(everySeconds)
      ? Math.max(leastRefreshSeconds, everySeconds)
      : leastRefreshSeconds
    demand.due = instant(begunAt + seconds * 1000 * (0.9 + random() / 10))
  }

  function isKnownNow(zone: string, chain: readonly IntensitySource[]): boolean {
    const ids = new Set(chain.map(({ id }) => id))
    const now = clock.now()
    return known(zone, { from: now, to: now }).some(({ source }) => ids.has(source))
  }

  async function standIn(
    zone: string,
    {
      series,
      chain,
      now,
    }: { readonly series: string; readonly chain: readonly IntensitySource[]; readonly now: Instant },
  ): Promise<void> {
    const ids = new Set(chain.map(({ id }) => id))
    const before = known(zone, { from: instant(now - 86_400_000), to: now }).filter(({ source }) =>
      ids.has(source),
    )
    const newest = before.toSorted((a, b) => b.valid.to - a.valid.to)[0]
    const until = instant(now + leastRefreshSeconds * 2000)
    const fact = newest === undefined ? undefined : lastGood(newest, { now, until })
    if (fact !== undefined) await learn([fact])
    onEvent({ kind: 'stand-in', zone, series, isLastGood: fact !== undefined })
  }

  return {
    want: (zone) => want(zone),

    async run(signal) {
      const mistake = Promise.withResolvers<never>()
      // Whoever awaits it below sees it; here it must only not be taken for unnoticed.
      mistake.promise.catch(() => {})
      const underWay = new Set<Promise<void>>()
      while (!signal.aborted) {
        const now = clock.now()
        for (const [zone, demand] of demands) {
          if (demand.until < now) demands.delete(zone)
          else if (demand.due <= now && !demand.isBusy) {
            demand.isBusy = true
            // Side by side, so that a source with a slow pace holds up nobody who does not need it.
            const refreshing = refreshZone(zone, demand, signal)
              .catch(mistake.reject)
              .finally(() => {
                demand.isBusy = false
                underWay.delete(refreshing)
              })
            underWay.add(refreshing)
          }
        }
        const nextLook = instant(clock.now() + lookEverySeconds * 1000)
        await Promise.race([clock.waitUntil(nextLook, signal), mistake.promise])
      }
      await Promise.all(underWay)
    },

    states() {
      const now = clock.now()
      return Array.from(
        watched.values(),
        ({ source, gate, lastSuccessAt, lastFailure, requests, failures, facts }) => ({
          source,
          gate: gate.state(now),
          failuresInARow: gate.failuresInARow,
          lastSuccessAt,
          lastFailure,
          requests,
          failures,
          facts,
        }),
      )
    },
  }
}
