import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { atSecond, configured, serveApi } from '../../../test/served-api.ts'
import type { SourceState } from '../../flows/refresh-intensities.ts'
import { createStaticSource } from '../../intensity/static-source.ts'
import { instant } from '../../units.ts'

const minute = 60
const measured = (from: number, to: number, grams: number, learnedAt = from) =>
  configured('DE', grams, {
    source: 'energy-charts',
    method: { kind: 'measured' },
    rank: 20,
    valid: { from: atSecond(from * minute), to: atSecond(to * minute) },
    learnedAt: atSecond(learnedAt),
  })

const facts = [
  measured(-60, -30, 100),
  measured(-30, 0, 200),
  measured(-30, 0, 210, 30),
  configured('DE', 334, {
    source: 'ember-annual',
    method: { kind: 'annual-average', year: 2025 },
    rank: 1000,
  }),
  configured('FR', 20, {
    basis: 'direct',
    source: 'rte-eco2mix',
    method: { kind: 'estimated', detail: 'last good value' },
  }),
]

describe('the carbon intensity of a zone over time', async () => {
  const wanted: string[] = []
  const server = await serveApi({ facts, onWant: (zone) => wanted.push(zone) })
  after(() => server.close())
  const ask = async (query: string) => (await server.inject(`/api/v1/intensity${query}`)).json()

  it('is given in pieces that tile the time, each with its source and when it was learned', async () => {
    const answer = await ask('?zone=de&start=2026-02-11T09:00:00Z&end=2026-02-11T10:30:00Z')
    assert.deepEqual(answer, {
      zone: 'DE',
      basis: 'lifecycle',
      signal: 'average',
      as_of: '2026-02-11T10:01:00.000000+00:00',
      pieces: [
        {
          from: '2026-02-11T09:00:00.000000+00:00',
          to: '2026-02-11T09:30:00.000000+00:00',
          g_per_kwh: 100,
          intensity_source: 'energy-charts',
          intensity_method: 'measured',
          learned_at: '2026-02-11T09:59:00.000000+00:00',
        },
        {
          from: '2026-02-11T09:30:00.000000+00:00',
          to: '2026-02-11T10:00:00.000000+00:00',
          g_per_kwh: 210,
          intensity_source: 'energy-charts',
          intensity_method: 'measured',
          learned_at: '2026-02-11T10:00:30.000000+00:00',
        },
        {
          from: '2026-02-11T10:00:00.000000+00:00',
          to: '2026-02-11T10:30:00.000000+00:00',
          g_per_kwh: 334,
          intensity_source: 'ember-annual',
          intensity_method: 'annual-average',
          intensity_year: 2025,
          learned_at: null,
        },
      ],
    })
  })

  it('is given as it was known at a moment', async () => {
    const { pieces } = await ask(
      '?zone=DE&start=2026-02-11T09:30Z&end=2026-02-11T10:00Z&as_of=2026-02-11T10:00:29Z',
    )
    assert.deepEqual(
      pieces.map(({ g_per_kwh: grams }: { g_per_kwh: number }) => grams),
      [200],
    )
  })

  it('is of one series, and unknown where that has no figure', async () => {
    const [direct] = (await ask('?zone=FR&basis=direct')).pieces
    assert.equal(direct.g_per_kwh, 20)
    assert.equal(direct.intensity_detail, 'last good value')
    const [unknown] = (await ask('?zone=FR')).pieces
    assert.deepEqual([unknown.g_per_kwh, unknown.intensity_source], [null, null])
  })

  it('is that of the last day unless another time is asked for, now, or expected', async () => {
    const { pieces } = await ask('?zone=DE')
    assert.equal(pieces[0].from, '2026-02-10T10:01:00.000000+00:00')
    const hour = await ask('?zone=DE&start=now-90m&end=now-30m')
    assert.deepEqual(
      [hour.pieces[0].from, hour.pieces.at(-1).to],
      ['2026-02-11T08:31:00.000000+00:00', '2026-02-11T09:31:00.000000+00:00'],
    )
    const latest = await ask('/latest?zone=DE')
    assert.deepEqual([latest.pieces.length, latest.pieces[0].g_per_kwh], [1, 334])
    const forecast = await ask('/forecast?zone=DE')
    assert.equal(forecast.pieces.at(-1).to, '2026-02-14T10:01:00.000000+00:00')
  })

  it('is kept current from then on', async () => {
    await ask('/latest?zone=fr')
    assert.ok(wanted.includes('FR'))
  })

  const refused: readonly (readonly [string, RegExp])[] = [
    ['', /^zone is missing; it must be the code of a country or zone/],
    ['?zone=QQ', /^zone is "QQ", which is no known country/],
    ['?zone=DE&start=then', /^start is "then"/],
    ['?zone=DE&start=2026-02-11&end=2026-02-11', /^start must be before end/],
    ['?zone=DE&start=2020-01-01&end=2026-02-11', /more than 366 days apart/],
    ['?zone=DE&basis=guessed', /^basis is "guessed"/],
    ['?zone=DE&as_of=x', /^as_of is "x"/],
  ]
  for (const [query, message] of refused) {
    it(`is refused with a sentence: ${query || 'without a zone'}`, async () => {
      const answer = await server.inject(`/api/v1/intensity${query}`)
      assert.equal(answer.statusCode, 400)
      assert.match(answer.json().error, message)
    })
  }
})

describe('the zones', async () => {
  const server = await serveApi({ facts })
  after(() => server.close())

  it('have names, and say what they are composed of and whether there is a figure', async () => {
    const zones: { zone: string; parts: string[] }[] = (await server.inject('/api/v1/zones')).json()
    const named = (code: string) => zones.find(({ zone }) => zone === code)
    assert.deepEqual(named('DE'), {
      zone: 'DE',
      name: 'Germany',
      country: 'DE',
      parts: [],
      has_figures: true,
    })
    assert.deepEqual(
      named('DK')?.parts.filter((part) => part.startsWith('DK-DK')),
      ['DK-DK1', 'DK-DK2'],
    )
    assert.ok(named('SE-SE3') !== undefined)
  })
})

describe('the sources', async () => {
  const source = createStaticSource({
    id: 'energy-charts',
    about: {
      name: 'Energy-Charts',
      url: 'https://energy-charts.info/',
      licence: 'CC-BY-4.0',
      attribution: 'Fraunhofer ISE',
      signal: 'average',
      basis: 'unstated',
      everySeconds: 900,
      secondsBetweenRequests: 1.5,
    },
    facts,
  })
  const state: SourceState = {
    source,
    gate: { kind: 'closed', until: instant(atSecond(90)), reason: 'energy-charts answered with status 503' },
    failuresInARow: 3,
    lastSuccessAt: atSecond(-60),
    lastFailure: { at: atSecond(50), message: 'energy-charts answered with status 503' },
    requests: 7,
    failures: 3,
    facts: 40,
  }
  const server = await serveApi({
    ports: {
      sources: () => [
        state,
        { ...state, gate: { kind: 'open' }, lastFailure: undefined, lastSuccessAt: undefined },
      ],
    },
  })
  after(() => server.close())

  it('say who they are, how they do, and why one is left alone', async () => {
    const [resting, usable] = (await server.inject('/api/v1/intensity/sources')).json()
    assert.deepEqual(resting, {
      source: 'energy-charts',
      name: 'Energy-Charts',
      url: 'https://energy-charts.info/',
      licence: 'CC-BY-4.0',
      attribution: 'Fraunhofer ISE',
      basis: 'unstated',
      signal: 'average',
      zones: 2,
      state: 'resting',
      resting_until: '2026-02-11T10:01:30.000000+00:00',
      resting_because: 'energy-charts answered with status 503',
      requests: 7,
      failures: 3,
      failures_in_a_row: 3,
      facts: 40,
      last_success: '2026-02-11T09:59:00.000000+00:00',
      last_error: 'energy-charts answered with status 503',
      last_error_at: '2026-02-11T10:00:50.000000+00:00',
    })
    assert.deepEqual([usable.state, usable.last_success, usable.last_error], ['usable', null, null])
  })
})
