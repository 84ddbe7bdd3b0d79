import type { Interval } from '../units.ts'
import { dayMs } from './calendar.ts'
import type { IntensityMethod } from './fact.ts'
import type { Figure } from './source-facts.ts'

/** The ways to generate electricity that emission factors tell apart. */
export const technologies = [
  'coal',
  'lignite',
  'coal-gas',
  'gas',
  'oil',
  'oil-shale',
  'peat',
  'biomass',
  'waste',
  'geothermal',
  'hydro',
  'nuclear',
  'solar',
  'wind-onshore',
  'wind-offshore',
  'wind',
  'marine',
  'other-renewable',
  'other',
] as const

export type Technology = (typeof technologies)[number]

/** A named set of emission factors: grams of CO2e per kWh generated, over the whole life cycle. */
export type EmissionFactors = {
  /** Such as `ar5-2014`. */
  readonly name: string
  /** One for each technology. */
  readonly gramsPerKilowattHour: ReadonlyMap<Technology, number>
}

/** What was generated in an interval, in any one unit of power or energy, by type of plant as the source names them. */
export type GeneratedInterval = {
  readonly valid: Interval
  readonly amounts: ReadonlyMap<string, number>
}

/** Storage gives back what was generated, and counted, before. */
export type TechnologyOfType = ReadonlyMap<string, Technology | 'storage'>

/** How intensities that are computed here came about, in the words that stand beside them. */
function mixMethod(factors: EmissionFactors): IntensityMethod {
  return { kind: 'estimated', detail: `production mix x ${factors.name}` }
}

/**
 * The intensity of what was generated in each interval: sum of amount x factor / sum of amounts. Storage is left out,
 * a negative amount (a plant's own consumption) counts as 0. Left out is an interval of which a usual type is not in
 * yet, and one without any generation. Imports and exports are not known here.
 */
export function mixFigures(
  ascending: readonly GeneratedInterval[],
  technologyOf: TechnologyOfType,
  factors: EmissionFactors,
): readonly Figure[] {
  const generated = ascending.map(({ valid, amounts }) => ({
    valid,
    amounts: new Map([...amounts].filter(([type]) => technologyOf.get(type) !== 'storage')),
  }))
  const method = mixMethod(factors)
  return completeIntervals(generated).flatMap(({ valid, amounts }): readonly Figure[] => {
    let total = 0
    let grams = 0
    for (const [type, amount] of amounts) {
      const technology = technologyOf.get(type) ?? 'other'
      if (technology === 'storage' || amount <= 0) continue
      total += amount
      grams += amount * (factors.gramsPerKilowattHour.get(technology) ?? NaN)
    }
    return total === 0 ? [] : [{ valid, grams: grams / total, method }]
  })
}

/** A type that is there for this share of the day before an interval belongs into the interval. */
const usualShare = 0.8
/** With less than this of the day before, nothing tells what belongs into an interval. */
const leastKnownMs = 6 * 3600 * 1000

/**
 * The intervals that have an amount of each type that is usual: one that is there for at least 80 % of the time, out of
 * the 24 hours before, of which anything is known. Sources publish type by type; without this rule an interval would
 * show, for some minutes, the intensity of its solar plants alone. A type that is given up stops being usual after
 * some five hours. An interval of whose day before less than six hours are known is not complete either.
 */
export function completeIntervals(ascending: readonly GeneratedInterval[]): readonly GeneratedInterval[] {
  const complete: GeneratedInterval[] = []
  const presentMs = new Map<string, number>()
  let knownMs = 0
  let oldest = 0

  const count = ({ valid, amounts }: GeneratedInterval, sign: 1 | -1) => {
    const length = sign * (valid.to - valid.from)
    knownMs += length
    for (const type of amounts.keys()) presentMs.set(type, (presentMs.get(type) ?? 0) + length)
  }
  const isComplete = ({ amounts }: GeneratedInterval) =>
    knownMs >= leastKnownMs &&
    [...presentMs].every(([type, ms]) => ms < usualShare * knownMs || amounts.has(type))

  for (const interval of ascending) {
    for (let gone = ascending[oldest]; gone !== undefined; gone = ascending[oldest]) {
      if (gone.valid.from >= interval.valid.from - dayMs) break
      count(gone, -1)
      oldest++
    }
    if (isComplete(interval)) complete.push(interval)
    count(interval, 1)
  }
  return complete
}
