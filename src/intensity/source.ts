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

/** The source could not be reached, refused us, or answered in a shape we do not know. */
export class SourceError extends Error {
  override name = 'SourceError'
}
