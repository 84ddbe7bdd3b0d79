import type { IntensityFact } from '../../intensity/fact.ts'
import { sourceRank } from '../../intensity/source-rank.ts'
import { createStaticSource, type StaticSource } from '../../intensity/static-source.ts'
import { type GramsPerKilowattHour, instant } from '../../units.ts'
import {
  aboutConfigured,
  acceptedZone,
  type ConfiguredContext,
  type ConfiguredIntensities,
  configuredFact,
} from './configured-fact.ts'
import { acceptedIntensity, parseIntensity } from './intensity-text.ts'

const id = 'CO2_INTENSITIES'
const always = { from: instant(-Infinity), to: instant(Infinity) }

/**
 * Intensities that hold for all time, in g/kWh by zone, as in `DE=148,FR=20`. Blanks around entries and an empty
 * entry, such as after a last comma, do no harm. Otherwise every problem is told, one sentence each.
 */
export function parseStaticOverride(text: string, context: ConfiguredContext): ConfiguredIntensities {
  const entryByZone = new Map<string, string>()
  const facts: IntensityFact[] = []
  const problems: string[] = []

  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue
    const read = readEntry(entry, context.zones)
    const whys = [...read.whys]

    const earlier = read.zone === undefined ? undefined : entryByZone.get(read.zone)
    if (earlier !== undefined)
      whys.push(`sets ${read.zone} again after '${earlier}'; accepted is one entry per zone`)
    if (read.zone !== undefined) entryByZone.set(read.zone, entry)

    problems.push(...whys.map((why) => `${id}: entry '${entry}' ${why}`))
    if (read.zone === undefined || read.intensity === undefined) continue
    const { zone, intensity } = read
    const { learnedAt } = context
    facts.push(
      configuredFact({ zone, valid: always, intensity, source: id, rank: sourceRank.override, learnedAt }),
    )
  }
  return problems.length === 0 ? { kind: 'ok', facts } : { kind: 'problems', problems }
}

/** The source of the facts that `parseStaticOverride` read. */
export function createStaticOverride(facts: readonly IntensityFact[]): StaticSource {
  return createStaticSource({ id, about: aboutConfigured(`The setting ${id}`), facts })
}

type ReadEntry = {
  readonly zone?: string
  readonly intensity?: GramsPerKilowattHour
  /** Why it cannot be used, one reason for each part that is missing. */
  readonly whys: readonly string[]
}

function readEntry(entry: string, zones: ConfiguredContext['zones']): ReadEntry {
  const [zoneText, figureText, ...rest] = entry.split('=').map((part) => part.trim())
  if (zoneText === undefined || figureText === undefined || rest.length > 0) {
    return { whys: ['is not of the form ZONE=NUMBER; accepted are entries such as DE=148,FR=20.5'] }
  }
  const whys: string[] = []
  const lookup = zones.find(zoneText)
  if (lookup.kind === 'unknown')
    whys.push(`names the unknown zone '${zoneText}'; accepted is ${acceptedZone}`)
  const figure = parseIntensity(figureText)
  if (figure.kind === 'refused') {
    whys.push(`holds '${figureText}', which ${figure.why}; accepted is ${acceptedIntensity}`)
  }
  return {
    ...(lookup.kind === 'known' && { zone: lookup.zone }),
    ...(figure.kind === 'ok' && { intensity: figure.intensity }),
    whys,
  }
}
