import type { Values } from './stack.ts'

/** The middles of the whole steps of an answer, and how to cut its series to them. Times are milliseconds since 1970. */
export type Steps = {
  readonly middles: readonly number[]
  readonly seconds: number
  /** The values of the whole steps, not known where nothing was measured. */
  readonly cut: (values: Values) => Values
  /** Joules or grams per step as watts or grams per hour. */
  readonly rate: (perStep: Values, perSeconds: number) => Values
}

/** When the first steps that have something began, where those before have nothing; undefined where they have. */
export function beganWithin(answer: {
  readonly total: { readonly series?: { readonly energy_j: Values } | undefined }
  readonly times?: readonly string[] | undefined
  readonly to: string
  readonly step_s?: number | null | undefined
}): { readonly secondsAgo: number; readonly stepSeconds: number } | undefined {
  const first = answer.total.series?.energy_j.findIndex((joules) => (joules ?? 0) > 0) ?? -1
  const begin = answer.times?.[first]
  if (first <= 1 || begin === undefined) return undefined
  return { secondsAgo: (Date.parse(answer.to) - Date.parse(begin)) / 1000, stepSeconds: answer.step_s ?? 0 }
}

/** `measuredUntil` is up to when samples can be there: a step beyond it would look like a drop. */
export function stepsOf(
  answer: {
    readonly total?: { readonly series?: { readonly energy_j: Values } | undefined }
    readonly times?: readonly string[] | undefined
    readonly step_s?: number | null | undefined
  },
  measuredUntil: number,
): Steps {
  const times = (answer.times ?? []).map((time) => Date.parse(time))
  const seconds = answer.step_s ?? 0
  const stepMs = seconds * 1000
  let first = 0
  let end = times.length
  // The first one, when it is cut, begins where the range does instead of at a multiple of the step.
  while (first < end && (times[first] ?? 0) % stepMs !== 0) first += 1
  while (end > first && (times[end - 1] ?? 0) + stepMs > measuredUntil) end -= 1
  // Work that is measured always uses some energy: a step without any is one without a sample.
  const whole = answer.total?.series?.energy_j
  const hasSample = (at: number) => (whole?.[at] ?? 1) > 0
  // And beside such a one, a step was measured in part only.
  const isMeasured = (at: number) => hasSample(at) && hasSample(at - 1) && hasSample(at + 1)
  const cut = (values: Values) =>
    values.slice(first, end).map((value, at) => (isMeasured(first + at) ? value : null))
  return {
    seconds,
    middles: times.slice(first, end).map((time) => time + stepMs / 2),
    cut,
    rate: (perStep, perSeconds) =>
      cut(perStep).map((value) => (value === null ? null : (value * perSeconds) / seconds)),
  }
}
