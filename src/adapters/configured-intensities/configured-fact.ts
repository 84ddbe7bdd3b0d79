import type { IntensityFact } from '../../intensity/fact.ts'
import type { AboutSource } from '../../intensity/source.ts'
import type { ZoneDirectory } from '../../intensity/zone.ts'
import type { Instant } from '../../units.ts'

/** What is needed to turn what a person configured into facts. */
export type ConfiguredContext = {
  readonly zones: ZoneDirectory
  /** From when on the configured figures count as known; -Infinity restates the past with them too. */
  readonly learnedAt: Instant
}

export type ConfiguredIntensities =
  | { readonly kind: 'ok'; readonly facts: readonly IntensityFact[] }
  /** Each problem is a sentence: where, what it held, what is accepted. */
  | { readonly kind: 'problems'; readonly problems: readonly string[] }

export const acceptedZone = 'an ISO 3166-1 alpha-2 country code such as DE'

/** Whoever runs the program vouches for these figures, so their basis is not known here. */
export function aboutConfigured(name: string): AboutSource {
  return {
    name,
    url: '',
    licence: 'unstated',
    attribution: 'Set by the operator of this service',
    signal: 'average',
    basis: 'unstated',
    everySeconds: Number.POSITIVE_INFINITY,
    secondsBetweenRequests: 0,
  }
}

export function configuredFact(
  figure: Pick<IntensityFact, 'zone' | 'valid' | 'intensity' | 'source' | 'rank' | 'learnedAt'>,
): IntensityFact {
  return { ...figure, method: { kind: 'configured' }, signal: 'average', basis: 'unstated' }
}
