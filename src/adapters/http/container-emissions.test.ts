import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import {
  askEmissions,
  atSecond,
  busybox,
  configured,
  roundedJson,
  serveApi,
} from '../../../test/served-api.ts'
import { instant } from '../../units.ts'

/** 30 J from :00 to :10, 30 J to :20, 90 J to :50 since the scrapes in between failed. */
const counter = [
  [0, 1000],
  [10, 1030],
  [20, 1060],
  [50, 1150],
] as const

const facts = [
  configured('DE', 148),
  configured('FR', 20),
  configured('GB', 100),
  configured('PL', 650, {
    source: 'ember-annual',
    method: { kind: 'annual-average', year: 2025 },
    rank: 1000,
  }),
]

describe('what a container emitted', async () => {
  const server = await serveApi({ counter, facts })
  after(() => server.close())

  async function ask(more: object = {}) {
    const answer = await askEmissions(server, { ...busybox, ...more })
    assert.equal(answer.statusCode, 200, answer.body)
    return answer.json()
  }

  const timesIn = async (more: object) => {
    const { results } = await ask(more)
    return results.DE.measurements.map(({ timestamp }: { timestamp: string }) => timestamp.slice(11, 19))
  }

  it('is answered with every figure of the last n measurements', async () => {
    const answer = await askEmissions(server, { ...busybox, countries: ['DE'], n: 2 })
    assert.equal(answer.statusCode, 200)
    assert.match(String(answer.headers['content-type']), /^application\/json\b/)
    // 30 J x 148 g/kWh / 3.6e6 J/kWh = 0.00123333 g; 3 W x 148 / 3.6e6 = 0.000123333 g/s; three times that for 90 J.
    assert.deepEqual(roundedJson(answer.body), {
      pod: 'busybox-worker',
      container: 'busybox',
      namespace: 'default',
      selection_mode: 'last_n',
      measurement_count: 2,
      start_time: '2026-02-11T10:00:20.000000+00:00',
      end_time: '2026-02-11T10:00:50.000000+00:00',
      defaults: [],
      basis: 'lifecycle',
      signal: 'average',
      results: {
        DE: {
          zone: 'DE',
          co2_g: 0.00493333333333,
          energy_j: 120,
          energy_without_intensity_j: 0,
          coverage: 1,
          co2_g_low: 0.00493333333333,
          co2_g_high: 0.00493333333333,
          provenance: [{ intensity_source: 'override', intensity_method: 'configured', energy_share: 1 }],
          worst_age_s: null,
          measurements: [
            {
              timestamp: '2026-02-11T10:00:20.000000+00:00',
              joules_per_second: 3,
              energy_j: 30,
              co2_gps: 0.000123333333333,
              co2_g: 0.00123333333333,
              intensity_g_per_kwh: 148,
              intensity_source: 'override',
              intensity_method: 'configured',
              from: '2026-02-11T10:00:10.000000+00:00',
              interval_s: 10,
              flags: [],
            },
            {
              timestamp: '2026-02-11T10:00:50.000000+00:00',
              joules_per_second: 3,
              energy_j: 90,
              co2_gps: 0.000123333333333,
              co2_g: 0.0037,
              intensity_g_per_kwh: 148,
              intensity_source: 'override',
              intensity_method: 'configured',
              from: '2026-02-11T10:00:20.000000+00:00',
              interval_s: 30,
              flags: ['gap'],
            },
          ],
        },
      },
    })
  })

  it('is answered with every figure of a range, and the share of the range that was measured', async () => {
    const answer = await askEmissions(server, {
      ...busybox,
      start_time: '2026-02-11T10:00:05Z',
      end_time: '2026-02-11T10:00:45Z',
      countries: ['FR'],
    })
    assert.equal(answer.statusCode, 200)
    // 30 J x 20 g/kWh / 3.6e6 J/kWh = 0.000166667 g. Measured: 15 s of the 40 s that were asked for.
    const measured = {
      joules_per_second: 3,
      energy_j: 30,
      co2_gps: 0.0000166666666667,
      co2_g: 0.000166666666667,
      intensity_g_per_kwh: 20,
      intensity_source: 'override',
      intensity_method: 'configured',
      interval_s: 10,
      flags: [],
    }
    assert.deepEqual(roundedJson(answer.body), {
      pod: 'busybox-worker',
      container: 'busybox',
      namespace: 'default',
      selection_mode: 'range',
      measurement_count: 2,
      start_time: '2026-02-11T10:00:10.000000+00:00',
      end_time: '2026-02-11T10:00:20.000000+00:00',
      defaults: [],
      basis: 'lifecycle',
      signal: 'average',
      results: {
        FR: {
          zone: 'FR',
          co2_g: 0.000333333333333,
          energy_j: 60,
          energy_without_intensity_j: 0,
          coverage: 0.375,
          co2_g_low: 0.000333333333333,
          co2_g_high: 0.000333333333333,
          provenance: [{ intensity_source: 'override', intensity_method: 'configured', energy_share: 1 }],
          worst_age_s: null,
          measurements: [
            {
              ...measured,
              timestamp: '2026-02-11T10:00:10.000000+00:00',
              from: '2026-02-11T10:00:00.000000+00:00',
            },
            {
              ...measured,
              timestamp: '2026-02-11T10:00:20.000000+00:00',
              from: '2026-02-11T10:00:10.000000+00:00',
            },
          ],
        },
      },
    })
  })

  it('is the same whatever the order of the body’s fields', async () => {
    const { namespace, pod, container } = busybox
    assert.deepEqual(
      await ask({ n: 1 }),
      (await askEmissions(server, { n: 1, container, pod, namespace })).json(),
    )
  })

  it('takes no notice of fields that it does not know', async () => {
    assert.deepEqual(await ask({ n: 1, colour: 'green' }), await ask({ n: 1 }))
  })

  it('is given under each country’s code as the caller wrote it', async () => {
    const { results } = await ask({ countries: ['de', 'UK', ' FR ', 'DE'] })
    assert.deepEqual(
      Object.entries<{ zone: string }>(results).map(([code, { zone }]) => [code, zone]),
      [
        ['de', 'DE'],
        ['UK', 'GB'],
        [' FR ', 'FR'],
        ['DE', 'DE'],
      ],
    )
    assert.deepEqual(results.de, results.DE)
  })

  it('is given once for a country that is asked for twice', async () => {
    assert.deepEqual(Object.keys((await ask({ countries: ['DE', 'FR', 'DE'] })).results), ['DE', 'FR'])
  })

  it('says which fields took their default: DE and the last five', async () => {
    assert.deepEqual((await ask()).defaults, ['countries', 'n'])
    assert.deepEqual(Object.keys((await ask()).results), ['DE'])
    assert.deepEqual((await ask({ countries: ['DE'] })).defaults, ['n'])
    assert.deepEqual((await ask({ n: 5 })).defaults, ['countries'])
  })

  it('has no default for n in a range, which n does not matter to', async () => {
    const range = { start_time: '2026-02-11T10:00:00Z', end_time: '2026-02-11T10:01:00Z' }
    assert.deepEqual((await ask(range)).defaults, ['countries'])
    assert.equal((await ask({ ...range, n: 1 })).measurement_count, 3)
  })

  it('takes null for a field that is left out', async () => {
    const answer = await ask({ countries: null, start_time: null, end_time: null, n: null })
    assert.deepEqual(answer.defaults, ['countries', 'n'])
    assert.deepEqual(answer, await ask())
  })

  it('takes n as a number or as a string of its digits, and gives what there is when n is more', async () => {
    assert.deepEqual(await timesIn({ n: 1 }), ['10:00:50'])
    assert.deepEqual(await timesIn({ n: '2' }), ['10:00:20', '10:00:50'])
    assert.deepEqual(await timesIn({ n: ' 02 ' }), ['10:00:20', '10:00:50'])
    assert.deepEqual(await timesIn({ n: 1e300 }), ['10:00:10', '10:00:20', '10:00:50'])
    assert.deepEqual(await timesIn({ n: '9'.repeat(400) }), ['10:00:10', '10:00:20', '10:00:50'])
  })

  it('has both ends of a range within it, to the millisecond', async () => {
    const timesBetween = (start_time: string, end_time: string) => timesIn({ start_time, end_time })
    assert.deepEqual(await timesBetween('2026-02-11T10:00:10Z', '2026-02-11T10:00:20Z'), [
      '10:00:10',
      '10:00:20',
    ])
    assert.deepEqual(await timesBetween('2026-02-11T10:00:10.001Z', '2026-02-11T10:00:20Z'), ['10:00:20'])
    assert.deepEqual(await timesBetween('2026-02-11T10:00:10Z', '2026-02-11T10:00:19.999Z'), ['10:00:10'])
  })

  it('may be asked for one instant', async () => {
    const instantOfOne = { start_time: '2026-02-11T10:00:20Z', end_time: '2026-02-11T10:00:20Z' }
    assert.deepEqual(await timesIn(instantOfOne), ['10:00:20'])
    assert.equal((await ask(instantOfOne)).results.DE.coverage, 1)
  })

  it('reads a time without an offset as UTC, and one with an offset by it', async () => {
    assert.deepEqual(
      await timesIn({ start_time: '2026-02-11T10:00:10', end_time: '2026-02-11 10:00:10.000000' }),
      ['10:00:10'],
    )
    assert.deepEqual(
      await timesIn({ start_time: '2026-02-11T11:00:10+01:00', end_time: '2026-02-11T04:30:10-05:30' }),
      ['10:00:10'],
    )
  })

  it('can be asked for again with the times that it was answered with', async () => {
    const { start_time, end_time, measurement_count } = await ask({ n: 2 })
    const again = await ask({ start_time, end_time })
    assert.equal(again.measurement_count, measurement_count)
    assert.deepEqual([again.start_time, again.end_time], [start_time, end_time])
  })

  it('names the year of an annual average that stands in', async () => {
    const { results } = await ask({ countries: ['PL'], n: 1 })
    const [measurement] = results.PL.measurements
    assert.equal(measurement.intensity_source, 'ember-annual')
    assert.equal(measurement.intensity_method, 'annual-average')
    assert.equal(measurement.intensity_year, 2025)
  })

  it('is 404 where there is no measurement: an unknown container, an empty range', async () => {
    for (const body of [
      { ...busybox, pod: 'another' },
      { ...busybox, start_time: '2020-01-01', end_time: '2020-01-02' },
    ]) {
      const answer = await askEmissions(server, body)
      assert.equal(answer.statusCode, 404)
      assert.deepEqual(answer.json(), { error: 'No data found for the selected window' })
    }
  })
})

describe('what a container emitted while the intensity', () => {
  it('changed is integrated over the change, and both sources are named', async (t) => {
    const server = await serveApi({
      counter: [
        [0, 0],
        [10, 30],
      ],
      facts: [
        configured('DE', 100, { valid: { from: instant(-Infinity), to: atSecond(4) } }),
        configured('DE', 300, {
          valid: { from: atSecond(4), to: instant(Infinity) },
          source: 'ember-annual',
          method: { kind: 'annual-average', year: 2025 },
        }),
      ],
    })
    t.after(() => server.close())
    const { results } = JSON.parse((await askEmissions(server, busybox)).body)
    const [measurement] = results.DE.measurements
    // (4 s x 100 + 6 s x 300) / 10 s = 220 g/kWh
    assert.equal(measurement.intensity_g_per_kwh, 220)
    assert.equal(measurement.intensity_source, 'override, ember-annual')
    assert.equal(measurement.intensity_method, 'configured, annual-average')
    assert.equal(measurement.intensity_year, 2025)
  })

  it('says how far off an annual average may be, and which share of the energy each figure covers', async (t) => {
    const server = await serveApi({
      counter: [
        [0, 0],
        [10, 36],
        [20, 108],
      ],
      facts: [
        configured('DE', 100, {
          valid: { from: atSecond(0), to: atSecond(10) },
          method: { kind: 'measured' },
        }),
        configured('DE', 300, {
          source: 'ember-annual',
          method: { kind: 'annual-average', year: 2025 },
          rank: 1000,
        }),
      ],
    })
    t.after(() => server.close())
    const { DE } = roundedJson((await askEmissions(server, busybox)).body).results
    // 36 J at 100 g/kWh are 0.001 g; 72 J at 300 are 0.006 g, and between 0.49 and 1.69 times that.
    assert.equal(DE.co2_g, 0.007)
    assert.equal(DE.co2_g_low, 0.00394)
    assert.equal(DE.co2_g_high, 0.01114)
    assert.deepEqual(DE.provenance, [
      {
        intensity_source: 'ember-annual',
        intensity_method: 'annual-average',
        intensity_year: 2025,
        energy_share: 0.666666666667,
      },
      { intensity_source: 'override', intensity_method: 'measured', energy_share: 0.333333333333 },
    ])
    assert.equal(DE.worst_age_s, 10)
  })

  it('is of another series only when that is asked for, and never of two at once', async (t) => {
    const facts = [
      configured('DE', 148),
      configured('DE', 100, { basis: 'direct' }),
      configured('DE', 500, { signal: 'marginal' }),
    ]
    const server = await serveApi({
      counter: [
        [0, 0],
        [10, 30],
      ],
      facts,
    })
    t.after(() => server.close())
    const meanOf = async (more: object) => {
      const answer = (await askEmissions(server, { ...busybox, ...more })).json()
      return [answer.basis, answer.signal, answer.results.DE.measurements[0].intensity_g_per_kwh]
    }
    assert.deepEqual(await meanOf({}), ['lifecycle', 'average', 148])
    assert.deepEqual(await meanOf({ basis: 'direct' }), ['direct', 'average', 100])
    assert.deepEqual(await meanOf({ signal: 'marginal' }), ['lifecycle', 'marginal', 500])
    assert.deepEqual(await meanOf({ basis: 'direct', signal: 'marginal' }), ['direct', 'marginal', null])
    const bad = await askEmissions(server, { ...busybox, basis: 'guessed' })
    assert.deepEqual(bad.json(), { error: 'basis is "guessed"; basis must be lifecycle or direct' })
  })

  it('was not known for all of the time is null, and its energy is set apart', async (t) => {
    const server = await serveApi({
      counter: [
        [0, 0],
        [10, 30],
        [20, 72],
      ],
      facts: [configured('DE', 148, { valid: { from: instant(-Infinity), to: atSecond(15) } })],
    })
    t.after(() => server.close())
    const answer = roundedJson((await askEmissions(server, busybox)).body)
    assert.deepEqual(answer.results.DE, {
      zone: 'DE',
      co2_g: 0.00123333333333,
      energy_j: 72,
      energy_without_intensity_j: 42,
      coverage: 1,
      // 30 J of 72 J
      co2_g_low: 0.00123333333333,
      co2_g_high: 0.00123333333333,
      provenance: [
        { intensity_source: 'override', intensity_method: 'configured', energy_share: 0.416666666667 },
      ],
      worst_age_s: null,
      measurements: [
        {
          timestamp: '2026-02-11T10:00:10.000000+00:00',
          joules_per_second: 3,
          energy_j: 30,
          co2_gps: 0.000123333333333,
          co2_g: 0.00123333333333,
          intensity_g_per_kwh: 148,
          intensity_source: 'override',
          intensity_method: 'configured',
          from: '2026-02-11T10:00:00.000000+00:00',
          interval_s: 10,
          flags: [],
        },
        {
          timestamp: '2026-02-11T10:00:20.000000+00:00',
          joules_per_second: 4.2,
          energy_j: 42,
          co2_gps: null,
          co2_g: null,
          intensity_g_per_kwh: null,
          intensity_source: null,
          intensity_method: null,
          from: '2026-02-11T10:00:10.000000+00:00',
          interval_s: 10,
          flags: [],
        },
      ],
    })
  })
})
