import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { behavesLikeAKeyedSource } from '../../../test/contracts/keyed-source.ts'
import { type SourceServer, startSourceServer } from '../../../test/sources/source-server.ts'
import type { IntensityFact } from '../../intensity/fact.ts'
import { type IntensitySource, SourceError } from '../../intensity/source.ts'
import { type Instant, instant } from '../../units.ts'
import { readEmissionFactors } from '../emission-factors/emission-factors.ts'
import { createWebClient } from '../web/web-client.ts'
import { createEntsoeSource } from './entsoe-source.ts'

const hour = 3_600_000
const now = Date.parse('2026-10-05T12:20:00Z')
const never = new AbortController().signal
const at = (iso: string) => instant(Date.parse(iso))
const factors = readEmissionFactors('ar5-2014')

behavesLikeAKeyedSource('entsoe', {
  create: ({ httpGet, baseUrl, secret }) =>
    createEntsoeSource({
      httpGet,
      rank: 21,
      now: () => instant(now),
      securityToken: secret,
      factors,
      baseUrl,
    }),
  zone: 'FI',
  now,
  paths: ['/api'],
})

async function withSource(
  use: (asked: { readonly source: IntensitySource; readonly server: SourceServer }) => Promise<void>,
) {
  await using server = await startSourceServer()
  const client = createWebClient()
  try {
    const source = createEntsoeSource({
      httpGet: client.httpGet,
      rank: 21,
      now: () => instant(now),
      securityToken: 'key',
      factors,
      baseUrl: server.url,
    })
    await use({ source, server })
  } finally {
    await client.close()
  }
}

type Series = {
  readonly type: string
  readonly from: Instant
  /** Megawatts of each hour. */
  readonly hours: readonly number[]
}

const iso = (time: number) => `${new Date(time).toISOString().slice(0, 16)}Z`

/** What Finland generated, as the platform writes it. */
function document(all: readonly Series[]): string {
  const series = all.map(({ type, from, hours }) => {
    const points = hours.map((quantity, index) =>
      quantity === hours[index - 1]
        ? ''
        : `<Point><position>${index + 1}</position><quantity>${quantity}</quantity></Point>`,
    )
    return `<TimeSeries><inBiddingZone_Domain.mRID codingScheme="A01">10YFI-1--------U</inBiddingZone_Domain.mRID>
      <quantity_Measure_Unit.name>MAW</quantity_Measure_Unit.name><curveType>A03</curveType>
      <MktPSRType><psrType>${type}</psrType></MktPSRType>
      <Period><timeInterval><start>${iso(from)}</start><end>${iso(from + hours.length * hour)}</end></timeInterval>
      <resolution>PT60M</resolution>${points.join('')}</Period></TimeSeries>`
  })
  return `<?xml version="1.0" encoding="UTF-8"?><GL_MarketDocument><type>A75</type>${series.join('')}</GL_MarketDocument>`
}

const constant = (type: string, from: Instant, count: number, megawatts: number): Series => ({
  type,
  from,
  hours: Array.from({ length: count }, () => megawatts),
})

const figures = (facts: readonly IntensityFact[]) =>
  facts.map(({ valid, intensity }) => [iso(valid.from).slice(5), intensity])

const dayBefore = at('2026-10-03T13:00Z')
const fixture = (name: string) =>
  readFileSync(new URL(`../../../test/fixtures/entsoe/${name}`, import.meta.url), 'utf8')

describe('the history of ENTSO-E', () => {
  const during = { from: at('2026-10-04T13:00Z'), to: at('2026-10-04T15:00Z') }

  it('is what each type generated times its emission factor', async () => {
    await withSource(async ({ source, server }) => {
      const body = document([
        constant('B14', dayBefore, 26, 3000),
        { type: 'B05', from: dayBefore, hours: [...Array.from({ length: 25 }, () => 1000), 500] },
      ])
      server.serve('/api', { body, headers: { 'content-type': 'text/xml' } })
      const facts = await source.history('FI', during, never)
      assert.deepEqual(figures(facts), [
        ['10-04T13:00Z', (3000 * 12 + 1000 * 820) / 4000],
        ['10-04T14:00Z', (3000 * 12 + 500 * 820) / 3500],
      ])
      assert.deepEqual(facts[0], {
        zone: 'FI',
        valid: { from: at('2026-10-04T13:00Z'), to: at('2026-10-04T14:00Z') },
        intensity: 214,
        source: 'entsoe',
        method: { kind: 'estimated', detail: 'production mix x ar5-2014' },
        signal: 'average',
        basis: 'lifecycle',
        rank: 21,
        learnedAt: now,
      })
    })
  })

  it('is asked for by area, with the day before, in weeks', async () => {
    await withSource(async ({ source, server }) => {
      server.serve('/api', { body: fixture('no-matching-data.xml') })
      await source.history('FI', { from: at('2026-09-20T00:30Z'), to: at('2026-09-30T00:00Z') }, never)
      assert.deepEqual(
        server.requests.map(({ url }) => Object.fromEntries(url.searchParams)),
        [
          ['202609190000', '202609260000'],
          ['202609260000', '202609300000'],
        ].map(([periodStart, periodEnd]) => ({
          securityToken: 'key',
          documentType: 'A75',
          processType: 'A16',
          in_Domain: '10YFI-1--------U',
          periodStart,
          periodEnd,
        })),
      )
    })
  })

  it('is none where the platform has none, with status 200 or 400', async () => {
    await withSource(async ({ source, server }) => {
      for (const status of [200, 400]) {
        server.serve('/api', { status, body: fixture('no-matching-data.xml') })
        assert.deepEqual(await source.history('FI', during, never), [])
      }
    })
  })

  it('is refused with a wrong security token', async () => {
    await withSource(async ({ source, server }) => {
      for (const status of [200, 400, 401]) {
        server.serve('/api', { status, body: fixture('unauthorized.xml') })
        await assert.rejects(source.history('FI', during, never), (error) => {
          assert.ok(error instanceof SourceError)
          assert.deepEqual(error.failure, { kind: 'refused' })
          return true
        })
      }
    })
  })

  it('is unexpected when the request is rejected for another reason', async () => {
    await withSource(async ({ source, server }) => {
      const body = fixture('no-matching-data.xml').replace('No matching data found', 'Exceeds the limit')
      for (const answer of [{ body }, { status: 400, body }, { status: 400, body: '<html></html>' }]) {
        server.serve('/api', answer)
        await assert.rejects(source.history('FI', during, never), (error) => {
          assert.ok(error instanceof SourceError)
          assert.deepEqual(error.failure, { kind: 'unexpected-answer' })
          return true
        })
      }
    })
  })

  it('is shut out for ten minutes when it was asked too often and is not told how long', async () => {
    await withSource(async ({ source, server }) => {
      server.serve('/api', { status: 429, body: '<html>Too many requests</html>' })
      await assert.rejects(source.history('FI', during, never), (error) => {
        assert.ok(error instanceof SourceError)
        assert.deepEqual(error.failure, { kind: 'rate-limited', retryAfterSeconds: 600 })
        return true
      })
    })
  })

  it('has 25 hours on the day on which clocks are put back, and 23 in spring', async () => {
    await withSource(async ({ source, server }) => {
      for (const [from, to, hours] of [
        ['2025-10-26T00:00+03:00', '2025-10-27T00:00+02:00', 25],
        ['2026-03-29T00:00+02:00', '2026-03-30T00:00+03:00', 23],
      ] as const) {
        server.serve('/api', {
          body: document([constant('B14', instant(at(from) - 24 * hour), 24 + hours, 100)]),
        })
        const facts = await source.history('FI', { from: at(from), to: at(to) }, never)
        assert.equal(facts.length, hours)
        assert.equal(facts[0]?.valid.from, at(from))
        assert.equal(facts.at(-1)?.valid.to, at(to))
      }
    })
  })

  it('is told again with what was corrected', async () => {
    await withSource(async ({ source, server }) => {
      const served = (coal: number) => ({
        body: document([constant('B14', dayBefore, 26, 100), constant('B05', dayBefore, 26, coal)]),
      })
      server.serve('/api', served(100), served(300))
      assert.equal((await source.history('FI', during, never))[0]?.intensity, 416)
      assert.equal((await source.history('FI', during, never))[0]?.intensity, 618)
    })
  })

  it('has nothing that is still to come, and asks for none', async () => {
    await withSource(async ({ source, server }) => {
      const later = { from: at('2026-10-06T00:00Z'), to: at('2026-10-07T00:00Z') }
      assert.deepEqual(await source.history('FI', later, never), [])
      assert.equal(server.requests.length, 0)
    })
  })
})

describe('the latest of ENTSO-E', () => {
  const twoDaysBefore = at('2026-10-03T12:00Z')

  it('ends before the first interval of which a usual type is missing', async () => {
    await withSource(async ({ source, server }) => {
      server.serve('/api', {
        body: document([
          constant('B14', twoDaysBefore, 46, 100),
          constant('B05', twoDaysBefore, 44, 100),
          constant('B20', twoDaysBefore, 45, 100),
        ]),
      })
      const facts = await source.latest('FI', never)
      assert.equal(facts.length, 20)
      assert.equal(facts.at(-1)?.valid.to, at('2026-10-05T08:00Z'))
      assert.ok(facts.every(({ intensity }) => intensity === (12 + 820 + 700) / 3))
    })
  })

  it('counts an interval once its last usual type has come in late', async () => {
    await withSource(async ({ source, server }) => {
      const served = (hoursOfCoal: number) => ({
        body: document([
          constant('B14', twoDaysBefore, 46, 100),
          constant('B05', twoDaysBefore, hoursOfCoal, 100),
        ]),
      })
      server.serve('/api', served(44), served(46))
      assert.equal((await source.latest('FI', never)).at(-1)?.valid.to, at('2026-10-05T08:00Z'))
      assert.equal((await source.latest('FI', never)).at(-1)?.valid.to, at('2026-10-05T10:00Z'))
    })
  })

  it('does not wait for a type that is not usual, and has no interval that has not ended', async () => {
    await withSource(async ({ source, server }) => {
      server.serve('/api', {
        body: document([
          constant('B14', twoDaysBefore, 49, 100),
          constant('B16', at('2026-10-05T06:00Z'), 3, 100),
        ]),
      })
      assert.deepEqual(figures(await source.latest('FI', never)).slice(-7), [
        ['10-05T05:00Z', 12],
        ['10-05T06:00Z', 30],
        ['10-05T07:00Z', 30],
        ['10-05T08:00Z', 30],
        ['10-05T09:00Z', 12],
        ['10-05T10:00Z', 12],
        ['10-05T11:00Z', 12],
      ])
    })
  })

  it('says that imports are not counted', async () => {
    await withSource(async ({ source }) => assert.match(source.about.name, /imports not counted/))
  })
})
