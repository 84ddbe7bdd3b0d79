import { unknownZone } from '../../intensity/answer-failure.ts'
import { createAnswerReader } from '../../intensity/answer-reader.ts'
import { hourMs, pastOf, piecesOfDays } from '../../intensity/calendar.ts'
import { type AboutSource, type IntensitySource, SourceError } from '../../intensity/source.ts'
import { expectedAfter, type Figure, factsFrom, holdingWithin } from '../../intensity/source-facts.ts'
import type { WebSourceOptions } from '../../intensity/web-source.ts'
import { type Interval, instant } from '../../units.ts'
import { readMarginalEmissions, signalType, withoutLongZeros } from './marginal-emissions.ts'
import { createWattTimeSession } from './session.ts'

const id = 'watttime'
const name = 'WattTime'

const about: AboutSource = {
  name: `${name} (marginal operating emissions rate)`,
  url: 'https://watttime.org',
  licence: 'WattTime terms of service',
  attribution: name,
  signal: 'marginal',
  basis: 'direct',
  everySeconds: 300,
  secondsBetweenRequests: 1,
}

const defaultBaseUrl = new URL('https://api.watttime.org')

/** The region that every account may ask about; what a paid one may is said by whoever runs the program. */
const freeRegions: ReadonlyMap<string, string> = new Map([['US-CAL-CISO', 'CAISO_NORTH']])

const latestMs = 2 * hourMs
const daysPerRequest = 30
const hoursAhead = 72

/**
 * What one more kilowatt hour would have emitted, from the WattTime API, version 3: gCO2 per kWh at the chimney, as a
 * model estimates it, every five minutes. Marginal: never to be mixed with averages. A run of exact zeros for more than
 * an hour is left out; with nothing else in an answer, the answer is refused. Source: https://docs.watttime.org, 2026.
 */
export function createWattTimeSource(
  options: WebSourceOptions & {
    readonly username: string
    readonly password: string
    /** The region of WattTime in which each zone lies. */
    readonly regions?: ReadonlyMap<string, string>
  },
): IntensitySource {
  const { httpGet, rank, now, baseUrl = defaultBaseUrl, username, password, regions = freeRegions } = options
  const reader = createAnswerReader(name, now)
  const session = createWattTimeSession({ httpGet, now, baseUrl, username, password, reader })
  const zones = [...regions.keys()].sort()

  async function ask(
    what: { readonly zone: string; readonly kind: 'estimated' | 'forecast' },
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<readonly Figure[]> {
    const { zone, kind } = what
    const region = regions.get(zone)
    if (region === undefined) throw unknownZone(name, zone)
    signal.throwIfAborted()
    const path = kind === 'forecast' ? 'v3/forecast' : 'v3/historical'
    const answer = await session.ask(path, { region, signal_type: signalType, ...query }, signal)
    return readMarginalEmissions(reader.json(answer), { region, kind, reader })
  }

  /** An hour more is asked for at either end: of a run of zeros in between, it tells the length. */
  async function history(zone: string, during: Interval, signal: AbortSignal): Promise<readonly Figure[]> {
    if (!regions.has(zone)) throw unknownZone(name, zone)
    signal.throwIfAborted()
    const past = pastOf(during, now())
    if (past.from >= past.to) return []

    const asked = {
      from: instant(Math.floor(past.from / hourMs - 1) * hourMs),
      to: instant(Math.min(past.to + hourMs, now())),
    }
    const figures: Figure[] = []
    for (const { from, to } of piecesOfDays(asked, daysPerRequest)) {
      const query = { start: new Date(from).toISOString(), end: new Date(to).toISOString() }
      const told = await ask({ zone, kind: 'estimated' }, query, signal)
      // Both ends of what is asked for are told.
      figures.push(...told.filter(({ valid }) => valid.from >= from && valid.from < to))
    }
    return holdingWithin(plausible(figures), past)
  }

  const factsOf = (zone: string, figures: readonly Figure[]) =>
    factsFrom({ id, about, rank, learnedAt: now() }, zone, figures)

  return {
    id,
    about,
    zones: () => zones,
    async latest(zone, signal) {
      return factsOf(zone, await history(zone, { from: instant(now() - latestMs), to: now() }, signal))
    },
    async history(zone, during, signal) {
      return factsOf(zone, await history(zone, during, signal))
    },
    async forecast(zone, signal) {
      const figures = await ask({ zone, kind: 'forecast' }, { horizon_hours: String(hoursAhead) }, signal)
      return factsOf(zone, expectedAfter(plausible(figures), now()))
    },
  }
}

function plausible(told: readonly Figure[]): readonly Figure[] {
  const kept = withoutLongZeros(told)
  if (told.length > 0 && kept.length === 0) {
    throw new SourceError({ kind: 'unexpected-answer' }, `${name} answered with nothing but zeros`)
  }
  return kept
}
