import { type GramsCO2e, gramsCO2e } from '../units.ts'

/** What one zone would save against another: negative where it would emit more. */
export type Saving = {
  readonly grams: GramsCO2e
  /** Of what the other emits; undefined where that is nothing. */
  readonly share: number | undefined
}

/** What `there` saves against `here`; undefined where either is not known. */
export function savingOf(there: GramsCO2e | undefined, here: GramsCO2e | undefined): Saving | undefined {
  if (there === undefined || here === undefined) return undefined
  const grams = gramsCO2e(here - there)
  return { grams, share: here === 0 ? undefined : grams / here }
}

/** In the order of what they emit, least first; of those that emit the same, by name. Those that are unknown are left out. */
export function rankedByGrams<
  Ranked extends { readonly zone: string; readonly grams: GramsCO2e | undefined },
>(zones: readonly Ranked[]): readonly (Ranked & { readonly grams: GramsCO2e })[] {
  return zones
    .flatMap((zone) => (zone.grams === undefined ? [] : [{ ...zone, grams: zone.grams }]))
    .sort((a, b) => a.grams - b.grams || (a.zone < b.zone ? -1 : 1))
}
