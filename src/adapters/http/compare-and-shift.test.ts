import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { Value } from 'typebox/value'
import { atSecond, configured, roundedJson, serveApi } from '../../../test/served-api.ts'
import { ZoneComparison } from './compare-answer.ts'
import { WorkShift } from './shift-answer.ts'

const energy = [
  {
    node: 'node-a',
    workload: { namespace: 'shop', pod: 'web-0', container: 'app' },
    from: atSecond(-60),
    to: atSecond(60),
    joules: 7200,
  },
]
const hour = 3600
const grid = (
  zone: string,
  kind: 'measured' | 'forecast',
  [from, to, grams]: readonly [number, number, number],
) =>
  configured(zone, grams, {
    source: 'grid',
    method: { kind },
    rank: 20,
    valid: { from: atSecond(from * hour), to: atSecond(to * hour) },
  })
const facts = [
  grid('DE', 'measured', [-1, 2, 360]),
  grid('DE', 'forecast', [2, 4, 180]),
  grid('DE', 'forecast', [4, 30, 720]),
  grid('FR', 'measured', [-2, 1, 36]),
  configured('PL', 600, { source: 'ember-annual', method: { kind: 'annual-average', year: 2025 } }),
  configured('JP', 480, { basis: 'direct' }),
]

describe('GET /api/v1/compare', async () => {
  const wanted: string[] = []
  const server = await serveApi({ energy, facts, onWant: (zone) => wanted.push(zone) })
  after(() => server.close())

  it('ranks every zone with figures by what the same energy would have emitted there', async () => {
    const answer = await server.inject('/api/v1/compare?from=2026-02-11T10:00Z&to=2026-02-11T10:01Z')
    assert.ok(Value.Check(ZoneComparison, answer.json()))
    const { zones, ...rest } = roundedJson(answer.body)
    assert.deepEqual(rest, {
      from: '2026-02-11T10:00:00.000000+00:00',
      to: '2026-02-11T10:01:00.000000+00:00',
      as_of: '2026-02-11T10:01:00.000000+00:00',
      basis: 'lifecycle',
      signal: 'average',
      defaults: ['zone', 'home', 'as_of', 'basis', 'signal'],
      warnings: [
        'Annual averages stand in for some or all of the figures of 1 of the 3 zones; what they say of single hours differs from measured figures, as co2_g_low and co2_g_high show.',
      ],
      energy_j: 3600,
      coverage: 1,
      home: 'DE',
      without_figures: ['JP'],
    })
    assert.deepEqual(zones[0], {
      rank: 1,
      zone: 'FR',
      name: 'France',
      co2_g: 0.036,
      co2_g_low: 0.036,
      co2_g_high: 0.036,
      mean_intensity_g_per_kwh: 36,
      saving_g: 0.324,
      saving_share: 0.9,
      provenance: [{ intensity_source: 'grid', intensity_method: 'measured', energy_share: 1 }],
      worst_age_s: 7260,
    })
    assert.deepEqual(
      zones.map(({ rank, zone, saving_g }: { rank: number; zone: string; saving_g: number }) => [
        rank,
        zone,
        saving_g,
      ]),
      [
        [1, 'FR', 0.324],
        [2, 'DE', 0],
        [3, 'PL', -0.24],
      ],
    )
    assert.deepEqual(wanted, [], 'to compare with all zones puts none of them in demand')
  })

  it('compares with the zones and the home that are named', async () => {
    const { home, zones } = (await server.inject('/api/v1/compare?zone=fr,pl&home=pl')).json()
    assert.equal(home, 'PL')
    assert.deepEqual(
      zones.map(({ zone }: { zone: string }) => zone),
      ['FR', 'PL'],
    )
    assert.deepEqual(wanted, ['FR', 'PL', 'PL'])
  })

  it('is refused what it does not understand', async () => {
    for (const [query, error] of [
      ['home=QQ', /^home is "QQ", which is no known country/],
      ['group_by=pod', /^"group_by" is not understood; the parameters are from, to/],
      ['home=DE&home=FR', /^home is \["DE","FR"\]; home must be the code of a country or zone/],
    ] as const) {
      const answer = await server.inject(`/api/v1/compare?${query}`)
      assert.equal(answer.statusCode, 400)
      assert.match(answer.json().error, error)
    }
  })
})

describe('GET /api/v1/shift', async () => {
  const server = await serveApi({ energy, facts })
  after(() => server.close())
  const ask = async (query: string) => {
    const answer = await server.inject(`/api/v1/shift?${query}`)
    assert.equal(answer.statusCode, 200, answer.body)
    assert.ok(
      Value.Check(WorkShift, answer.json()),
      JSON.stringify([...Value.Errors(WorkShift, answer.json())][0]),
    )
    return roundedJson(answer.body)
  }

  it('says when and where given work emits least', async () => {
    const { forecast, profile, usual, ...rest } = await ask('energy_j=3600000&zone=DE,FR,PL')
    assert.deepEqual(rest, {
      as_of: '2026-02-11T10:01:00.000000+00:00',
      basis: 'lifecycle',
      signal: 'average',
      defaults: ['duration', 'horizon', 'home', 'as_of', 'basis', 'signal'],
      warnings: [],
      work: { energy_j: 3_600_000, duration_s: 3600, mean_power_w: 1000 },
      home: 'DE',
      horizon_s: 86_400,
      now: {
        zone: 'DE',
        name: 'Germany',
        co2_g: 360,
        co2_g_low: 360,
        co2_g_high: 360,
        mean_intensity_g_per_kwh: 360,
        provenance: [{ intensity_source: 'grid', intensity_method: 'measured', energy_share: 1 }],
        worst_age_s: 7260,
        begins_at: '2026-02-11T10:01:00.000000+00:00',
        ends_at: '2026-02-11T11:01:00.000000+00:00',
      },
      without_forecast: [{ zone: 'FR', reason: 'no source has told a forecast of it' }],
      flat: ['PL'],
    })
    assert.deepEqual(forecast, [
      {
        zone: 'DE',
        name: 'Germany',
        co2_g: 180,
        co2_g_low: 102.6,
        co2_g_high: 320.4,
        mean_intensity_g_per_kwh: 180,
        provenance: [{ intensity_source: 'grid', intensity_method: 'forecast', energy_share: 1 }],
        worst_age_s: 3600,
        begins_at: '2026-02-11T12:00:00.000000+00:00',
        ends_at: '2026-02-11T13:00:00.000000+00:00',
        saving_g: 180,
        saving_share: 0.5,
        kind: 'forecast',
      },
    ])
    assert.equal(usual, null)
    assert.deepEqual(
      profile.map((start: Record<string, unknown>) => [
        start['zone'],
        start['hour_of_day_utc'],
        start['co2_g'],
        start['days'],
        start['saving_g'],
        start['kind'],
      ]),
      [
        ['FR', 8, 36, 1, null, 'last-7-days'],
        ['DE', 9, 360, 1, null, 'last-7-days'],
      ],
    )
  })

  it('takes for the work what containers use in that time', async () => {
    const { work, defaults } = await ask('namespace=shop&from=now-2m&duration=30m')
    // 7200 J in two minutes are 60 W: 108 kJ in half an hour.
    assert.deepEqual(work, {
      energy_j: 108_000,
      duration_s: 1800,
      mean_power_w: 60,
      from: '2026-02-11T09:59:00.000000+00:00',
      to: '2026-02-11T10:01:00.000000+00:00',
      coverage: 1,
    })
    assert.deepEqual(defaults, ['to', 'horizon', 'zone', 'home', 'as_of', 'basis', 'signal'])
    assert.equal((await ask('')).work.from, '2026-02-10T10:01:00.000000+00:00')
  })

  it('is unknown where nothing is known', async () => {
    const { now, forecast, without_forecast, warnings } = await ask('energy_j=1&zone=PL&basis=direct&home=PL')
    assert.deepEqual([now.co2_g, now.provenance, forecast], [null, [], []])
    assert.equal(without_forecast[0].zone, 'PL')
    assert.match(warnings[0], /^No figure of the present time is known for PL/)
  })

  it('has a usual hour at home where the last days are known', async () => {
    const week = Array.from({ length: 8 }, (_, day) =>
      grid('DE', 'measured', [24 * (day - 8), 24 * (day - 7), 100]),
    )
    const known = await serveApi({ energy, facts: week })
    const { usual, profile } = (await known.inject('/api/v1/shift?energy_j=3600000')).json()
    assert.deepEqual(
      [usual.zone, usual.hour_of_day_utc, usual.days, usual.kind],
      ['DE', 10, 7, 'last-7-days'],
    )
    assert.deepEqual([profile[0].saving_g, profile[0].saving_share], [0, 0])
    await known.close()
  })

  const refused: readonly (readonly [query: string, error: RegExp])[] = [
    ['energy_j=-1', /^energy_j is "-1"; it must be a positive number of joules$/],
    ['energy_j=', /^energy_j is ""; it must be a positive number of joules$/],
    ['energy_j=1e999', /^energy_j is "1e999"; it must be a positive number/],
    [
      'energy_j=5&namespace=shop',
      /^namespace and energy_j are both given; the work must be measured or given, not both$/,
    ],
    ['duration=2d', /^duration is "2d"; it must be a whole number of seconds from 60 to 86400/],
    ['horizon=73h', /^horizon is "73h"; it must be a whole number of seconds from 60 to 259200/],
    ['duration=1h&horizon=30m', /^duration is "1h"; it must be a whole number of seconds from 60 to 1800/],
  ]
  for (const [query, error] of refused) {
    it(`is refused with the field, the value and what is accepted: ${query}`, async () => {
      const answer = await server.inject(`/api/v1/shift?${query}`)
      assert.equal(answer.statusCode, 400)
      assert.match(answer.json().error, error)
    })
  }
})
