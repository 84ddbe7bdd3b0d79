import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { behavesLikeAKeyedSource } from '../../../test/contracts/keyed-source.ts'
import { type SourceServer, startSourceServer } from '../../../test/sources/source-server.ts'
import type { IntensityFact } from '../../intensity/fact.ts'
import { type IntensitySource, SourceError } from '../../intensity/source.ts'
import { createZoneDirectory } from '../../intensity/zone.ts'
import { instant } from '../../units.ts'
import { createWebClient } from '../web/web-client.ts'
import { parseEndpointDescription } from './endpoint-description.ts'
import { createUserEndpointSource } from './user-endpoint-source.ts'

const now = Date.parse('2026-10-05T12:20:00Z')
const never = new AbortController().signal
const at = (iso: string) => instant(Date.parse(iso))
const directory = createZoneDirectory([
  { code: 'DE', name: 'Germany' },
  { code: 'DK-DK1', name: 'West' },
])

function described(baseUrl: URL, changed: object) {
  const given = {
    url: `${baseUrl.origin}/grid?area={zone}&from={from}&to={to}`,
    items: '/data',
    from: '/from',
    to: '/to',
    value: '/grams',
    unit: 'gCO2e/kWh',
    zones: { DE: 'all of germany', 'DK-DK1': 'jutland' },
    ...changed,
  }
  const reading = parseEndpointDescription(JSON.stringify(given), directory)
  assert.ok(reading.kind === 'ok', JSON.stringify(reading))
  return reading.description
}

behavesLikeAKeyedSource('INTENSITY_ENDPOINT', {
  create: ({ httpGet, baseUrl, secret }) =>
    createUserEndpointSource({
      httpGet,
      rank: 19,
      now: () => instant(now),
      description: described(baseUrl, { url: `${baseUrl.origin}/grid?key=${encodeURIComponent(secret)}` }),
      headers: { authorization: `Bearer ${secret}` },
    }),
  zone: 'DE',
  now,
  paths: ['/grid'],
})

async function withSource(
  changed: object,
  use: (asked: { readonly source: IntensitySource; readonly server: SourceServer }) => Promise<void>,
) {
  await using server = await startSourceServer()
  const client = createWebClient()
  try {
    const source = createUserEndpointSource({
      httpGet: client.httpGet,
      rank: 19,
      now: () => instant(now),
      description: described(server.url, changed),
      headers: { 'x-key': 'abc' },
    })
    await use({ source, server })
  } finally {
    await client.close()
  }
}

const item = { from: '2026-10-05T12:00:00Z', to: '2026-10-05T13:00:00Z', grams: 250 }

async function latestOf(body: unknown, changed: object = {}): Promise<readonly IntensityFact[]> {
  let facts: readonly IntensityFact[] = []
  await withSource(changed, async ({ source, server }) => {
    server.serve('/grid', { body })
    facts = await source.latest('DE', never)
  })
  return facts
}

describe('an endpoint of a user', () => {
  it('is asked by zone and time, with its headers', async () => {
    await withSource({}, async ({ source, server }) => {
      server.serve('/grid', { body: { data: [] } })
      await source.latest('DE', never)
      await source.history('DK-DK1', { from: at('2026-10-01T00:00Z'), to: at('2026-10-06T00:00Z') }, never)
      assert.deepEqual(
        server.requests.map(({ url }) => Object.fromEntries(url.searchParams)),
        [
          { area: 'all of germany', from: '2026-10-04T12:20:00Z', to: '2026-10-05T12:20:00Z' },
          { area: 'jutland', from: '2026-10-01T00:00:00Z', to: '2026-10-05T12:20:00Z' },
        ],
      )
      assert.equal(server.requests[0]?.headers['x-key'], 'abc')
    })
  })

  it('tells facts of the signal and basis that were described', async () => {
    assert.deepEqual(await latestOf({ data: [item] }, { basis: 'direct', signal: 'marginal' }), [
      {
        zone: 'DE',
        valid: { from: at('2026-10-05T12:00:00Z'), to: at('2026-10-05T13:00:00Z') },
        intensity: 250,
        source: 'INTENSITY_ENDPOINT',
        method: { kind: 'measured' },
        signal: 'marginal',
        basis: 'direct',
        rank: 19,
        learnedAt: now,
      },
    ])
  })

  it('may give one figure instead of a list, times as seconds and values as text', async () => {
    const body = { ...item, from: 1791201600, to: '2026-10-05 13:00', grams: ' 41.5 ' }
    const [fact] = await latestOf(body, { items: '' })
    assert.deepEqual(fact?.valid, { from: at('2026-10-05T12:00:00Z'), to: at('2026-10-05T13:00:00Z') })
    assert.equal(fact?.intensity, 41.5)
  })

  it('is converted from its unit', async () => {
    assert.equal((await latestOf({ data: [item] }, { unit: 'lbCO2/MWh' }))[0]?.intensity, 113.398_092_5)
    assert.equal((await latestOf({ data: [item] }, { unit: 'kgCO2e/MWh' }))[0]?.intensity, 250)
  })

  it('has no figure where there is null, and 0 where there is 0', async () => {
    assert.deepEqual(await latestOf({ data: [{ ...item, grams: null }] }), [])
    assert.equal((await latestOf({ data: [{ ...item, grams: 0 }] }))[0]?.intensity, 0)
  })

  it('tells of the last day, and not of the future', async () => {
    const older = { ...item, from: '2026-10-04T11:00Z', to: '2026-10-04T12:00Z' }
    const later = { ...item, from: '2026-10-05T13:00Z', to: '2026-10-05T14:00Z' }
    assert.equal((await latestOf({ data: [older, item, later] })).length, 1)
  })

  it('tells what held within a time, also what is told beyond it', async () => {
    await withSource({}, async ({ source, server }) => {
      const hours = ['09', '10', '11'].map((hour, index) => ({
        from: `2026-10-05T${hour}:00Z`,
        to: `2026-10-05T${index + 10}:00Z`,
        grams: 100 + index,
      }))
      server.serve('/grid', { body: { data: hours } }, { body: { data: [{ ...hours[1], grams: 90 }] } })
      const during = { from: at('2026-10-05T10:30Z'), to: at('2026-10-05T11:00Z') }
      const intensities = async () =>
        (await source.history('DE', during, never)).map(({ intensity }) => intensity)
      assert.deepEqual(await intensities(), [101])
      assert.deepEqual(await intensities(), [90])
    })
  })

  it('has nothing that is still to come, and is not asked', async () => {
    await withSource({}, async ({ source, server }) => {
      const later = { from: at('2026-10-06T00:00Z'), to: at('2026-10-07T00:00Z') }
      assert.deepEqual(await source.history('DE', later, never), [])
      assert.equal(server.requests.length, 0)
    })
  })

  it('reads the hour that is repeated in autumn by its offsets', async () => {
    await withSource({}, async ({ source, server }) => {
      const data = [
        { from: '2025-10-26T02:00+02:00', to: '2025-10-26T02:00+01:00', grams: 1 },
        { from: '2025-10-26T02:00+01:00', to: '2025-10-26T03:00+01:00', grams: 2 },
      ]
      server.serve('/grid', { body: { data } })
      const during = { from: at('2025-10-26T00:00Z'), to: at('2025-10-26T02:00Z') }
      assert.deepEqual(
        (await source.history('DE', during, never)).map(({ valid }) => new Date(valid.from).toISOString()),
        ['2025-10-26T00:00:00.000Z', '2025-10-26T01:00:00.000Z'],
      )
    })
  })

  it('is refused by the name of the field that does not hold', async () => {
    for (const [body, field] of [
      [{}, 'items'],
      [{ data: null }, 'items'],
      [{ data: ['x'] }, 'from'],
      [{ data: [{ ...item, from: 'soon' }] }, 'from'],
      [{ data: [{ ...item, from: 1791201600000 }] }, 'from'],
      [{ data: [{ ...item, from: -1 }] }, 'from'],
      [{ data: [{ ...item, to: undefined }] }, 'to'],
      [{ data: [{ ...item, to: item.from }] }, 'to'],
      [{ data: [{ ...item, grams: undefined }] }, 'value'],
      [{ data: [{ ...item, grams: '' }] }, 'value'],
      [{ data: [{ ...item, grams: '0x10' }] }, 'value'],
      [{ data: [{ ...item, grams: -1 }] }, 'is negative'],
      [{ data: [{ ...item, grams: 2001 }] }, 'is above 2000'],
    ] as const) {
      await assert.rejects(latestOf(body), (error) => {
        assert.ok(error instanceof SourceError, String(error))
        assert.equal(error.failure.kind, 'unexpected-answer')
        assert.ok(error.message.includes(field), error.message)
        return true
      })
    }
  })
})
