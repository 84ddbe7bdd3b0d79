import { type Guarded, listOf, mapOf, number, optional, orNull, record, text, truth } from './guard.ts'

/** The answers of the API, as far as the page reads them. */

const perZone = mapOf(orNull(number))
const values = listOf(orNull(number))
const series = record({
  energy_j: values,
  mean_power_w: values,
  co2_g: mapOf(values),
})

const provenance = listOf(
  record({
    intensity_source: text,
    intensity_method: text,
    intensity_year: optional(number),
    energy_share: number,
  }),
)

const zoneFigures = record({
  zone: text,
  name: text,
  co2_g: orNull(number),
  co2_g_low: orNull(number),
  co2_g_high: orNull(number),
  mean_intensity_g_per_kwh: orNull(number),
  energy_without_intensity_j: number,
  provenance,
  worst_age_s: orNull(number),
  intensity_g_per_kwh: optional(values),
})
export type ZoneFigures = Guarded<typeof zoneFigures>

const group = record({
  key: mapOf(orNull(text)),
  energy_j: number,
  mean_power_w: number,
  coverage: number,
  flags: listOf(text),
  co2_g: perZone,
  co2_g_low: perZone,
  co2_g_high: perZone,
  energy_without_intensity_j: perZone,
  owner: optional(orNull(record({ kind: text, name: text, derived_from: text }))),
  series: optional(series),
})

export const emissions = record({
  from: text,
  to: text,
  step_s: optional(orNull(number)),
  as_of: text,
  basis: text,
  signal: text,
  defaults: listOf(text),
  coverage: number,
  samples: number,
  warnings: listOf(text),
  zones: listOf(zoneFigures),
  total: record({ energy_j: number, mean_power_w: number, co2_g: perZone, series: optional(series) }),
  times: optional(listOf(text)),
  groups: listOf(group),
  group_count: number,
  next: orNull(text),
})
export type Emissions = Guarded<typeof emissions>

const rankedZone = record({
  rank: number,
  zone: text,
  name: text,
  co2_g: number,
  co2_g_low: orNull(number),
  co2_g_high: orNull(number),
  mean_intensity_g_per_kwh: orNull(number),
  provenance,
  worst_age_s: orNull(number),
})
export type RankedZone = Guarded<typeof rankedZone>

export const comparison = record({
  from: text,
  to: text,
  as_of: text,
  basis: text,
  signal: text,
  defaults: listOf(text),
  energy_j: number,
  coverage: number,
  warnings: listOf(text),
  home: text,
  zones: listOf(rankedZone),
  without_figures: listOf(text),
})
export type Comparison = Guarded<typeof comparison>

const shifted = {
  zone: text,
  name: text,
  co2_g: orNull(number),
  mean_intensity_g_per_kwh: orNull(number),
}

export const shift = record({
  as_of: text,
  work: record({ energy_j: number, duration_s: number }),
  now: record(shifted),
  forecast: listOf(record({ ...shifted, begins_at: text, ends_at: text })),
  without_forecast: listOf(record({ zone: text, reason: text })),
  usual: orNull(record({ ...shifted, hour_of_day_utc: number, days: number })),
  profile: listOf(record({ ...shifted, hour_of_day_utc: number, days: number })),
  flat: listOf(text),
})

const nodeBooks = {
  coverage: number,
  samples: number,
  energy_j: number,
  attributed_j: number,
  unnamed_j: number,
  counter_advance_j: number,
  residual_j: number,
  node_active_j: orNull(number),
  node_idle_j: orNull(number),
  resets: number,
  started: number,
  terminated: number,
  reappeared: number,
  gaps: mapOf(number),
  refused: record({ readings: number, claimed_j: number }),
}

export const audit = record({
  from: text,
  to: text,
  as_of: text,
  nodes: listOf(record({ node: text, target: text, basis: text, ...nodeBooks })),
  total: record(nodeBooks),
  gaps: listOf(
    record({
      node: text,
      component: optional(orNull(text)),
      namespace: optional(orNull(text)),
      pod: optional(orNull(text)),
      container: optional(orNull(text)),
      from: text,
      to: text,
      cause: text,
      claimed_j: optional(orNull(number)),
    }),
  ),
  gap_count: number,
  unread_lines: number,
  set_aside: number,
  dropped: number,
  balanced: truth,
  explanation: listOf(text),
})
export type Audit = Guarded<typeof audit>

const target = record({
  target: text,
  state: text,
  dialect: orNull(text),
  nodes: listOf(record({ node: text, basis: text })),
  last_success: orNull(text),
  last_error: orNull(text),
  last_error_at: orNull(text),
  failures_in_a_row: number,
  last_scrape_s: orNull(number),
  notes: listOf(text),
  unread_lines: record({ count: number }),
})

export const targets = record({ targets: listOf(target), scrape_interval_s: number })
export type Targets = Guarded<typeof targets>

export const zones = listOf(
  record({ zone: text, name: text, country: text, parts: listOf(text), has_figures: truth }),
)
export type Zones = Guarded<typeof zones>

const piece = record({
  from: orNull(text),
  to: orNull(text),
  g_per_kwh: orNull(number),
  intensity_source: orNull(text),
  intensity_method: orNull(text),
  intensity_year: optional(number),
  learned_at: orNull(text),
})

export const timeline = record({
  zone: text,
  basis: text,
  signal: text,
  as_of: text,
  pieces: listOf(piece),
})
export type Timeline = Guarded<typeof timeline>

export const sources = listOf(
  record({
    source: text,
    name: text,
    url: text,
    licence: text,
    attribution: text,
    basis: text,
    signal: text,
    zones: number,
    state: text,
    resting_until: optional(text),
    resting_because: optional(text),
    requests: number,
    failures: number,
    failures_in_a_row: number,
    facts: number,
    last_success: orNull(text),
    last_error: orNull(text),
    last_error_at: orNull(text),
  }),
)
export type Sources = Guarded<typeof sources>

export const readiness = record({ ready: truth, reasons: listOf(text), warnings: listOf(text) })

export const problem = record({ error: text })

/** What the event stream says. */
export const hello = record({ at: text, scrape_interval_s: number, zones: listOf(text) })
export const scrape = record({
  at: text,
  target: text,
  node: text,
  interval_s: number,
  energy_j: number,
  mean_power_w: number,
  containers: number,
  co2_g: perZone,
  co2_g_per_h: perZone,
  intensity_method: mapOf(orNull(text)),
})
export type Scrape = Guarded<typeof scrape>
export const failure = record({ at: text, target: text, failure: text, message: text })
export type Failure = Guarded<typeof failure>
