import type { Static } from 'typebox'
import { sampleFlags } from '../../energy/energy-sample.ts'
import * as Type from './json-schema.ts'
import { provenanceFields } from './provenance-answer.ts'

const defaultCountries = ['DE']
const defaultCount = 5

export { defaultCount, defaultCountries }

function nameOf(what: string, example: string) {
  return Type.String({ minLength: 1, description: `The ${what}.`, examples: [example] })
}

function optionalOrNull<T extends Parameters<typeof Type.Union>[0][number]>(type: T, description: string) {
  return Type.Optional(Type.Union([type, Type.Null()], { description }))
}

export const ContainerEmissionsQuery = Type.Object(
  {
    pod: nameOf('pod’s name', 'busybox-worker'),
    container: nameOf('container’s name; `*` for a pod whose exporter counts energy per pod only', 'busybox'),
    namespace: nameOf('pod’s namespace', 'default'),
    countries: optionalOrNull(
      Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }),
      'ISO 3166-1 alpha-2 codes in any case; UK and EL are understood. Default: ["DE"]. The answer has a result under each code as it was written here.',
    ),
    start_time: optionalOrNull(
      Type.String(),
      'ISO 8601; UTC without an offset. Needs end_time. Measurements that end at this time or later are selected.',
    ),
    end_time: optionalOrNull(
      Type.String(),
      'ISO 8601; UTC without an offset. Needs start_time. Measurements that end at this time or earlier are selected.',
    ),
    n: optionalOrNull(
      Type.Union([Type.Integer({ minimum: 1 }), Type.String({ pattern: '^\\s*0*[1-9][0-9]*\\s*$' })]),
      'How many of the last measurements are selected when no times are given; a numeric string is accepted. Default: 5.',
    ),
    basis: optionalOrNull(
      Type.Enum(['lifecycle', 'direct']),
      'Whether emissions of the whole life cycle of the power plants count, or those of the chimney alone. The two are never mixed. Default: lifecycle.',
    ),
    signal: optionalOrNull(
      Type.Enum(['average', 'marginal']),
      'Emissions per mean kilowatt hour, or per the next one that is asked for. The two are never mixed. Default: average.',
    ),
    as_of: optionalOrNull(
      Type.String(),
      'ISO 8601; UTC without an offset. The answer is worked out with the carbon intensities that were known then. Default: those known now.',
    ),
  },
  { $id: 'ContainerEmissionsQuery', title: 'ContainerEmissionsQuery', additionalProperties: true },
)

export type ContainerEmissionsQuery = Static<typeof ContainerEmissionsQuery>

const time = (description: string) => Type.String({ format: 'date-time', description })
const orNull = (description: string) => Type.Union([Type.Number(), Type.Null()], { description })

const Measurement = Type.Object({
  timestamp: time('The end of the interval that was measured.'),
  from: time('The beginning of that interval.'),
  interval_s: Type.Number({
    description: 'Its length in seconds: the time that really passed between two scrapes.',
  }),
  joules_per_second: Type.Number({ description: 'Mean power over the interval, in watts.' }),
  energy_j: Type.Number({ description: 'Energy used in the interval, in joules; dynamic energy only.' }),
  co2_gps: orNull('Grams of CO2e per second; null when no intensity is known for the whole interval.'),
  co2_g: orNull('Grams of CO2e; null when no intensity is known for the whole interval.'),
  intensity_g_per_kwh: orNull('Carbon intensity, time-weighted over the interval.'),
  intensity_source: Type.Union([Type.String(), Type.Null()], {
    description:
      'Where the intensity comes from; several with commas when it changed source within the interval.',
  }),
  intensity_method: Type.Union([Type.String(), Type.Null()], {
    description:
      'measured, estimated, forecast, annual-average or configured; several with commas, in the order of use.',
  }),
  intensity_year: Type.Optional(
    Type.Integer({ description: 'The year of the annual average, where one stands in.' }),
  ),
  flags: Type.Array(Type.Enum([...sampleFlags]), {
    description: 'What is particular about the sample: see the methodology.',
  }),
})

const CountryResult = Type.Object({
  zone: Type.String({ description: 'The zone that the code names, in its canonical form.' }),
  co2_g: Type.Number({ description: 'The sum of the measurements’ grams.' }),
  energy_j: Type.Number({ description: 'The sum of the measurements’ energy.' }),
  energy_without_intensity_j: Type.Number({
    description: 'Energy for whose time no intensity is known: part of energy_j, absent from co2_g.',
  }),
  coverage: Type.Number({ description: 'The share of the selected time that measurements cover, 0 to 1.' }),
  co2_g_low: Type.Number({
    description:
      'Nine of ten true values lie above this, where annual averages, estimates or forecasts stand in.',
  }),
  co2_g_high: Type.Number({ description: 'Nine of ten true values lie below this.' }),
  ...provenanceFields,
  measurements: Type.Array(Measurement),
})

export const ContainerEmissions = Type.Object(
  {
    pod: Type.String(),
    container: Type.String(),
    namespace: Type.String(),
    selection_mode: Type.Enum(['range', 'last_n']),
    measurement_count: Type.Integer(),
    start_time: time('The first selected measurement’s timestamp.'),
    end_time: time('The last selected measurement’s timestamp.'),
    defaults: Type.Array(Type.String(), {
      description: 'The fields of the query that were left out and took their default.',
    }),
    basis: Type.Enum(['lifecycle', 'direct']),
    signal: Type.Enum(['average', 'marginal']),
    as_of: Type.Optional(time('The moment whose knowledge of carbon intensities was asked for.')),
    warnings: Type.Optional(
      Type.Array(Type.String(), { description: 'What could not be looked up, each as a sentence.' }),
    ),
    results: Type.Record(Type.String(), CountryResult),
  },
  { $id: 'ContainerEmissions', title: 'ContainerEmissions' },
)

export type ContainerEmissions = Static<typeof ContainerEmissions>
