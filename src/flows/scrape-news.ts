import { emissionAt } from '../emissions/emission.ts'
import type { EnergySample } from '../energy/energy-sample.ts'
import type { LedgerPage } from '../energy/ledger-page.ts'
import {
  emissionRateOf,
  type GramsCO2e,
  gramsCO2e,
  type Instant,
  type Interval,
  type Joules,
  joules,
  meanPower,
  type Watts,
  watts,
} from '../units.ts'
import type { RecordedPage } from './recorded-page.ts'
import type { ScrapeEvent } from './scrape-energy.ts'

/** What a page's energy emitted in one zone, as it was known when the page was recorded. */
export type PageEmissions = {
  /** Of the energy whose intensity is known; undefined where there is energy and none is known for any of it. */
  readonly emitted: GramsCO2e | undefined
  /** Of the same energy: each container's mean power, at the mean intensity of its interval. */
  readonly gramsPerHour: number | undefined
  /** How the figures came about, each word once. */
  readonly methods: readonly string[]
}

/** What came of a scrape, for whoever listens. */
export type ScrapeNews =
  | {
      readonly kind: 'scrape'
      readonly target: string
      readonly node: string
      readonly during: Interval
      readonly containers: number
      readonly energy: Joules
      /** The sum of the containers' mean powers, each over its own interval: a container that was missed makes no peak. */
      readonly meanPower: Watts
      readonly emissionsIn: (zone: string) => PageEmissions
    }
  | {
      readonly kind: 'failure'
      readonly at: Instant
      readonly target: string
      readonly failure: string
      readonly message: string
    }

/**
 * What an event of a scrape is to whoever listens; undefined for what is no news. `recorded` is the page of an event that
 * recorded one. News do not hold on to the page: its emissions are worked out for the zones that somebody asks for.
 */
export function newsOf(
  event: ScrapeEvent,
  { recorded, now }: { readonly recorded: RecordedPage | undefined; readonly now: Instant },
): ScrapeNews | undefined {
  switch (event.kind) {
    case 'recorded':
      if (event.entry.kind === 'stale' || recorded === undefined) return undefined
      return newsOfPage(event.target, recorded, event.entry.during)
    case 'failed': {
      const { target, failure, message } = event
      return { kind: 'failure', at: now, target, failure, message }
    }
    case 'node-claimed-twice': {
      const { target, kind: failure, node, by } = event
      const message = `it answers for node ${JSON.stringify(node)}, which ${by} already counts in another way`
      return { kind: 'failure', at: now, target, failure, message }
    }
    case 'scraped':
    case 'gap':
      return undefined
  }
}

function newsOfPage(target: string, { page, intensity }: RecordedPage, during: Interval): ScrapeNews {
  const samples = samplesByInterval(page)
  const perZone = new Map<string, PageEmissions>()
  return {
    kind: 'scrape',
    target,
    node: page.node,
    during,
    containers: page.measurements.length,
    energy: joules(samples.reduce((sum, { energy }) => sum + energy, 0)),
    meanPower: watts(samples.reduce((sum, { energy, during }) => sum + meanPower(energy, during), 0)),
    emissionsIn(zone) {
      const known = perZone.get(zone) ?? emissionsOfAll(samples, intensity, zone)
      perZone.set(zone, known)
      return known
    },
  }
}

function emissionsOfAll(
  samples: readonly EnergySample[],
  intensity: RecordedPage['intensity'],
  zone: string,
): PageEmissions {
  const methods = new Set<string>()
  let emitted = 0
  let gramsPerSecond = 0
  let isKnown = samples.length === 0
  for (const sample of samples) {
    const emission = emissionAt(sample, intensity(zone, sample.during))
    if (emission.kind === 'unknown') continue
    isKnown = true
    emitted += emission.emitted
    gramsPerSecond += emissionRateOf(meanPower(sample.energy, sample.during), emission.meanIntensity)
    for (const { fact } of emission.shares) methods.add(fact.method.kind)
  }
  return isKnown
    ? { emitted: gramsCO2e(emitted), gramsPerHour: gramsPerSecond * 3600, methods: [...methods] }
    : { emitted: undefined, gramsPerHour: undefined, methods: [] }
}

/** The energy of all containers that share an interval, as one sample. */
function samplesByInterval({ node, measurements }: LedgerPage): readonly EnergySample[] {
  const sums = new Map<string, EnergySample>()
  for (const { during, energy } of measurements) {
    const key = `${during.from} ${during.to}`
    const before = sums.get(key)?.energy ?? 0
    sums.set(key, { node, during, energy: joules(before + energy), counter: joules(0), flags: [] })
  }
  return [...sums.values()]
}
