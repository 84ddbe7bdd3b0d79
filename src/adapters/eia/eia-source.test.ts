import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { behavesLikeAKeyedSource } from '../../../test/contracts/keyed-source.ts'
import { type SourceServer, startSourceServer } from '../../../test/sources/source-server.ts'
import type { IntensityFact } from '../../intensity/fact.ts'
import type { IntensitySource } from '../../intensity/source.ts'
import { type Instant, instant } from '../../units.ts'
import { readEmissionFactors } from '../emission-factors/emission-factors.ts'
import { createWebClient } from '../web/web-client.ts'
import { createEiaSource } from './eia-source.ts'

const hour = 3_600_000
const now = Date.parse('2026-10-05T12:20:00Z')
const never = new AbortController().signal
const at = (iso: string) => instant(Date.parse(iso))
const factors = readEmissionFactors('ar5-2014')
const path = '/v2/electricity/rto/fuel-type-data/data/'

behavesLikeAKeyedSource('eia', {
  create: ({ httpGet, baseUrl, secret }) =>
    createEiaSource({
      httpGet,
      rank: 22,
      now: () => instant(now),
      apiKey: secret,
      factors,
      baseUrl: new URL('v2', baseUrl),
    }),
  zone: 'US-NW-PGE',
  now,
  paths: [path],
})

async function withSource(
  use: (asked: { readonly source: IntensitySource; readonly server: SourceServer }) => Promise<void>,
) {
  await using server = await startSourceServer()
  const client = createWebClient()
  try {
    const source = createEiaSource({
      httpGet: client.httpGet,
      rank: 22,
      now: () => instant(now),
      apiKey: 'key',
      factors,
      baseUrl: new URL('v2', server.url),
    })
    await use({ source, server })
  } finally {
    await client.close()
  }
}

type Row = Readonly<Record<string, unknown>>

/** What PGE generated in each hour from `from` on. */
function rows(fueltype: string, from: Instant, amounts: readonly (number | null)[]): readonly Row[] {
  return amounts.map((value, index) => ({
    period: new Date(from + (index + 1) * hour).toISOString().slice(0, 13),
    respondent: 'PGE',
    fueltype,
    value,
    'value-units': 'megawatthours',
  }))
}

const constant = (count: number, amount: number) => Array.from({ length: count }, () => amount)
const answer = (data: readonly Row[]) => ({ body: { response: { total: String(data.length), data } } })
const figures = (facts: readonly IntensityFact[]) =>
  facts.map(({ valid, intensity }) => [new Date(valid.from).toISOString().slice(5, 16), intensity])

describe('the history of EIA', () => {
  const dayBefore = at('2026-10-03T13:00Z')
  const during = { from: at('2026-10-04T13:00Z'), to: at('2026-10-04T15:00Z') }

  it('is what each fuel generated times its emission factor', async () => {
    await withSource(async ({ source, server }) => {
      const gas = rows('NG', dayBefore, [...constant(25, 400), 200])
      const wind = rows('WND', dayBefore, constant(26, 100))
      const battery = rows('BAT', dayBefore, constant(26, 50))
      server.serve(path, answer([...gas, ...wind, ...battery]))
      const facts = await source.history('US-NW-PGE', during, never)
      assert.deepEqual(figures(facts), [
        ['10-04T13:00', (400 * 490 + 100 * 11) / 500],
        ['10-04T14:00', (200 * 490 + 100 * 11) / 300],
      ])
      assert.deepEqual(facts[0], {
        zone: 'US-NW-PGE',
        valid: { from: at('2026-10-04T13:00Z'), to: at('2026-10-04T14:00Z') },
        intensity: 394.2,
        source: 'eia',
        method: { kind: 'estimated', detail: 'production mix x ar5-2014' },
        signal: 'average',
        basis: 'lifecycle',
        rank: 22,
        learnedAt: now,
      })
    })
  })

  it('is asked for by respondent, with the day before, ten days at once', async () => {
    await withSource(async ({ source, server }) => {
      server.serve(path, answer([]))
      const days = { from: at('2026-09-11T00:30Z'), to: at('2026-09-25T00:00Z') }
      assert.deepEqual(await source.history('US-NW-PGE', days, never), [])
      assert.deepEqual(
        server.requests.map(({ url }) => Object.fromEntries(url.searchParams)),
        [
          ['2026-09-10T00', '2026-09-20T00'],
          ['2026-09-20T00', '2026-09-25T00'],
        ].map(([start, end]) => ({
          api_key: 'key',
          frequency: 'hourly',
          'data[0]': 'value',
          'facets[respondent][]': 'PGE',
          start,
          end,
          'sort[0][column]': 'period',
          'sort[0][direction]': 'asc',
          offset: '0',
          length: '5000',
        })),
      )
    })
  })

  it('is read page by page', async () => {
    await withSource(async ({ source, server }) => {
      const gas = rows('NG', dayBefore, constant(26, 400))
      server.serveBy(path, ({ searchParams }) => {
        const offset = Number(searchParams.get('offset'))
        return answer(offset === 0 ? Array.from({ length: 5000 }, () => gas[0] ?? {}) : gas)
      })
      assert.equal((await source.history('US-NW-PGE', during, never)).length, 2)
      assert.deepEqual(
        server.requests.map(({ url }) => url.searchParams.get('offset')),
        ['0', '5000'],
      )
    })
  })

  it('has 25 hours on the day on which clocks are put back, and 23 in spring', async () => {
    await withSource(async ({ source, server }) => {
      for (const [from, to, hours] of [
        ['2025-11-02T00:00-07:00', '2025-11-03T00:00-08:00', 25],
        ['2026-03-08T00:00-08:00', '2026-03-09T00:00-07:00', 23],
      ] as const) {
        server.serve(path, answer(rows('NG', instant(at(from) - 24 * hour), constant(24 + hours, 1))))
        const facts = await source.history('US-NW-PGE', { from: at(from), to: at(to) }, never)
        assert.equal(facts.length, hours)
        assert.equal(facts[0]?.valid.from, at(from))
        assert.equal(facts.at(-1)?.valid.to, at(to))
      }
    })
  })

  it('has nothing that is still to come, and asks for none', async () => {
    await withSource(async ({ source, server }) => {
      const later = { from: at('2026-10-06T00:00Z'), to: at('2026-10-07T00:00Z') }
      assert.deepEqual(await source.history('US-NW-PGE', later, never), [])
      assert.equal(server.requests.length, 0)
    })
  })
})

describe('the latest of EIA', () => {
  it('leaves out an hour of which a usual fuel is null, until that comes in late', async () => {
    await withSource(async ({ source, server }) => {
      const threeDaysBefore = at('2026-10-02T12:00Z')
      const served = (lastOfGas: number | null) =>
        answer([
          ...rows('NG', threeDaysBefore, [...constant(59, 100), lastOfGas]),
          ...rows('WND', threeDaysBefore, constant(60, 100)),
        ])
      server.serve(path, served(null), served(300))
      assert.deepEqual(figures(await source.latest('US-NW-PGE', never)).at(-1), ['10-04T22:00', 250.5])
      assert.deepEqual(figures(await source.latest('US-NW-PGE', never)).at(-1), ['10-04T23:00', 370.25])
    })
  })
})
