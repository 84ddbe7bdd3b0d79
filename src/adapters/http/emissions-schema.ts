import type { Static } from 'typebox'
import { groupDimensions } from '../../emissions/grouping.ts'
import { sampleFlags } from '../../energy/energy-sample.ts'
import * as Type from './json-schema.ts'
import { provenanceFields } from './provenance-answer.ts'

const time = (description: string) => Type.String({ format: 'date-time', description })
const numberOrNull = Type.Union([Type.Number(), Type.Null()])
const byZone = (description: string) => Type.Record(Type.String(), Type.Number(), { description })
const byZoneOrNull = (description: string) => Type.Record(Type.String(), numberOrNull, { description })
const perStep = (description: string) => Type.Array(Type.Number(), { description })
const perStepOrNull = (description: string) => Type.Array(numberOrNull, { description })

/** The time that an answer is about. */
export const answerRange = {
  from: time('The beginning of the range.'),
  to: time('Its end, which does not belong to it.'),
}

/** What every answer about energy and emissions says of itself. */
export const answerHead = {
  as_of: time('The moment whose knowledge of carbon intensities counts.'),
  basis: Type.Enum(['lifecycle', 'direct']),
  signal: Type.Enum(['average', 'marginal']),
  defaults: Type.Array(Type.String(), {
    description: 'The parameters that were left out and took their default.',
  }),
  warnings: Type.Array(Type.String(), {
    description: 'What could not be looked up, or should be known, each as a sentence.',
  }),
}

export const coverage = Type.Number({
  description:
    'The share of the range in which at least one of the containers was measured, 0 to 1: exact for a container; of several, an upper estimate.',
})

export const gramsRange = {
  co2_g_low: Type.Union([Type.Number(), Type.Null()], {
    description:
      'Nine of ten true values lie above this, where annual averages, estimates or forecasts stand in.',
  }),
  co2_g_high: Type.Union([Type.Number(), Type.Null()], {
    description: 'Nine of ten true values lie below this.',
  }),
}

export const savingFields = {
  saving_g: Type.Union([Type.Number(), Type.Null()], {
    description: 'Grams less than that; negative for more; null where no figure of that is known.',
  }),
  saving_share: Type.Union([Type.Number(), Type.Null()]),
}

export const meanIntensity = Type.Union([Type.Number(), Type.Null()], {
  description: 'Grams per kilowatt hour of the energy whose intensity is known; null where there is none.',
})

const Series = Type.Object(
  {
    energy_j: perStep('Joules.'),
    mean_power_w: perStep('Watts: the energy over the length of the step.'),
    co2_g: Type.Record(
      Type.String(),
      perStepOrNull('Grams, null where no intensity is known for any of the energy.'),
    ),
  },
  { description: 'A number for each of `times`.' },
)

const Owner = Type.Object(
  {
    kind: Type.String(),
    name: Type.String(),
    derived_from: Type.Enum(['kubernetes', 'pod-name'], {
      description: 'Whether the cluster said so, or the name of the pod.',
    }),
    labels: Type.Record(Type.String(), Type.String(), {
      description: 'Of the pod; of several, those they share.',
    }),
  },
  { description: 'Whose the containers are, where the grouping tells.' },
)

const Group = Type.Object({
  key: Type.Partial(
    Type.Object(
      Object.fromEntries(
        groupDimensions.map((dimension) => [dimension, Type.Union([Type.String(), Type.Null()])]),
      ),
    ),
    { description: 'The names of the group, by group_by; null where the container has no names yet.' },
  ),
  energy_j: Type.Number(),
  mean_power_w: Type.Number({ description: 'The energy over the length of the range.' }),
  coverage,
  flags: Type.Array(Type.Enum([...sampleFlags])),
  co2_g: byZoneOrNull('Grams; null where no intensity is known for any of the energy.'),
  co2_g_low: byZoneOrNull('Nine of ten true values lie above this.'),
  co2_g_high: byZoneOrNull('Nine of ten true values lie below this.'),
  energy_without_intensity_j: byZone('Energy for whose time no intensity is known: absent from the grams.'),
  owner: Type.Optional(Owner),
  series: Type.Optional(Series),
})

const ZoneTotal = Type.Object({
  zone: Type.String(),
  name: Type.String(),
  co2_g: numberOrNull,
  ...gramsRange,
  mean_intensity_g_per_kwh: meanIntensity,
  energy_without_intensity_j: Type.Number(),
  ...provenanceFields,
  intensity_g_per_kwh: Type.Optional(
    perStepOrNull('For each of `times`, time-weighted; null where it is not known throughout.'),
  ),
})

export const EmissionsReport = Type.Object(
  {
    ...answerRange,
    ...answerHead,
    step_s: Type.Union([Type.Integer(), Type.Null()]),
    group_by: Type.Array(Type.Enum([...groupDimensions])),
    filters: Type.Record(Type.String(), Type.Array(Type.String())),
    coverage,
    samples: Type.Integer({ description: 'Samples that end within the range, or reach over its end.' }),
    resolution_s: Type.Union([Type.Integer(), Type.Null()], {
      description: 'The coarsest sums that were read, in seconds; null where each sample was.',
    }),
    zones: Type.Array(ZoneTotal),
    total: Type.Object({
      energy_j: Type.Number(),
      mean_power_w: Type.Number(),
      co2_g: byZoneOrNull('By zone.'),
      series: Type.Optional(Series),
    }),
    times: Type.Optional(Type.Array(time('The beginning of a step.'))),
    groups: Type.Array(Group),
    group_count: Type.Integer({ description: 'On all pages together.' }),
    next: Type.Union([Type.String(), Type.Null()], { description: 'The cursor of the next page.' }),
  },
  { $id: 'EmissionsReport', title: 'EmissionsReport' },
)

export type EmissionsReport = Static<typeof EmissionsReport>
