import type { Provenance } from '../../emissions/provenance.ts'
import * as Type from './json-schema.ts'

/** Whose figures an answer is made of, and how old they are. */
export const provenanceFields = {
  provenance: Type.Array(
    Type.Object({
      intensity_source: Type.String(),
      intensity_method: Type.String(),
      intensity_year: Type.Optional(Type.Integer()),
      energy_share: Type.Number({ description: 'The share of the energy that these figures cover, 0 to 1.' }),
    }),
    { description: 'Whose figures the grams are made of, largest share first.' },
  ),
  worst_age_s: Type.Union([Type.Number(), Type.Null()], {
    description:
      'The longest time in seconds from the beginning of a figure’s validity to its use; null where all hold since ever or for a year.',
  }),
}

export function provenanceAnswer({ parts, worstAgeSeconds }: Provenance) {
  return {
    provenance: parts.map(({ source, method, energyShare }) => ({
      intensity_source: source,
      intensity_method: method.kind,
      ...(method.kind === 'annual-average' ? { intensity_year: method.year } : {}),
      energy_share: energyShare,
    })),
    worst_age_s: worstAgeSeconds ?? null,
  }
}
