import type { Answered, Asked } from './fake-service.ts'

/** A day of a shop in three zones, as the API tells it: made-up figures, in the shape of the real ones. */

const namespaces = [
  { name: 'shop', joules: 41_300_000, flags: ['gap'] },
  { name: 'analytics', joules: 18_950_000, flags: ['started', 'terminated'] },
  { name: 'media', joules: 12_400_000, flags: [] },
  { name: 'monitoring', joules: 5_210_000, flags: [] },
  { name: 'kube-system', joules: 3_480_000, flags: ['reset', 'gap'] },
  { name: 'batch', joules: 1_920_000, flags: ['started', 'terminated'] },
  { name: null, joules: 12_000, flags: ['started'] },
] as const

const zones = [
  {
    zone: 'DE',
    name: 'Germany',
    gramsPerKwh: 341,
    range: [0.97, 1.05],
    age: 1800,
    provenance: [
      { intensity_source: 'energy-charts', intensity_method: 'measured', energy_share: 0.942 },
      { intensity_source: 'energy-charts', intensity_method: 'estimated', energy_share: 0.046 },
      {
        intensity_source: 'ember-annual',
        intensity_method: 'annual-average',
        intensity_year: 2025,
        energy_share: 0.012,
      },
    ],
  },
  {
    zone: 'FR',
    name: 'France',
    gramsPerKwh: 21.4,
    range: [1, 1],
    age: 900,
    provenance: [{ intensity_source: 'rte-eco2mix', intensity_method: 'measured', energy_share: 1 }],
  },
  {
    zone: 'PL',
    name: 'Poland',
    gramsPerKwh: 612,
    range: [0.49, 1.69],
    age: null,
    provenance: [
      {
        intensity_source: 'ember-annual',
        intensity_method: 'annual-average',
        intensity_year: 2025,
        energy_share: 0.98,
      },
    ],
  },
] as const

const totalJoules = namespaces.reduce((sum, { joules }) => sum + joules, 0)
const dayMs = 86_400_000
const joulesPerKwh = 3_600_000

/** What the service of that shop answers. Pages hold as many groups as `limit` says. */
export function answerOfShop(asked: Asked): Answered {
  switch (asked.path) {
    case '/api/v1/emissions':
      return asked.parameters.get('format') === 'csv' ? tableOf(asked) : { body: reportOf(asked) }
    case '/api/v1/intensity/sources':
      return { body: liveSources }
    case '/api/v1/audit':
      return { body: { total: { gaps: { reset: 3, vanished: 1, refused: 0 } } } }
    default:
      return { status: 404, body: { error: 'not found' } }
  }
}

const liveSources = [
  {
    source: 'energy-charts',
    name: 'Energy-Charts',
    url: 'https://www.energy-charts.info',
    licence: 'CC-BY-4.0',
    attribution: 'Energy-Charts.info, Fraunhofer ISE',
  },
  {
    source: 'rte-eco2mix',
    name: 'RTE eCO2mix',
    url: 'https://odre.opendatasoft.com',
    licence: 'etalab-2.0',
    attribution: 'RTE, eCO2mix, via Open Data Réseaux Énergies (ODRÉ)',
  },
]

function page({ parameters }: Asked) {
  const limit = Number(parameters.get('limit') ?? 100)
  const begin = Number(parameters.get('cursor') ?? 0)
  const isGrouped = parameters.has('group_by')
  const groups = isGrouped ? namespaces.slice(begin, begin + limit) : []
  const next = isGrouped && begin + limit < namespaces.length ? String(begin + limit) : null
  return { groups, next, count: isGrouped ? namespaces.length : 0 }
}

function listed(parameters: URLSearchParams, name: string): readonly string[] {
  return parameters.getAll(name).flatMap((value) => value.split(','))
}

function reportOf(asked: Asked) {
  const { parameters } = asked
  const from = Date.parse(parameters.get('from') ?? '')
  const to = Date.parse(parameters.get('to') ?? '')
  const wanted = listed(parameters, 'zone')
  const chosen = wanted.length === 0 ? zones.slice(0, 1) : zones.filter(({ zone }) => wanted.includes(zone))
  const { groups, next, count } = page(asked)
  const step = parameters.get('step')
  const steps = step === null ? [] : stepsOf({ from, to }, Number(step))
  const gramsIn = (joules: number, scale = 1) =>
    Object.fromEntries(
      chosen.map(({ zone, gramsPerKwh }) => [zone, (joules / joulesPerKwh) * gramsPerKwh * scale]),
    )
  const bound = (joules: number, end: 0 | 1) =>
    Object.fromEntries(
      chosen.map(({ zone, gramsPerKwh, range }) => [
        zone,
        (joules / joulesPerKwh) * gramsPerKwh * range[end],
      ]),
    )
  return {
    from: iso(from),
    to: iso(to),
    step_s: step === null ? null : Number(step),
    as_of: parameters.get('as_of') ?? '2026-11-24T12:00:03.250000+00:00',
    basis: parameters.get('basis') ?? 'lifecycle',
    signal: parameters.get('signal') ?? 'average',
    defaults: wanted.length === 0 ? ['zone', 'as_of'] : ['as_of'],
    group_by: listed(parameters, 'group_by'),
    filters: Object.fromEntries(
      ['namespace', 'pod'].flatMap((name) => (parameters.has(name) ? [[name, parameters.getAll(name)]] : [])),
    ),
    coverage: 0.9971,
    samples: 312_480,
    resolution_s: 300,
    warnings: [],
    zones: chosen.map((zone) => ({
      zone: zone.zone,
      name: zone.name,
      co2_g: gramsIn(totalJoules)[zone.zone] ?? null,
      co2_g_low: bound(totalJoules, 0)[zone.zone] ?? null,
      co2_g_high: bound(totalJoules, 1)[zone.zone] ?? null,
      mean_intensity_g_per_kwh: zone.gramsPerKwh,
      energy_without_intensity_j: zone.zone === 'PL' ? 0.02 * totalJoules : 0,
      provenance: zone.provenance,
      worst_age_s: zone.age,
      ...(step === null
        ? {}
        : { intensity_g_per_kwh: steps.map((at) => zone.gramsPerKwh * (1.15 - sun(at) * 0.5)) }),
    })),
    total: {
      energy_j: totalJoules,
      mean_power_w: totalJoules / ((to - from) / 1000),
      co2_g: gramsIn(totalJoules),
      ...(step === null ? {} : { series: seriesOf(steps, gramsIn) }),
    },
    ...(step === null ? {} : { times: steps.map(iso) }),
    groups: groups.map(({ name, joules, flags }) => ({
      key: { namespace: name },
      energy_j: joules,
      mean_power_w: joules / ((to - from) / 1000),
      coverage: name === 'batch' ? 0.4132 : 0.9971,
      flags,
      co2_g: gramsIn(joules),
      co2_g_low: bound(joules, 0),
      co2_g_high: bound(joules, 1),
      energy_without_intensity_j: {},
    })),
    group_count: count,
    next,
  }
}

function stepsOf(
  { from, to }: { readonly from: number; readonly to: number },
  seconds: number,
): readonly number[] {
  return Array.from(
    { length: Math.ceil((to - from) / 1000 / seconds) },
    (_, index) => from + index * seconds * 1000,
  )
}

/** 1 at noon, 0 at night. */
function sun(at: number): number {
  return Math.max(0, Math.sin(((at % dayMs) / dayMs - 0.25) * 2 * Math.PI))
}

function seriesOf(
  steps: readonly number[],
  gramsIn: (joules: number, scale: number) => Readonly<Record<string, number>>,
) {
  const loads = steps.map((at) => 0.6 + 0.5 * Math.sin(((at % dayMs) / dayMs - 0.3) * 2 * Math.PI) ** 2)
  const all = loads.reduce((sum, load) => sum + load, 0)
  const joules = loads.map((load) => (totalJoules * load) / all)
  const grams = joules.map((ofStep, index) => gramsIn(ofStep, 1.15 - sun(steps[index] ?? 0) * 0.5))
  const codes = Object.keys(grams[0] ?? {})
  return {
    energy_j: joules,
    mean_power_w: joules,
    co2_g: Object.fromEntries(
      codes.map((code) => [
        code,
        grams.map((ofStep, index) => (index === 3 ? null : (ofStep[code] ?? null))),
      ]),
    ),
  }
}

function tableOf(asked: Asked): Answered {
  const { groups, next } = page(asked)
  const rows = groups.map(({ name, joules }) => `${name ?? ''},DE,${joules}`)
  const target = new URLSearchParams(asked.parameters)
  if (next !== null) target.set('cursor', next)
  return {
    body: `namespace,zone,energy_j\n${rows.join('\n')}\n`,
    headers: {
      'content-type': 'text/csv',
      ...(next === null ? {} : { link: `</api/v1/emissions?${target.toString()}>; rel="next"` }),
      'co2-api-warnings': '["one store was away"]',
    },
  }
}

function iso(at: number): string {
  return new Date(at).toISOString().replace('Z', '000+00:00')
}
