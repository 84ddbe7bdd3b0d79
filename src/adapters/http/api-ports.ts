import type { NodeBooks } from '../../energy/node-ledger.ts'
import type { Workload } from '../../energy/workload.ts'
import type { ExpositionFormat } from '../../exposition/format.ts'
import type { EnergyAuditor } from '../../flows/audit-energy.ts'
import type { ZoneComparer } from '../../flows/compare-zones.ts'
import type { SourceState } from '../../flows/refresh-intensities.ts'
import type { EmissionsReporter } from '../../flows/report-emissions.ts'
import type { GroupEmissionsReporter } from '../../flows/report-group-emissions.ts'
import type { ScrapeBroadcast } from '../../flows/scrape-broadcast.ts'
import type { TargetStatus } from '../../flows/scrape-health.ts'
import type { WorkShifter } from '../../flows/shift-work.ts'
import type { IntensityFact } from '../../intensity/fact.ts'
import type { FactBook } from '../../intensity/fact-book.ts'
import type { Instant } from '../../units.ts'
import type { ZonesWithFigures } from './container-emissions-query.ts'

/** Whether the service can be relied on now. */
export type Readiness = {
  readonly isReady: boolean
  /** Why not, each as a sentence. */
  readonly reasons: readonly string[]
  /** What is wrong although it can be relied on. */
  readonly warnings: readonly string[]
  readonly lastScrapeSuccessAt: Instant | undefined
  readonly lastScrapeFailureAt: Instant | undefined
}

/** What the process itself has counted since its start. */
export type CountedSinceStart = {
  readonly startedAt: Instant
  readonly books: readonly NodeBooks[]
  /** Lines of expositions that were left out. */
  readonly unreadLines: number
  /** Measurements that no store can hold, that had to make room in the queue, and that wait in it now. */
  readonly setAside: number
  readonly dropped: number
  readonly waiting: number
}

/** What the HTTP API needs of the service. */
export type ApiPorts = {
  readonly startedAt: Instant
  readonly version: string
  readonly reportEmissions: EmissionsReporter
  readonly reportGroupEmissions: GroupEmissionsReporter
  readonly compareZones: ZoneComparer
  readonly shiftWork: WorkShifter
  readonly zones: ZonesWithFigures
  /** What is meant where no zone is named: the first of COUNTRIES, else DE. */
  readonly homeZone: string
  /** How long a question to a store may take. */
  readonly queryTimeoutSeconds: number
  /** Workloads that are shown now or were measured since; a default applies when `since` is undefined. */
  workloads(since: Instant | undefined, signal: AbortSignal): Promise<readonly Workload[]>
  readonly intensities: Pick<FactBook, 'timeline' | 'zones' | 'factsWithin'>
  /** How the live sources do, best first. */
  sources(): readonly SourceState[]
  readonly scrapeIntervalSeconds: number
  targets(): readonly TargetStatus[]
  readonly scrapes: Pick<ScrapeBroadcast, 'listen'>
  readonly auditEnergy: EnergyAuditor
  countedSinceStart(): CountedSinceStart
  now(): Instant
  /** The fact in force now for each zone that has one, ascending by zone. */
  latestIntensities(): readonly IntensityFact[]
  readiness(): Readiness
  /** All metrics, piece by piece, each printed when it is asked for. */
  metrics(format: ExpositionFormat): Iterable<string>
}
