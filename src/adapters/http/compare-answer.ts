import type { Static } from 'typebox'
import type { ComparisonAnswer } from '../../flows/compare-zones.ts'
import { isoWithMicroseconds } from '../../units.ts'
import type { UnderstoodComparison } from './compare-query.ts'
import { savingAnswer, shareOf } from './emissions-answer.ts'
import {
  answerHead,
  answerRange,
  coverage,
  gramsRange,
  meanIntensity,
  savingFields,
} from './emissions-schema.ts'
import * as Type from './json-schema.ts'
import { provenanceAnswer, provenanceFields } from './provenance-answer.ts'

const ComparedZone = Type.Object({
  rank: Type.Integer({ description: 'From 1, where least is emitted.' }),
  zone: Type.String(),
  name: Type.String(),
  co2_g: Type.Number(),
  ...gramsRange,
  mean_intensity_g_per_kwh: meanIntensity,
  ...savingFields,
  ...provenanceFields,
})

export const ZoneComparison = Type.Object(
  {
    ...answerRange,
    ...answerHead,
    energy_j: Type.Number(),
    coverage,
    home: Type.String(),
    zones: Type.Array(ComparedZone),
    without_figures: Type.Array(Type.String(), {
      description: 'Zones without a figure for some or all of the energy, which cannot be compared.',
    }),
  },
  { $id: 'ZoneComparison', title: 'ZoneComparison' },
)
export type ZoneComparison = Static<typeof ZoneComparison>

export function comparisonAnswer(
  { question, defaults }: UnderstoodComparison,
  answer: Extract<ComparisonAnswer, { kind: 'compared' }>,
  nameOf: (zone: string) => string,
): ZoneComparison {
  const { during, asOf, series, home } = question
  return {
    from: isoWithMicroseconds(during.from),
    to: isoWithMicroseconds(during.to),
    as_of: isoWithMicroseconds(asOf),
    ...series,
    defaults: [...defaults],
    warnings: [...answer.warnings],
    energy_j: answer.energy,
    coverage: shareOf(during, answer.measuredMs),
    home,
    zones: answer.zones.map(({ zone, grams, saving, provenance }, at) => ({
      rank: at + 1,
      zone,
      name: nameOf(zone),
      co2_g: grams,
      co2_g_low: provenance.likely.low,
      co2_g_high: provenance.likely.high,
      mean_intensity_g_per_kwh: provenance.meanIntensity ?? null,
      ...savingAnswer(saving),
      ...provenanceAnswer(provenance),
    })),
    without_figures: [...answer.withoutFigures],
  }
}
