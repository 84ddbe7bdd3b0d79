import { type Instant, type Interval, instant } from '../units.ts'
import { unknownZone } from './answer-failure.ts'
import { dayMs, pastOf, piecesOfDays, wholeHours } from './calendar.ts'
import {
  type EmissionFactors,
  type GeneratedInterval,
  mixFigures,
  type TechnologyOfType,
} from './generation-mix.ts'
import type { AboutSource, IntensitySource } from './source.ts'
import { type Figure, factsFrom, holdingWithin } from './source-facts.ts'

/** How a publisher of generation by type of plant is asked, and how its rows become intervals. */
export type GenerationByType<Row> = {
  readonly id: string
  readonly about: AboutSource
  /** Its name in errors. */
  readonly name: string
  /** What it calls the zones that it covers. */
  readonly codes: ReadonlyMap<string, string>
  readonly technologyOf: TechnologyOfType
  /** How far back `latest` asks. */
  readonly latestMs: number
  readonly daysPerRequest: number
  /** The rows of at most `daysPerRequest` days. */
  readonly read: (code: string, during: Interval, signal: AbortSignal) => Promise<readonly Row[]>
  /** The intervals that all rows make together, ascending. */
  readonly intervalsOf: (rows: readonly Row[]) => readonly GeneratedInterval[]
}

/** A source of the intensities that follow from what was generated, times emission factors. It has no forecast. */
export function createMixSource<Row>(
  generation: GenerationByType<Row>,
  {
    rank,
    now,
    factors,
  }: { readonly rank: number; readonly now: () => Instant; readonly factors: EmissionFactors },
): IntensitySource {
  const { id, about, name, codes, technologyOf, latestMs, daysPerRequest, read, intervalsOf } = generation
  const zones = [...codes.keys()].sort()

  /** The day before is asked for too: it tells which types are usual. */
  async function figures(zone: string, during: Interval, signal: AbortSignal): Promise<readonly Figure[]> {
    const code = codes.get(zone)
    if (code === undefined) throw unknownZone(name, zone)
    signal.throwIfAborted()
    const past = pastOf(during, now())
    if (past.from >= past.to) return []

    const { from, to } = wholeHours(past)
    const rows: Row[] = []
    for (const piece of piecesOfDays({ from: instant(from - dayMs), to }, daysPerRequest)) {
      rows.push(...(await read(code, piece, signal)))
    }
    return holdingWithin(mixFigures(intervalsOf(rows), technologyOf, factors), past)
  }

  const told = () => ({ id, about, rank, learnedAt: now() })

  return {
    id,
    about,
    zones: () => zones,
    async latest(zone, signal) {
      const during = { from: instant(now() - latestMs), to: now() }
      return factsFrom(told(), zone, await figures(zone, during, signal))
    },
    async history(zone, during, signal) {
      return factsFrom(told(), zone, await figures(zone, during, signal))
    },
  }
}
