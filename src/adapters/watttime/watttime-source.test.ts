import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { behavesLikeAKeyedSource } from '../../../test/contracts/keyed-source.ts'
import {
  type ServedAnswer,
  type SourceServer,
  startSourceServer,
} from '../../../test/sources/source-server.ts'
import type { IntensityFact } from '../../intensity/fact.ts'
import { type IntensitySource, SourceError, type SourceFailure } from '../../intensity/source.ts'
import { instant } from '../../units.ts'
import { createWebClient } from '../web/web-client.ts'
import { createWattTimeSource } from './watttime-source.ts'

const start = Date.parse('2026-10-05T12:20:00Z')
const never = new AbortController().signal
const at = (iso: string) => instant(Date.parse(iso))
const zone = 'US-CAL-CISO'
const historical = '/v3/historical'

behavesLikeAKeyedSource('watttime', {
  create: ({ httpGet, baseUrl, secret }) =>
    createWattTimeSource({
      httpGet,
      rank: 23,
      now: () => instant(start),
      username: secret,
      password: `${secret}!`,
      baseUrl,
    }),
  zone,
  now: start,
  paths: [historical, '/v3/forecast'],
  prepare: (server) => server.serve('/login', { body: { token: 'planted' } }),
})

behavesLikeAKeyedSource('watttime, when it fails to log in,', {
  create: ({ httpGet, baseUrl, secret }) =>
    createWattTimeSource({
      httpGet,
      rank: 23,
      now: () => instant(start),
      username: secret,
      password: secret,
      baseUrl,
    }),
  zone,
  now: start,
  paths: ['/login'],
})

type Asked = {
  readonly source: IntensitySource
  readonly server: SourceServer
  readonly clock: { now: number }
}

async function withSource(use: (asked: Asked) => Promise<void>, regions?: ReadonlyMap<string, string>) {
  await using server = await startSourceServer()
  const client = createWebClient()
  const clock = { now: start }
  try {
    server.serve('/login', { body: { token: 'first' } }, { body: { token: 'second' } })
    const source = createWattTimeSource({
      httpGet: client.httpGet,
      rank: 23,
      now: () => instant(clock.now),
      username: 'user',
      password: 'pass:wörd',
      baseUrl: server.url,
      ...(regions === undefined ? {} : { regions }),
    })
    await use({ source, server, clock })
  } finally {
    await client.close()
  }
}

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../test/fixtures/watttime/v3/${name}`, import.meta.url), 'utf8'))

/** A point every five minutes of what is asked for, both ends included, as the service does it. */
function everyFiveMinutes(url: URL, valueAt: (time: number) => number | null): ServedAnswer {
  const [from, to] = ['start', 'end'].map((name) => Date.parse(url.searchParams.get(name) ?? ''))
  const data: { point_time: string; value: number | null }[] = []
  for (let time = from ?? 0; time <= (to ?? 0); time += 300_000) {
    data.push({ point_time: new Date(time).toISOString(), value: valueAt(time) })
  }
  const region = url.searchParams.get('region')
  const units = 'lbs_co2_per_mwh'
  return { body: { data, meta: { data_point_period_seconds: 300, region, signal_type: 'co2_moer', units } } }
}

const figures = (facts: readonly IntensityFact[]) =>
  facts.map(({ valid, intensity, method }) => [
    new Date(valid.from).toISOString().slice(11, 16),
    intensity,
    method.kind,
  ])

const failsAs = (failure: SourceFailure) => (error: unknown) => {
  assert.ok(error instanceof SourceError, String(error))
  assert.deepEqual(error.failure, failure)
  return true
}

describe('the marginal emissions of WattTime', () => {
  it('are direct and marginal, and no average', async () => {
    await withSource(async ({ source, server }) => {
      server.serve(historical, { body: fixture('historical.json') })
      assert.deepEqual((await source.latest(zone, never))[0], {
        zone,
        valid: { from: at('2026-10-05T11:00:00Z'), to: at('2026-10-05T11:05:00Z') },
        intensity: 453.592_37,
        source: 'watttime',
        method: { kind: 'estimated', detail: 'co2_moer 2026-03-01' },
        signal: 'marginal',
        basis: 'direct',
        rank: 23,
        learnedAt: start,
      })
    })
  })

  it('are asked for by region, of which an account without a plan has one', async () => {
    await withSource(async ({ source, server }) => {
      server.serve(historical, { body: fixture('historical.json') })
      await source.latest(zone, never)
      assert.deepEqual(source.zones(), [zone])
      assert.deepEqual(Object.fromEntries(server.requests[1]?.url.searchParams ?? []), {
        region: 'CAISO_NORTH',
        signal_type: 'co2_moer',
        start: '2026-10-05T09:00:00.000Z',
        end: '2026-10-05T12:20:00.000Z',
      })
    })
  })

  it('may be asked for of other regions', async () => {
    await withSource(
      async ({ source, server }) => {
        server.serveBy(historical, (url) => everyFiveMinutes(url, () => 1000))
        assert.ok((await source.latest('US-TEX-ERCO', never)).length > 20)
        assert.equal(server.requests[1]?.url.searchParams.get('region'), 'ERCOT_NORTHCENTRAL')
      },
      new Map([['US-TEX-ERCO', 'ERCOT_NORTHCENTRAL']]),
    )
  })

  it('are told of the past in pieces of 30 days, each point once', async () => {
    await withSource(async ({ source, server }) => {
      server.serveBy(historical, (url) => everyFiveMinutes(url, () => 1000))
      const during = { from: at('2026-08-01T00:00Z'), to: at('2026-09-02T00:00Z') }
      const facts = await source.history(zone, during, never)
      assert.equal(facts.length, 32 * 288)
      assert.equal(new Set(facts.map(({ valid }) => valid.from)).size, 32 * 288)
      assert.equal(server.requests.filter(({ url }) => url.pathname === historical).length, 2)
    })
  })

  it('have 25 hours on the day on which clocks are put back, and 23 in spring', async () => {
    await withSource(async ({ source, server }) => {
      server.serveBy(historical, (url) => everyFiveMinutes(url, () => 1000))
      for (const [from, to, hours] of [
        ['2025-11-02T00:00-07:00', '2025-11-03T00:00-08:00', 25],
        ['2026-03-08T00:00-08:00', '2026-03-09T00:00-07:00', 23],
      ] as const) {
        const facts = await source.history(zone, { from: at(from), to: at(to) }, never)
        assert.equal(facts.length, hours * 12)
        assert.equal(facts.at(-1)?.valid.to, at(to))
      }
    })
  })

  it('are told again with what was corrected', async () => {
    await withSource(async ({ source, server }) => {
      const during = { from: at('2026-10-05T11:00Z'), to: at('2026-10-05T11:05Z') }
      let value = 1000
      server.serveBy(historical, (url) => everyFiveMinutes(url, () => value))
      assert.equal((await source.history(zone, during, never))[0]?.intensity, 453.592_37)
      value = 2000
      assert.equal((await source.history(zone, during, never))[0]?.intensity, 907.184_74)
    })
  })

  it('are forecast from the moment that is under way', async () => {
    await withSource(async ({ source, server }) => {
      server.serve('/v3/forecast', { body: fixture('forecast.json') })
      assert.deepEqual(figures((await source.forecast?.(zone, never)) ?? []), [
        ['12:20', 453.592_37, 'forecast'],
        ['12:25', 226.796_185, 'forecast'],
      ])
      assert.equal(server.requests[1]?.url.searchParams.get('horizon_hours'), '72')
    })
  })

  it('may be none, also for what is still to come', async () => {
    await withSource(async ({ source, server }) => {
      server.serveBy(historical, (url) => everyFiveMinutes(url, () => null))
      assert.deepEqual(await source.latest(zone, never), [])
      const later = { from: at('2026-10-06T00:00Z'), to: at('2026-10-07T00:00Z') }
      assert.deepEqual(await source.history(zone, later, never), [])
      assert.equal(server.requests.length, 2)
    })
  })
})

describe('the service that tells 0 for everything', () => {
  it('is refused', async () => {
    await withSource(async ({ source, server }) => {
      server.serveBy(historical, (url) => everyFiveMinutes(url, () => 0))
      await assert.rejects(source.latest(zone, never), failsAs({ kind: 'unexpected-answer' }))
    })
  })

  it('is found out by the hours around what was asked for', async () => {
    await withSource(async ({ source, server }) => {
      server.serveBy(historical, (url) =>
        everyFiveMinutes(url, (time) => (time < at('2026-10-05T10:00Z') ? 900 : 0)),
      )
      const during = { from: at('2026-10-05T10:30Z'), to: at('2026-10-05T10:40Z') }
      assert.deepEqual(await source.history(zone, during, never), [])
    })
  })

  it('is believed that the margin was free of emissions for less than an hour', async () => {
    await withSource(async ({ source, server }) => {
      const [from, to] = [at('2026-10-05T10:30Z'), at('2026-10-05T10:40Z')]
      server.serveBy(historical, (url) =>
        everyFiveMinutes(url, (time) => (time < from || time >= to ? 1000 : 0)),
      )
      assert.deepEqual(figures(await source.history(zone, { from, to }, never)), [
        ['10:30', 0, 'estimated'],
        ['10:35', 0, 'estimated'],
      ])
    })
  })
})

describe('a session with WattTime', () => {
  const authorizations = (server: SourceServer) =>
    server.requests.map(({ url, headers }) => [url.pathname, headers.authorization])
  const basic = `Basic ${Buffer.from('user:pass:wörd').toString('base64')}`

  it('logs in once, and again when the token has grown old', async () => {
    await withSource(async ({ source, server, clock }) => {
      server.serve(historical, { body: fixture('historical.json') })
      await source.latest(zone, never)
      await source.latest(zone, never)
      clock.now += 29 * 60_000
      await source.latest(zone, never)
      assert.deepEqual(authorizations(server), [
        ['/login', basic],
        [historical, 'Bearer first'],
        [historical, 'Bearer first'],
        ['/login', basic],
        [historical, 'Bearer second'],
      ])
    })
  })

  it('logs in again when a token is refused before its time', async () => {
    await withSource(async ({ source, server }) => {
      const body = fixture('historical.json')
      server.serve(historical, { body }, { status: 401 }, { body })
      await source.latest(zone, never)
      assert.ok((await source.latest(zone, never)).length > 0)
      assert.deepEqual(authorizations(server).slice(2), [
        [historical, 'Bearer first'],
        ['/login', basic],
        [historical, 'Bearer second'],
      ])
    })
  })

  it('is refused when the token is refused as soon as it was given', async () => {
    await withSource(async ({ source, server }) => {
      server.serve(historical, { status: 401 })
      await assert.rejects(source.latest(zone, never), failsAs({ kind: 'refused' }))
      assert.equal(server.requests.length, 2)
    })
  })

  it('is refused for a region that is not in the plan', async () => {
    await withSource(async ({ source, server }) => {
      server.serve(historical, { status: 403, body: { message: 'upgrade to access this region' } })
      await assert.rejects(source.latest(zone, never), failsAs({ kind: 'refused' }))
    })
  })

  it('takes no token that cannot stand in a header', async () => {
    await withSource(async ({ source, server }) => {
      server.serve('/login', { body: { token: 'two\r\nlines' } })
      await assert.rejects(source.latest(zone, never), failsAs({ kind: 'unexpected-answer' }))
    })
  })
})
