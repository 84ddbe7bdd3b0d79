import type { Interval } from '../units.ts'
import type { IntensityBasis, IntensityFact, IntensitySignal } from './fact.ts'

/** Who a source is, and what its figures are: shown wherever they are. */
export type AboutSource = {
  readonly name: string
  /** Where to read about it; empty where there is no such place. */
  readonly url: string
  /** SPDX identifier where there is one. */
  readonly licence: string
  /** The credit that the licence asks for. */
  readonly attribution: string
  readonly signal: IntensitySignal
  readonly basis: IntensityBasis
  /** How often it has something new, roughly. */
  readonly everySeconds: number
  /** The pace that it asks for, or that is polite: no two requests closer than this. */
  readonly secondsBetweenRequests: number
}

/**
 * Where intensity facts come from. Every promise rejects with SourceError when the source could not be asked, and
 * with the signal's reason when it is aborted. No facts is an answer, not an error.
 */
export type IntensitySource = {
  /** The same as the `source` of its facts. */
  readonly id: string
  readonly about: AboutSource
  /** The zones it can tell about. */
  zones(): readonly string[]
  /** The newest it has about one of its zones. */
  latest(zone: string, signal: AbortSignal): Promise<readonly IntensityFact[]>
  /** Every fact that holds at some time within `during`. */
  history(zone: string, during: Interval, signal: AbortSignal): Promise<readonly IntensityFact[]>
  /** What it expects, as far ahead as it looks. */
  forecast?(zone: string, signal: AbortSignal): Promise<readonly IntensityFact[]>
}

/** Why a source gave no figure. It decides what is done: wait, try again, or not ask again. */
export type SourceFailure =
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'timed-out' }
  /** The key is missing, wrong, or not good for this zone. Asking again is no help until it is mended. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'rate-limited'; readonly retryAfterSeconds: number | undefined }
  /** The source is there and failed. */
  | { readonly kind: 'server-error' }
  /** It does not know this zone. */
  | { readonly kind: 'unknown-zone' }
  /** It answered in a shape that we do not know, for another zone, in another unit, or with sandbox figures. */
  | { readonly kind: 'unexpected-answer' }

/** The source could not be asked, or gave no answer that can be used. The message says who and what, and no secret. */
export class SourceError extends Error {
  override name = 'SourceError'
  readonly failure: SourceFailure

  constructor(failure: SourceFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.failure = failure
  }
}
