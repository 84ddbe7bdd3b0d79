import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fixture } from '../../../test/sources/recorded-answer.ts'
import {
  assertOrigin,
  at,
  behavesLikeAWebSource,
  between,
  failsWith,
  never,
  told,
  withSource,
} from '../../../test/sources/source-contract.ts'
import { instant } from '../../units.ts'
import { createEco2mixSource } from './eco2mix-source.ts'

const withEco2mix = withSource.bind(undefined, createEco2mixSource)
const datasets = '/api/explore/v2.1/catalog/datasets'
const realTime = `${datasets}/eco2mix-national-tr/records`
const settled = `${datasets}/eco2mix-national-cons-def/records`

const row = (date_heure: string, taux_co2: unknown) => ({ date_heure, taux_co2 })

/** Rows `minutes` apart, with their own number as their figure. */
const rows = (start: string, minutes: number, count: number) =>
  Array.from({ length: count }, (_, index) =>
    row(new Date(at(start) + index * minutes * 60_000).toISOString().replace('.000Z', '+00:00'), index % 100),
  )

describe('RTE eCO2mix', () => {
  behavesLikeAWebSource('FR', createEco2mixSource)

  it('tells the last day, whatever the offset of its times, without rows that have no figure', async () => {
    await withEco2mix('2026-10-04T12:00Z', async ({ server, source }) => {
      server.serve(realTime, { body: fixture('rte-eco2mix/latest.json') })
      const facts = await source.latest('FR', never)
      assert.deepEqual(told(facts), [
        ['10-04T10:30', '10-04T10:45', 21, 'measured'],
        ['10-04T11:15', '10-04T11:30', 18, 'measured'],
        ['10-04T11:30', '10-04T11:45', 18, 'measured'],
        ['10-04T11:45', '10-04T12:00', 19, 'measured'],
      ])
      assertOrigin(facts, source, { zone: 'FR', learnedAt: '2026-10-04T12:00Z' })
      assert.equal(facts[0]?.basis, 'direct')
      const asked = server.requests[0]?.url.searchParams
      assert.equal(asked?.get('where'), 'taux_co2 is not null')
      assert.equal(asked?.get('order_by'), 'date_heure desc')
    })
  })

  it('has no forecast', async () => {
    await withEco2mix('2026-10-04T12:00Z', async ({ source }) => {
      assert.ok(!('forecast' in source))
    })
  })

  it('reads history page by page', async () => {
    await withEco2mix('2026-10-06T00:00Z', async ({ server, source }) => {
      const all = rows('2026-10-04T00:00Z', 15, 192)
      server.serveBy(realTime, (url) => {
        const offset = Number(url.searchParams.get('offset'))
        return { body: { total_count: all.length, results: all.slice(offset, offset + 100) } }
      })
      const facts = await source.history('FR', between('2026-10-04T00:00Z', '2026-10-06T00:00Z'), never)
      assert.equal(facts.length, 192)
      assert.deepEqual(
        server.requests.map(({ url }) => url.searchParams.get('offset')),
        ['0', '100'],
      )
      assert.equal(
        server.requests[0]?.url.searchParams.get('where'),
        "date_heure >= date'2026-10-04T00:00:00Z' and date_heure < date'2026-10-06T00:00:00Z' and taux_co2 is not null",
      )
    })
  })

  it('takes from the settled figures what lies before the real-time ones', async () => {
    await withEco2mix('2024-06-01T00:00Z', async ({ server, source }) => {
      server.serve(realTime, { body: { results: rows('2024-03-31T01:00Z', 15, 4) } })
      server.serve(settled, { body: fixture('rte-eco2mix/settled.json') })
      const facts = await source.history('FR', between('2024-03-31T00:10Z', '2024-03-31T01:20Z'), never)
      assert.deepEqual(told(facts), [
        ['03-31T00:00', '03-31T00:30', 30, 'measured'],
        ['03-31T00:30', '03-31T01:00', 29, 'measured'],
        ['03-31T01:00', '03-31T01:15', 0, 'measured'],
        ['03-31T01:15', '03-31T01:30', 1, 'measured'],
      ])
    })
  })

  it('does not look for settled figures of the last weeks', async () => {
    await withEco2mix('2026-10-06T00:00Z', async ({ server, source }) => {
      server.serve(realTime, { body: { results: [] } })
      assert.deepEqual(
        await source.history('FR', between('2026-10-04T00:00Z', '2026-10-05T00:00Z'), never),
        [],
      )
      assert.equal(server.requests.length, 1)
    })
  })

  it('tells 23 and 25 hours of the days on which clocks change', async () => {
    await withEco2mix('2026-11-01T00:00Z', async ({ server, source }) => {
      for (const [from, hours] of [
        ['2026-03-28T23:00Z', 23],
        ['2026-10-24T22:00Z', 25],
      ] as const) {
        const all = rows(from, 30, hours * 2)
        server.serve(realTime, { body: { results: all } })
        const day = { from: at(from), to: instant(at(from) + hours * 3_600_000) }
        const facts = await source.history('FR', day, never)
        assert.equal(facts.length, hours * 2)
        assert.equal(facts.at(-1)?.valid.to, day.to)
      }
    })
  })

  it('tells a correction as a new fact, learned later', async () => {
    await withEco2mix('2026-10-04T12:00Z', async ({ server, source, setNow }) => {
      const answer = (grams: number) => ({
        body: { results: [row('2026-10-04T11:45:00+00:00', grams), row('2026-10-04T11:30:00+00:00', 20)] },
      })
      server.serve(realTime, answer(19), answer(23))
      const first = await source.latest('FR', never)
      setNow('2026-10-04T12:15Z')
      const second = await source.latest('FR', never)
      assert.deepEqual([first[1]?.intensity, first[1]?.learnedAt], [19, at('2026-10-04T12:00Z')])
      assert.deepEqual([second[1]?.intensity, second[1]?.learnedAt], [23, at('2026-10-04T12:15Z')])
    })
  })

  it('refuses rows of another shape, and names the field', async () => {
    await withEco2mix('2026-10-04T12:00Z', async ({ server, source }) => {
      const bad: readonly (readonly [unknown, RegExp])[] = [
        [undefined, /results that is missing/],
        [['x'], /results\[0\] that is another text/],
        [[row('04/10/2026', 1)], /results\[0\]\.date_heure that is another text, not a time/],
        [[row('2026-10-04T12:00:00+00:00', 'ND')], /results\[0\]\.taux_co2 that is another text/],
      ]
      for (const [results, message] of bad) {
        server.serve(realTime, { body: { results } })
        await assert.rejects(source.latest('FR', never), failsWith({ kind: 'unexpected-answer' }, message))
      }
    })
  })
})
