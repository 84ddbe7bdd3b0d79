import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { behavesLikeAKeyedSource } from '../../../test/contracts/keyed-source.ts'
import { type SourceServer, startSourceServer } from '../../../test/sources/source-server.ts'
import type { IntensityFact } from '../../intensity/fact.ts'
import { SourceError } from '../../intensity/source.ts'
import { instant } from '../../units.ts'
import { createWebClient } from '../web/web-client.ts'
import { createElectricityMapsSource } from './electricity-maps-source.ts'

const hour = 3_600_000
const now = Date.parse('2026-10-05T12:20:00Z')
const never = new AbortController().signal
const at = (iso: string) => instant(Date.parse(iso))

const paths = ['latest', 'history', 'past-range', 'forecast'].map((what) => `/v4/carbon-intensity/${what}`)

behavesLikeAKeyedSource('electricity-maps', {
  create: ({ httpGet, baseUrl, secret }) =>
    createElectricityMapsSource({
      httpGet,
      rank: 20,
      now: () => instant(now),
      token: secret,
      zones: ['DE', 'DK-DK1'],
      baseUrl: new URL('v4', baseUrl),
    }),
  zone: 'DE',
  now,
  paths,
})

type Asked = {
  readonly source: ReturnType<typeof createElectricityMapsSource>
  readonly server: SourceServer
}

async function withSource(use: (asked: Asked) => Promise<void>, basis: 'lifecycle' | 'direct' = 'lifecycle') {
  await using server = await startSourceServer()
  const client = createWebClient()
  try {
    const source = createElectricityMapsSource({
      httpGet: client.httpGet,
      rank: 20,
      now: () => instant(now),
      token: 'key',
      zones: ['DK-DK1', 'DE'],
      basis,
      baseUrl: new URL('v4', server.url),
    })
    await use({ source, server })
  } finally {
    await client.close()
  }
}

const fixture = (name: string): unknown =>
  JSON.parse(
    readFileSync(new URL(`../../../test/fixtures/electricity-maps/v4/${name}`, import.meta.url), 'utf8'),
  )

const figures = (facts: readonly IntensityFact[]) =>
  facts.map(({ valid, intensity, method }) => [new Date(valid.from).toISOString(), intensity, method.kind])

const lone = {
  zone: 'DE',
  carbonIntensity: 302,
  datetime: '2026-10-05T12:00:00.000Z',
  updatedAt: '2026-10-05T11:45:00.000Z',
  createdAt: '2026-10-02T12:50:00.000Z',
  emissionFactorType: 'lifecycle',
  isEstimated: false,
  estimationMethod: null,
  temporalGranularity: 'hourly',
}

async function latestOf(body: unknown): Promise<readonly IntensityFact[]> {
  let facts: readonly IntensityFact[] = []
  await withSource(async ({ source, server }) => {
    server.serve('/v4/carbon-intensity/latest', { body })
    facts = await source.latest('DE', never)
  })
  return facts
}

const isUnexpected = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof SourceError, String(error))
  assert.equal(error.failure.kind, 'unexpected-answer')
  assert.match(error.message, message)
  return true
}

describe('the latest figure of Electricity Maps', () => {
  it('holds for the hour that begins at its time', async () => {
    assert.deepEqual(await latestOf(lone), [
      {
        zone: 'DE',
        valid: { from: at('2026-10-05T12:00:00Z'), to: at('2026-10-05T13:00:00Z') },
        intensity: 302,
        source: 'electricity-maps',
        method: { kind: 'measured' },
        signal: 'average',
        basis: 'lifecycle',
        rank: 20,
        learnedAt: now,
      },
    ])
  })

  it('holds for less where the answer says so', async () => {
    for (const [temporalGranularity, minutes] of [
      ['5_minutes', 5],
      ['15_minutes', 15],
      ['hourly', 60],
      [undefined, 60],
    ] as const) {
      const [fact] = await latestOf({ ...lone, temporalGranularity })
      assert.equal(fact?.valid.to, at('2026-10-05T12:00:00Z') + minutes * 60_000)
    }
  })

  it('is estimated where it is marked, with the word for how', async () => {
    const [fact] = await latestOf(fixture('latest-estimated.json'))
    assert.deepEqual(fact?.method, { kind: 'estimated', detail: 'TIME_SLICER_AVERAGE' })
    const [unnamed] = await latestOf({ ...lone, isEstimated: true })
    assert.deepEqual(unnamed?.method, { kind: 'estimated' })
    const [threshold] = await latestOf({ ...lone, estimationMethod: 'threshold_filtered' })
    assert.deepEqual(threshold?.method, { kind: 'estimated', detail: 'threshold_filtered' })
  })

  it('is none when it is null, and 0 when it is 0', async () => {
    assert.deepEqual(await latestOf({ ...lone, carbonIntensity: null }), [])
    assert.equal((await latestOf({ ...lone, carbonIntensity: 0 }))[0]?.intensity, 0)
  })

  it('is refused when it is of another zone: that is the zone of whoever asks', async () => {
    await assert.rejects(latestOf({ ...lone, zone: 'US-CAR-DUK' }), isUnexpected(/zone .*not DE/))
  })

  it('is refused when it counts other emissions than asked for, or does not say which', async () => {
    for (const emissionFactorType of ['direct', undefined, null]) {
      await assert.rejects(latestOf({ ...lone, emissionFactorType }), isUnexpected(/emissionFactorType/))
    }
  })

  it('is refused when it is made up for a sandbox key', async () => {
    await assert.rejects(latestOf(fixture('latest-sandbox.json')), isUnexpected(/sandbox/))
    await assert.rejects(
      latestOf({ ...lone, isEstimated: true, estimationMethod: 'SANDBOX_MODE_DATA' }),
      isUnexpected(/sandbox/),
    )
    await assert.rejects(
      latestOf({ ...lone, _disclaimer: 'This data is from SANDBOX MODE' }),
      isUnexpected(/sandbox/),
    )
  })

  it('is refused by the name of the field that is not as documented', async () => {
    for (const [field, values] of [
      ['carbonIntensity', ['302', undefined, true, -1, 2001]],
      ['datetime', ['soon', undefined, 1759665600, null]],
      ['isEstimated', ['no', undefined, null]],
      ['estimationMethod', [7]],
      ['temporalGranularity', ['daily', 60]],
    ] as const) {
      for (const value of values) {
        const named =
          typeof value === 'number' && field === 'carbonIntensity' ? /intensity/ : new RegExp(field)
        await assert.rejects(latestOf({ ...lone, [field]: value }), isUnexpected(named))
      }
    }
  })

  it('is asked for by zone, with the key in a header and no look-up of the caller', async () => {
    await withSource(async ({ source, server }) => {
      server.serve('/v4/carbon-intensity/latest', { body: lone })
      await source.latest('DE', never)
      const [request] = server.requests
      assert.equal(request?.headers['auth-token'], 'key')
      assert.equal(request?.url.search, '?zone=DE&emissionFactorType=lifecycle&disableCallerLookup=true')
    })
  })

  it('is of an unknown zone when Electricity Maps says that it does not exist', async () => {
    await withSource(async ({ source, server }) => {
      for (const status of [200, 400, 404]) {
        server.serve('/v4/carbon-intensity/latest', {
          status,
          body: { status: 'error', message: "Zone 'DE' does not exist." },
        })
        await assert.rejects(source.latest('DE', never), (error) => {
          assert.ok(error instanceof SourceError)
          assert.equal(error.failure.kind, 'unknown-zone')
          return true
        })
      }
    })
  })
})

describe('the past at Electricity Maps', () => {
  it('is asked for in pieces of ten days, by whole hours', async () => {
    await withSource(async ({ source, server }) => {
      server.serveBy('/v4/carbon-intensity/past-range', ({ searchParams }) => ({
        body: {
          zone: 'DE',
          temporalGranularity: 'hourly',
          data: [{ ...lone, datetime: searchParams.get('start'), carbonIntensity: 100 }],
        },
      }))
      const during = { from: at('2026-09-01T00:30:00Z'), to: at('2026-09-23T12:10:00Z') }
      const facts = await source.history('DE', during, never)
      assert.deepEqual(
        server.requests.map(({ url }) => [url.searchParams.get('start'), url.searchParams.get('end')]),
        [
          ['2026-09-01T00:00:00.000Z', '2026-09-11T00:00:00.000Z'],
          ['2026-09-11T00:00:00.000Z', '2026-09-21T00:00:00.000Z'],
          ['2026-09-21T00:00:00.000Z', '2026-09-23T13:00:00.000Z'],
        ],
      )
      assert.equal(server.requests[0]?.url.searchParams.get('temporalGranularity'), 'hourly')
      assert.equal(facts.length, 3)
    })
  })

  it('is the last 24 hours without a paid key', async () => {
    await withSource(async ({ source, server }) => {
      server.serve('/v4/carbon-intensity/history', { body: fixture('history.json') })
      const during = { from: at('2026-10-05T09:30:00Z'), to: at('2026-10-05T12:00:00Z') }
      assert.deepEqual(figures(await source.history('DE', during, never)), [
        ['2026-10-05T09:00:00.000Z', 281, 'measured'],
        ['2026-10-05T11:00:00.000Z', 297, 'estimated'],
      ])
    })
  })

  it('has 25 hours on the day on which clocks are put back, and 23 in spring', async () => {
    await withSource(async ({ source, server }) => {
      server.serveBy('/v4/carbon-intensity/past-range', ({ searchParams }) => {
        const from = Date.parse(searchParams.get('start') ?? '')
        const to = Date.parse(searchParams.get('end') ?? '')
        const data = Array.from({ length: (to - from) / hour }, (_, index) => ({
          ...lone,
          datetime: new Date(from + index * hour).toISOString(),
        }))
        return { body: { zone: 'DE', temporalGranularity: 'hourly', data } }
      })
      for (const [from, to, hours] of [
        ['2025-10-26T00:00+02:00', '2025-10-27T00:00+01:00', 25],
        ['2026-03-29T00:00+01:00', '2026-03-30T00:00+02:00', 23],
      ] as const) {
        const facts = await source.history('DE', { from: at(from), to: at(to) }, never)
        assert.equal(facts.length, hours)
        assert.equal(facts[0]?.valid.from, at(from))
        assert.equal(facts.at(-1)?.valid.to, at(to))
      }
    })
  })

  it('is told again with what was corrected', async () => {
    await withSource(async ({ source, server }) => {
      const during = { from: at('2026-10-05T11:00:00Z'), to: at('2026-10-05T12:00:00Z') }
      const item = { ...lone, datetime: '2026-10-05T11:00:00.000Z' }
      const served = (carbonIntensity: number) => ({
        body: { zone: 'DE', history: [{ ...item, carbonIntensity }] },
      })
      server.serve('/v4/carbon-intensity/history', served(310), served(295))
      assert.equal((await source.history('DE', during, never))[0]?.intensity, 310)
      assert.equal((await source.history('DE', during, never))[0]?.intensity, 295)
    })
  })

  it('has nothing that is still to come, and asks for none', async () => {
    await withSource(async ({ source, server }) => {
      const during = { from: at('2026-10-06T00:00:00Z'), to: at('2026-10-07T00:00:00Z') }
      assert.deepEqual(await source.history('DE', during, never), [])
      assert.equal(server.requests.length, 0)
    })
  })

  it('is refused when one item is of another zone or made up', async () => {
    await withSource(async ({ source, server }) => {
      const during = { from: at('2026-10-05T09:00:00Z'), to: at('2026-10-05T12:00:00Z') }
      for (const wrong of [{ zone: 'AT' }, { estimationMethod: 'SANDBOX_MODE_DATA' }]) {
        server.serve('/v4/carbon-intensity/history', {
          body: { zone: 'DE', history: [lone, { ...lone, ...wrong }] },
        })
        await assert.rejects(source.history('DE', during, never), isUnexpected(/zone|sandbox/))
      }
    })
  })
})

describe('the forecast of Electricity Maps', () => {
  it('begins with the hour that is under way', async () => {
    await withSource(async ({ source, server }) => {
      server.serve('/v4/carbon-intensity/forecast', { body: fixture('forecast.json') })
      assert.deepEqual(figures((await source.forecast?.('DE', never)) ?? []), [
        ['2026-10-05T12:00:00.000Z', 326, 'forecast'],
        ['2026-10-05T13:00:00.000Z', 297, 'forecast'],
      ])
    })
  })

  it('is refused when it is of another zone', async () => {
    await withSource(async ({ source, server }) => {
      server.serve('/v4/carbon-intensity/forecast', { body: { zone: 'AT', forecast: [] } })
      await assert.rejects(async () => await source.forecast?.('DE', never), isUnexpected(/zone/))
    })
  })
})

describe('direct figures of Electricity Maps', () => {
  it('are a source of their own, without a forecast', async () => {
    await withSource(async ({ source, server }) => {
      server.serve('/v4/carbon-intensity/latest', { body: { ...lone, emissionFactorType: 'direct' } })
      const [fact] = await source.latest('DE', never)
      assert.equal(server.requests[0]?.url.searchParams.get('emissionFactorType'), 'direct')
      assert.deepEqual([fact?.source, fact?.basis], ['electricity-maps-direct', 'direct'])
      assert.ok(!('forecast' in source))
    }, 'direct')
  })
})
