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
import { createEliaSource } from './elia-source.ts'

const withElia = withSource.bind(undefined, createEliaSource)
const records = '/api/explore/v2.1/catalog/datasets/ods192/records'

/** Hourly rows, with their own number as their figure. */
const hourly = (start: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    datetime: new Date(at(start) + index * 3_600_000).toISOString().replace('.000Z', '+00:00'),
    consumption: index,
  }))

describe('Elia', () => {
  behavesLikeAWebSource('BE', createEliaSource)

  it('tells the figures of consumption of the last days, without nulls', async () => {
    await withElia('2026-10-04T12:00Z', async ({ server, source }) => {
      server.serve(records, { body: fixture('elia/latest.json') })
      const facts = await source.latest('BE', never)
      assert.deepEqual(told(facts), [
        ['10-03T20:00', '10-03T21:00', 150.01, 'measured'],
        ['10-03T21:00', '10-03T22:00', 138.5, 'measured'],
        ['10-03T23:00', '10-04T00:00', 141.27, 'measured'],
      ])
      assertOrigin(facts, source, { zone: 'BE', learnedAt: '2026-10-04T12:00Z' })
      const asked = server.requests[0]?.url.searchParams
      assert.equal(asked?.get('select'), 'datetime,consumption')
      assert.equal(asked?.get('order_by'), 'datetime desc')
    })
  })

  it('has no forecast', async () => {
    await withElia('2026-10-04T12:00Z', async ({ source }) => {
      assert.ok(!('forecast' in source))
    })
  })

  it('reads history month by month and page by page', async () => {
    await withElia('2026-10-04T12:00Z', async ({ server, source }) => {
      const all = hourly('2026-09-26T00:00Z', 120)
      server.serveBy(records, ({ searchParams }) => {
        const offset = Number(searchParams.get('offset'))
        const isSeptember = searchParams.get('where')?.includes("'2026-09-26") === true
        return { body: { results: isSeptember ? all.slice(offset, offset + 100) : [] } }
      })
      const facts = await source.history('BE', between('2026-09-26T00:30Z', '2026-10-01T05:00Z'), never)
      assert.equal(facts.length, 120)
      assert.deepEqual(
        server.requests.map(({ url }) => [url.searchParams.get('where'), url.searchParams.get('offset')]),
        [
          ["datetime >= date'2026-09-26T00:00:00Z' and datetime < date'2026-10-01T00:00:00Z'", '0'],
          ["datetime >= date'2026-09-26T00:00:00Z' and datetime < date'2026-10-01T00:00:00Z'", '100'],
          ["datetime >= date'2026-10-01T00:00:00Z' and datetime < date'2026-10-02T00:00:00Z'", '0'],
        ],
      )
    })
  })

  it('tells 23 and 25 hours of the days on which clocks change', async () => {
    await withElia('2026-11-01T00:00Z', async ({ server, source }) => {
      for (const [from, hours] of [
        ['2026-03-28T23:00Z', 23],
        ['2026-10-24T22:00Z', 25],
      ] as const) {
        server.serve(records, { body: { results: hourly(from, hours) } })
        const day = { from: at(from), to: instant(at(from) + hours * 3_600_000) }
        const facts = await source.history('BE', day, never)
        assert.equal(facts.length, hours)
        assert.equal(facts.at(-1)?.valid.to, day.to)
      }
    })
  })

  it('tells a correction as a new fact, learned later', async () => {
    await withElia('2026-10-04T12:00Z', async ({ server, source, setNow }) => {
      const [first, second] = hourly('2026-10-03T00:00Z', 2)
      server.serve(
        records,
        { body: { results: [first, second] } },
        { body: { results: [first, { ...second, consumption: 140 }] } },
      )
      const before = await source.latest('BE', never)
      setNow('2026-10-05T12:00Z')
      const after = await source.latest('BE', never)
      assert.deepEqual([before[1]?.intensity, before[1]?.learnedAt], [1, at('2026-10-04T12:00Z')])
      assert.deepEqual([after[1]?.intensity, after[1]?.learnedAt], [140, at('2026-10-05T12:00Z')])
    })
  })

  it('tells nothing when there are no rows', async () => {
    await withElia('2026-10-04T12:00Z', async ({ server, source }) => {
      server.serve(records, { body: { total_count: 0, results: [] } })
      assert.deepEqual(await source.latest('BE', never), [])
    })
  })

  it('refuses rows of another shape, and names the field', async () => {
    await withElia('2026-10-04T12:00Z', async ({ server, source }) => {
      const bad: readonly (readonly [unknown, RegExp])[] = [
        [{}, /results that is an object, not a list/],
        [[{ datetime: null, consumption: 1 }], /results\[0\]\.datetime that is null, not a text/],
        [[{ datetime: '2026-10-03T00:00Z' }], /results\[0\]\.consumption that is missing/],
      ]
      for (const [results, message] of bad) {
        server.serve(records, { body: { results } })
        await assert.rejects(source.latest('BE', never), failsWith({ kind: 'unexpected-answer' }, message))
      }
    })
  })
})
