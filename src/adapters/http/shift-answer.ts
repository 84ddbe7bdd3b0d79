import type { Static } from 'typebox'
import type { ShiftAnswer, UsualHour, WorkEmissions } from '../../flows/shift-work.ts'
import { isoWithMicroseconds, meanPower } from '../../units.ts'
import { savingAnswer, shareOf } from './emissions-answer.ts'
import { answerHead, coverage, gramsRange, meanIntensity, savingFields } from './emissions-schema.ts'
import * as Type from './json-schema.ts'
import { provenanceAnswer, provenanceFields } from './provenance-answer.ts'
import type { UnderstoodShift } from './shift-query.ts'
import { Time } from './time-in-answers.ts'

const figures = {
  zone: Type.String(),
  name: Type.String(),
  co2_g: Type.Union([Type.Number(), Type.Null()]),
  ...gramsRange,
  mean_intensity_g_per_kwh: meanIntensity,
  ...provenanceFields,
}
const hourOfDay = Type.Integer({
  description: 'The hour of the day in UTC with which the work begins, 0 to 23.',
})
const days = Type.Integer({
  description: 'On how many of the last seven days each of its hours is known, at least.',
})

const Now = Type.Object({ ...figures, begins_at: Time, ends_at: Time })
const Start = Type.Object({
  ...figures,
  begins_at: Time,
  ends_at: Time,
  ...savingFields,
  kind: Type.Literal('forecast'),
})
const Usual = Type.Object({ ...figures, hour_of_day_utc: hourOfDay, days, kind: Type.Literal('last-7-days') })
const ProfileStart = Type.Object({ ...Usual.properties, ...savingFields })

export const WorkShift = Type.Object(
  {
    ...answerHead,
    work: Type.Object({
      energy_j: Type.Number(),
      duration_s: Type.Integer(),
      mean_power_w: Type.Number(),
      from: Type.Optional(
        Type.String({ format: 'date-time', description: 'Since when its power was measured.' }),
      ),
      to: Type.Optional(Time),
      coverage: Type.Optional(coverage),
    }),
    home: Type.String(),
    horizon_s: Type.Integer(),
    now: Type.Object(Now.properties, { description: 'The work begun now at home.' }),
    forecast: Type.Array(Start, {
      description: 'The best start in each zone, least grams first; savings are against now.',
    }),
    without_forecast: Type.Array(Type.Object({ zone: Type.String(), reason: Type.String() })),
    usual: Type.Union([Usual, Type.Null()], {
      description: 'The work begun in the present hour of the day at home, over the last seven days.',
    }),
    profile: Type.Array(ProfileStart, {
      description:
        'The best hour of the day in each zone over the last seven days, least grams first; savings are against usual.',
    }),
    flat: Type.Array(Type.String(), {
      description:
        'Zones whose figures are the same at all times, such as annual averages: it makes no difference when.',
    }),
  },
  { $id: 'WorkShift', title: 'WorkShift' },
)
export type WorkShift = Static<typeof WorkShift>

type Shifted = Extract<ShiftAnswer, { kind: 'shifted' }>

export function shiftAnswer(
  { question, defaults }: UnderstoodShift,
  answer: Shifted,
  nameOf: (zone: string) => string,
): WorkShift {
  const { work, durationSeconds, horizonSeconds, asOf, series } = question
  const { now } = answer
  const named = (zone: string) => ({ zone, name: nameOf(zone) })
  return {
    as_of: isoWithMicroseconds(asOf),
    ...series,
    defaults: [...defaults],
    warnings: [...answer.warnings],
    work: {
      energy_j: answer.energy,
      duration_s: durationSeconds,
      mean_power_w: meanPower(answer.energy, now.during),
      ...(work.kind === 'measured'
        ? {
            from: isoWithMicroseconds(work.scope.during.from),
            to: isoWithMicroseconds(work.scope.during.to),
            coverage: shareOf(work.scope.during, answer.measuredMs ?? 0),
          }
        : {}),
    },
    home: now.zone,
    horizon_s: horizonSeconds,
    now: { ...named(now.zone), ...figuresOf(now.emissions), ...intervalOf(now) },
    forecast: answer.forecast.map((start) => ({
      ...named(start.zone),
      ...figuresOf(start),
      ...intervalOf(start),
      ...savingAnswer(start.saving),
      kind: 'forecast' as const,
    })),
    without_forecast: answer.withoutForecast.map((zone) => ({ ...zone })),
    usual: answer.usual === undefined ? null : { ...named(answer.usual.zone), ...usualOf(answer.usual) },
    profile: answer.profile.map((start) => ({
      ...named(start.zone),
      ...usualOf(start),
      ...savingAnswer(start.saving),
    })),
    flat: [...answer.flat],
  }
}

function figuresOf(emissions: WorkEmissions | undefined) {
  if (emissions === undefined) {
    return {
      co2_g: null,
      co2_g_low: null,
      co2_g_high: null,
      mean_intensity_g_per_kwh: null,
      provenance: [],
      worst_age_s: null,
    }
  }
  const { grams, mean, provenance } = emissions
  return {
    co2_g: grams,
    co2_g_low: provenance.likely.low,
    co2_g_high: provenance.likely.high,
    mean_intensity_g_per_kwh: mean,
    ...provenanceAnswer(provenance),
  }
}

function usualOf(usual: UsualHour) {
  return {
    ...figuresOf(usual),
    hour_of_day_utc: usual.hour,
    days: usual.days,
    kind: 'last-7-days' as const,
  }
}

function intervalOf({ during }: Pick<Shifted['now'], 'during'>) {
  return { begins_at: isoWithMicroseconds(during.from), ends_at: isoWithMicroseconds(during.to) }
}
