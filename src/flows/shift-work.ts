import { bestStart } from '../emissions/best-start.ts'
import { rankedByGrams, type Saving, savingOf } from '../emissions/compare-zones.ts'
import {
  bestHour,
  type DailyProfile,
  dailyProfile,
  type ProfileWindow,
  profileWindow,
} from '../emissions/daily-profile.ts'
import { createGrouping, createKnownGroupings } from '../emissions/grouping.ts'
import { createProvenanceTally, type Provenance } from '../emissions/provenance.ts'
import type { OwnerDirectory } from '../energy/workload-owner.ts'
import { type IntensityFact, tellsTimesApart } from '../intensity/fact.ts'
import type { FactBook } from '../intensity/fact-book.ts'
import {
  type IntensityShare,
  intensityOver,
  type KnownPiece,
  type TimelinePiece,
} from '../intensity/timeline.ts'
import {
  emissionsOf,
  type GramsCO2e,
  type GramsPerKilowattHour,
  type Instant,
  type Interval,
  instant,
  isoWithMicroseconds,
  type Joules,
  joules,
} from '../units.ts'
import type { EnergyScope, IntensityScope } from './report-group-emissions.ts'
import type { EmissionsSummer, Excess } from './sum-emissions.ts'

export type ShiftQuestion = IntensityScope & {
  readonly work:
    | { readonly kind: 'energy'; readonly energy: Joules }
    /** As much as these containers use in the same time, at the mean power that they were measured with. */
    | { readonly kind: 'measured'; readonly scope: EnergyScope }
  readonly durationSeconds: number
  readonly zones: readonly string[]
  readonly home: string
  /** How far ahead it may begin and end. */
  readonly horizonSeconds: number
}

/** What the work emits in a zone at some time. */
export type WorkEmissions = {
  readonly zone: string
  readonly grams: GramsCO2e
  readonly mean: GramsPerKilowattHour
  readonly provenance: Provenance
}

export type ForecastStart = WorkEmissions & {
  readonly during: Interval
  /** Against starting now at home; undefined where no figure of that time is known there. */
  readonly saving: Saving | undefined
}

export type UsualHour = WorkEmissions & {
  /** In UTC, 0 to 23. */
  readonly hour: number
  readonly days: number
}

export type ProfileStart = UsualHour & {
  /** Against the present hour of the day at home, as it usually is. */
  readonly saving: Saving | undefined
}

export type ShiftAnswer =
  | {
      readonly kind: 'shifted'
      readonly energy: Joules
      /** Of the time in which the containers were measured; undefined where the energy was given. */
      readonly measuredMs: number | undefined
      readonly now: {
        readonly zone: string
        readonly during: Interval
        /** Undefined where the intensity of some of the time is unknown. */
        readonly emissions: WorkEmissions | undefined
      }
      /** The best start in each zone, least grams first. */
      readonly forecast: readonly ForecastStart[]
      /** Why there is no start of some zones, each as a sentence. */
      readonly withoutForecast: readonly { readonly zone: string; readonly reason: string }[]
      /** The present hour of the day at home, over the last seven days. */
      readonly usual: UsualHour | undefined
      /** The best hour of the day in each zone over the last seven days, least grams first. */
      readonly profile: readonly ProfileStart[]
      /** Zones whose figures are the same at all times, so that it makes no difference when. */
      readonly flat: readonly string[]
      readonly warnings: readonly string[]
    }
  | Excess

/** Answers when and where the same work emits least. Throws as an EmissionsSummer does. */
export type WorkShifter = (question: ShiftQuestion, signal: AbortSignal) => Promise<ShiftAnswer>

const hourMs = 3_600_000
const profileMs = 7 * 24 * hourMs

export function createWorkShifter(ports: {
  readonly sum: EmissionsSummer
  readonly owners: OwnerDirectory
  readonly intensities: Pick<FactBook, 'timeline'>
  readonly now: () => Instant
}): WorkShifter {
  const known = createKnownGroupings()

  async function energyOf({ work, durationSeconds, asOf, series }: ShiftQuestion, signal: AbortSignal) {
    if (work.kind === 'energy') return { kind: 'known', energy: work.energy } as const
    const { workloads, ...scope } = work.scope
    const grouping = createGrouping({ dimensions: [], workloads, owners: ports.owners, known })
    const sum = await ports.sum(
      { ...scope, asOf, series, grouping, zones: [], stepSeconds: undefined, isDetailed: false },
      signal,
    )
    if (sum.kind !== 'summed') return sum
    const { from, to } = scope.during
    return {
      kind: 'known',
      energy: joules((sum.total.energy({ group: 0 }) * durationSeconds * 1000) / (to - from)),
      measuredMs: sum.total.measuredMs({ group: 0 }),
      warnings: sum.warnings,
    } as const
  }

  return async (question, signal) => {
    const { asOf, series, home, durationSeconds, horizonSeconds } = question
    const known = await energyOf(question, signal)
    if (known.kind !== 'known') return known
    const { energy } = known
    const lengthMs = durationSeconds * 1000
    const now = ports.now()
    const fromNow = (ms: number) => ({ from: now, to: instant(now + ms) })
    const piecesOf = (zone: string, during: Interval) =>
      ports.intensities.timeline(zone, during, asOf, series)
    const lastHour = Math.floor(now / hourMs) * hourMs
    const lastWeek = { from: instant(lastHour - profileMs), to: instant(lastHour) }

    const atHome = emissionsDuring(
      { zone: home, energy, during: fromNow(lengthMs) },
      piecesOf(home, fromNow(lengthMs)),
    )
    const isOfNow = atHome !== undefined && atHome.facts.every(tellsTimesApart)
    const gramsNow = isOfNow ? atHome.emissions.grams : undefined
    const usual = usualOf(
      { zone: home, energy },
      profileWindow(profileOf(piecesOf(home, lastWeek)), new Date(now).getUTCHours(), lengthMs),
    )

    const zones = question.zones.map((zone) => {
      const ahead = piecesOf(zone, fromNow(horizonSeconds * 1000))
      const week = piecesOf(zone, lastWeek)
      const during = bestStart(ahead.filter(isForecast), lengthMs)
      const start = during && emissionsDuring({ zone, energy, during }, ahead)?.emissions
      return {
        zone,
        start: during && start && { ...start, during, saving: savingOf(start.grams, gramsNow) },
        usual: usualOf({ zone, energy }, bestHour(profileOf(week), lengthMs)),
        isFlat: [...ahead, ...week].every((piece) => piece.kind === 'known' && !tellsTimesApart(piece.fact)),
        ahead,
      }
    })
    return {
      kind: 'shifted',
      energy,
      measuredMs: known.measuredMs,
      now: { zone: home, during: fromNow(lengthMs), emissions: atHome?.emissions },
      forecast: rankedByGrams(zones.flatMap(({ start }) => start ?? [])),
      withoutForecast: zones
        .filter(({ start, isFlat }) => start === undefined && !isFlat)
        .map(({ zone, ahead }) => ({ zone, reason: whyNoForecast(ahead, lengthMs) })),
      usual,
      profile: rankedByGrams(
        zones.flatMap((zone) =>
          zone.usual === undefined
            ? []
            : [{ ...zone.usual, saving: savingOf(zone.usual.grams, usual?.grams) }],
        ),
      ),
      flat: zones.flatMap(({ zone, isFlat }) => (isFlat ? [zone] : [])).sort(),
      warnings: [
        ...(known.warnings ?? []),
        ...(isOfNow
          ? []
          : [
              `No figure of the present time is known for ${home}, so that there is nothing that a forecast could save against.`,
            ]),
      ],
    }
  }
}

/** Figures of the user's own for a coming time count: whoever sets them knows. */
function isForecast(piece: TimelinePiece): piece is KnownPiece {
  return (
    piece.kind === 'known' &&
    tellsTimesApart(piece.fact) &&
    (piece.fact.method.kind === 'forecast' || piece.fact.method.kind === 'configured')
  )
}

function profileOf(pieces: readonly TimelinePiece[]): DailyProfile {
  return dailyProfile(
    pieces.filter((piece): piece is KnownPiece => piece.kind === 'known' && tellsTimesApart(piece.fact)),
  )
}

type Work = { readonly zone: string; readonly energy: Joules }

/** The work at constant power. Undefined where the intensity of some of the time is unknown. */
function emissionsDuring(
  { zone, energy, during }: Work & { readonly during: Interval },
  timeline: readonly TimelinePiece[],
): { readonly emissions: WorkEmissions; readonly facts: readonly IntensityFact[] } | undefined {
  const intensity = intensityOver(timeline, during)
  if (intensity.kind === 'unknown') return undefined
  const { mean, shares } = intensity
  return {
    emissions: {
      zone,
      grams: emissionsOf(energy, mean),
      mean,
      provenance: provenanceOf(shares, energy, during.to),
    },
    facts: shares.map(({ fact }) => fact),
  }
}

function usualOf({ zone, energy }: Work, window: ProfileWindow | undefined): UsualHour | undefined {
  if (window === undefined) return undefined
  const { mean, hour, days, shares } = window
  // Over a week there is no one moment at which a figure is used, and so no age of it.
  const provenance = { ...provenanceOf(shares, energy, instant(0)), worstAgeSeconds: undefined }
  return { zone, grams: emissionsOf(energy, mean), mean, hour, days, provenance }
}

function provenanceOf(shares: readonly IntensityShare[], energy: Joules, until: Instant): Provenance {
  const tally = createProvenanceTally()
  for (const { fact, share } of shares) tally.addEnergy({ energy: joules(energy * share), until, fact })
  return tally.result()
}

function whyNoForecast(ahead: readonly TimelinePiece[], lengthMs: number): string {
  const forecast = ahead.filter(isForecast)
  const last = forecast.at(-1)
  if (last === undefined) return 'no source has told a forecast of it'
  return `what is forecast, until ${isoWithMicroseconds(last.during.to)}, has no ${lengthMs / 1000} s without a hole`
}
