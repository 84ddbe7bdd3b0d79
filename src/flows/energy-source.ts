import type { NodeScrape } from '../energy/reading.ts'

/** A line of an exposition that was left out. */
export type UnreadLine = {
  readonly reason: string
  readonly excerpt: string
  /** How many bytes of the body stand before it, where that is known. */
  readonly at?: number
}

/** What one successful scrape of one target said. */
export type TargetScrape = {
  readonly dialect: string
  readonly nodes: readonly NodeScrape[]
  readonly unreadLines: { readonly count: number; readonly first: readonly UnreadLine[] }
  /** What a person should know about this target, each as a sentence. */
  readonly notes: readonly string[]
  readonly bytes: number
}

/** An exporter of energy counters that can be read now. */
export type EnergySource = {
  /** Its address, without any secret. */
  readonly target: string
  /** Throws ScrapeError when nothing can be taken from the answer. */
  read(signal: AbortSignal): Promise<TargetScrape>
}

export const scrapeFailures = [
  'unreachable',
  'timed-out',
  'bad-status',
  'cut-off',
  'too-large',
  'empty',
  'not-an-exposition',
  'no-power-families',
  'credentials-unreadable',
] as const

export type ScrapeFailure = (typeof scrapeFailures)[number]

/** A scrape from which nothing was taken. The message says who failed and how; the next scrape covers the time. */
export class ScrapeError extends Error {
  override name = 'ScrapeError'
  readonly failure: ScrapeFailure

  constructor(failure: ScrapeFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.failure = failure
  }
}
