import type { NodeScrape } from '../energy/reading.ts'
import type { Interval } from '../units.ts'

/** A scrape that somebody else has made and recorded. */
export type RecordedScrape = {
  /** Who was scraped, under the name that its node bears unless it tells another. */
  readonly exporter: string
  readonly scrape: NodeScrape
}

export type HistoryReading = {
  /** Oldest first. */
  readonly scrapes: readonly RecordedScrape[]
  /** How many values it was made of: what it cost. */
  readonly values: number
  /** What a person should know about these exporters, each as a sentence. */
  readonly notes: readonly string[]
}

/** Exporters that tell of the same nodes, one after the other or side by side: their scrapes are put in one order. */
export type HistorySource = {
  readonly exporters: readonly string[]
  /** Every scrape in `(from, to]`. To be asked in order of time: how a node is counted holds from then on. */
  read(during: Interval, signal: AbortSignal): Promise<HistoryReading>
}

/** Scrapes of the past. Every promise rejects with HistoryError, or with the signal's reason. */
export type EnergyHistory = {
  /** Its address, without any secret. */
  readonly address: string
  sourcesWithin(during: Interval, signal: AbortSignal): Promise<readonly HistorySource[]>
}
