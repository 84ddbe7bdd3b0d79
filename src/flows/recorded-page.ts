import type { LedgerPage } from '../energy/ledger-page.ts'
import type { FactBook } from '../intensity/fact-book.ts'
import { intensityOver, type MeanIntensity, type TimelinePiece } from '../intensity/timeline.ts'
import { type Instant, type Interval, instant } from '../units.ts'

/** A page, and the intensities of its time as they were known when it was recorded. */
export type RecordedPage = {
  readonly page: LedgerPage
  /**
   * The mean intensity of a zone over an interval of one of the page's measurements. A zone is looked up when it is
   * first asked for, and each interval once: nearly all measurements of a page share theirs.
   */
  readonly intensity: (zone: string, during: Interval) => MeanIntensity
}

export function createRecordedPage(
  page: LedgerPage,
  { intensities, knownAt }: { readonly intensities: Pick<FactBook, 'timeline'>; readonly knownAt: Instant },
): RecordedPage {
  const zones = new Map<string, ZoneIntensities>()
  const span = spanOf(page)

  function zoneIntensities(zone: string): ZoneIntensities {
    const known = zones.get(zone)
    if (known !== undefined) return known
    const created = { timeline: intensities.timeline(zone, span, knownAt), means: new Map() }
    zones.set(zone, created)
    return created
  }

  return {
    page,
    intensity(zone, during) {
      const { timeline, means } = zoneIntensities(zone)
      const known = means.get(during.from)
      if (known?.to === during.to) return known.mean
      const mean = intensityOver(timeline, during)
      means.set(during.from, { to: during.to, mean })
      return mean
    },
  }
}

type ZoneIntensities = {
  readonly timeline: readonly TimelinePiece[]
  /** By the beginning of the interval; of two that begin together, the one that was asked for last. */
  readonly means: Map<Instant, { readonly to: Instant; readonly mean: MeanIntensity }>
}

function spanOf({ at, measurements }: LedgerPage): Interval {
  let from: number = at
  let to: number = at
  for (const { during } of measurements) {
    from = Math.min(from, during.from)
    to = Math.max(to, during.to)
  }
  return { from: instant(from), to: instant(to) }
}
