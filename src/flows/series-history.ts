import type { Interval } from '../units.ts'

/** Which recorded series are meant: those of these names that have, of each label, one of the values. */
export type SeriesSelector = {
  readonly names: readonly string[]
  readonly labels: Readonly<Record<string, readonly string[]>>
}

/** One recorded series: what was seen of it, and when. A label without a value is left out. */
export type RecordedSeries = {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  /** Milliseconds since 1970 UTC, ascending. All series of one scrape have the same. */
  readonly times: readonly number[]
  /** As many as `times`. */
  readonly values: readonly number[]
}

/** Time series that somebody else has recorded. Every promise rejects with HistoryError, or with the signal's reason. */
export type SeriesHistory = {
  /** Its address, without any secret. */
  readonly address: string
  /** The values of a label, over the series that have samples within `during`, or about then. */
  labelValues(label: string, question: SeriesQuestion, signal: AbortSignal): Promise<readonly string[]>
  /** Every sample in `(from, to]`, as it was scraped. */
  samplesWithin(question: SeriesQuestion, signal: AbortSignal): Promise<readonly RecordedSeries[]>
}

export type SeriesQuestion = { readonly where: SeriesSelector; readonly during: Interval }

/** Why a history gave no answer. It decides what is done: try again, ask for less, or give up. */
export type HistoryFailure =
  | 'unreachable'
  | 'timed-out'
  /** It is there and failed. */
  | 'server-error'
  /** It wants another key, or none of ours. */
  | 'refused'
  /** The answer would be larger than it may give, or than we take. A shorter time may do. */
  | 'too-much'
  /** It does not understand the question; the message holds what it said. */
  | 'bad-question'
  | 'unexpected-answer'

/** The history could not be asked, or gave no answer that can be used. The message says who and what, and no secret. */
export class HistoryError extends Error {
  override name = 'HistoryError'
  readonly failure: HistoryFailure

  constructor(failure: HistoryFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.failure = failure
  }
}
