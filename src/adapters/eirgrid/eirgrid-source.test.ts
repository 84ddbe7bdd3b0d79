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
import type { IntensityFact } from '../../intensity/fact.ts'
import { createEirGridSource } from './eirgrid-source.ts'

const withEirGrid = withSource.bind(undefined, createEirGridSource)
const chart = '/api/chart/'

const row = (EffectiveTime: string, Value: unknown, FieldName = 'CO2_INTENSITY', Region = 'ROI') => ({
  EffectiveTime,
  FieldName,
  Region,
  Value,
})

/** The quarters of the given hours of a day as the clocks show them, with their own number as their figure. */
const quarters = (day: string, hours: readonly number[]) =>
  hours
    .flatMap((hour) => ['00', '15', '30', '45'].map((minute) => `${String(hour).padStart(2, '0')}:${minute}`))
    .map((time, index) => row(`${day} ${time}:00`, index))

const upTo = (hours: number) => Array.from({ length: hours }, (_, hour) => hour)

/** Each fact begins where the one before it ends. */
function assertWithoutGap(facts: readonly IntensityFact[]) {
  for (const [index, { valid }] of facts.entries()) {
    assert.equal(valid.from, facts[index - 1]?.valid.to ?? valid.from)
  }
}

describe('EirGrid', () => {
  behavesLikeAWebSource('IE', createEirGridSource)

  it('tells what was measured in UTC, and what was expected since', async () => {
    await withEirGrid('2026-10-05T11:40Z', async ({ server, source }) => {
      server.serve(chart, { body: fixture('eirgrid/day.json') })
      const facts = await source.latest('IE', never)
      assert.deepEqual(told(facts), [
        ['10-05T11:00', '10-05T11:15', 149, 'measured'],
        ['10-05T11:15', '10-05T11:30', 151, 'measured'],
        ['10-05T11:30', '10-05T11:45', 162, 'forecast'],
      ])
      assertOrigin(facts, source, { zone: 'IE', learnedAt: '2026-10-05T11:40Z' })
      assert.deepEqual(Object.fromEntries(server.requests[0]?.url.searchParams ?? []), {
        region: 'ROI',
        chartType: 'co2',
        dateRange: 'day',
        dateFrom: '05-Oct-2026',
        dateTo: '05-Oct-2026',
        areas: 'co2intensity,co2intensityforecast',
      })
    })
  })

  it('expects from now on, today and tomorrow', async () => {
    await withEirGrid('2026-10-05T11:40Z', async ({ server, source }) => {
      server.serve(chart, { body: fixture('eirgrid/day.json') }, { body: { Rows: [] } })
      assert.deepEqual(told((await source.forecast?.('IE', never)) ?? []), [
        ['10-05T11:30', '10-05T11:45', 162, 'forecast'],
        ['10-05T13:00', '10-05T13:15', 170, 'forecast'],
      ])
      assert.deepEqual(
        server.requests.map(({ url }) => url.searchParams.get('dateFrom')),
        ['05-Oct-2026', '06-Oct-2026'],
      )
    })
  })

  it('asks for yesterday too while nothing of today can be measured yet', async () => {
    await withEirGrid('2026-10-05T00:30Z', async ({ server, source }) => {
      server.serve(
        chart,
        { body: { Rows: quarters('04-Oct-2026', upTo(24)) } },
        { body: { Rows: [row('05-Oct-2026 00:00:00', 200), row('05-Oct-2026 00:15:00', null)] } },
      )
      const facts = await source.latest('IE', never)
      assert.deepEqual(told(facts).slice(-2), [
        ['10-04T22:45', '10-04T23:00', 95, 'measured'],
        ['10-04T23:00', '10-04T23:15', 200, 'measured'],
      ])
      assert.deepEqual(
        server.requests.map(({ url }) => url.searchParams.get('dateFrom')),
        ['04-Oct-2026', '05-Oct-2026'],
      )
    })
  })

  it('tells the 23 hours of the day on which clocks go forward', async () => {
    await withEirGrid('2026-04-01T00:00Z', async ({ server, source }) => {
      const shown = [0, ...upTo(24).slice(2)]
      server.serve(chart, { body: { Rows: quarters('29-Mar-2026', shown) } })
      const day = between('2026-03-29T00:00Z', '2026-03-29T23:00Z')
      const facts = await source.history('IE', day, never)
      assert.equal(server.requests.length, 1)
      assert.equal(facts.length, 92)
      assert.deepEqual([facts[0]?.valid.from, facts.at(-1)?.valid.to], [day.from, day.to])
      assertWithoutGap(facts)
    })
  })

  it('leaves out rows for the hour that the clocks leave out', async () => {
    await withEirGrid('2026-04-01T00:00Z', async ({ server, source }) => {
      server.serve(chart, { body: { Rows: quarters('29-Mar-2026', upTo(24)) } })
      const facts = await source.history('IE', between('2026-03-29T00:45Z', '2026-03-29T01:15Z'), never)
      assert.deepEqual(told(facts), [
        ['03-29T00:45', '03-29T01:00', 3, 'measured'],
        ['03-29T01:00', '03-29T01:15', 8, 'measured'],
      ])
    })
  })

  it('tells the 25 hours of the day on which clocks go back, by the order of its rows', async () => {
    await withEirGrid('2026-11-01T00:00Z', async ({ server, source }) => {
      const shown = [0, 1, ...upTo(24).slice(1)]
      server.serve(chart, { body: { Rows: quarters('25-Oct-2026', shown) } })
      const day = between('2026-10-24T23:00Z', '2026-10-26T00:00Z')
      const facts = await source.history('IE', day, never)
      assert.equal(facts.length, 100)
      assert.deepEqual([facts[0]?.valid.from, facts.at(-1)?.valid.to], [day.from, day.to])
      assertWithoutGap(facts)
      assert.deepEqual(
        facts.map(({ intensity }) => Number(intensity)),
        facts.map((_, index) => index),
      )
    })
  })

  it('takes the repeated hour for its first pass when it is told only once, and leaves a gap', async () => {
    await withEirGrid('2026-11-01T00:00Z', async ({ server, source }) => {
      server.serve(chart, { body: { Rows: quarters('25-Oct-2026', upTo(24)) } })
      const facts = await source.history('IE', between('2026-10-25T00:30Z', '2026-10-25T02:15Z'), never)
      assert.deepEqual(told(facts), [
        ['10-25T00:30', '10-25T00:45', 6, 'measured'],
        ['10-25T00:45', '10-25T01:00', 7, 'measured'],
        ['10-25T02:00', '10-25T02:15', 8, 'measured'],
      ])
    })
  })

  it('tells a correction as a new fact, learned later', async () => {
    await withEirGrid('2026-10-05T11:40Z', async ({ server, source, setNow }) => {
      const answer = (grams: number) => ({
        body: { Rows: [row('05-Oct-2026 12:00:00', grams), row('05-Oct-2026 12:15:00', 151)] },
      })
      server.serve(chart, answer(149), answer(147))
      const [first] = await source.latest('IE', never)
      setNow('2026-10-05T12:40Z')
      const [second] = await source.latest('IE', never)
      assert.deepEqual([first?.intensity, first?.learnedAt], [149, at('2026-10-05T11:40Z')])
      assert.deepEqual([second?.intensity, second?.learnedAt], [147, at('2026-10-05T12:40Z')])
    })
  })

  it('tells nothing when there are no rows', async () => {
    await withEirGrid('2026-10-05T11:40Z', async ({ server, source }) => {
      server.serve(chart, { body: { Rows: [] } })
      assert.deepEqual(await source.latest('IE', never), [])
    })
  })

  it('refuses rows of another region or shape, and names the field', async () => {
    await withEirGrid('2026-10-05T11:40Z', async ({ server, source }) => {
      const time = '05-Oct-2026 12:00:00'
      const bad: readonly (readonly [unknown, RegExp])[] = [
        [null, /Rows that is null, not a list/],
        [[row(time, 1, 'CO2_INTENSITY', 'NI')], /Rows\[0\]\.Region that is another text, not ROI/],
        [[row(time, 1, 'SYSTEM_DEMAND')], /Rows\[0\]\.FieldName that is another text, not a CO2 intensity/],
        [[row('2026-10-05 12:00', 1)], /Rows\[0\]\.EffectiveTime that is another text, not a time/],
        [[row('05-Okt-2026 12:00:00', 1)], /Rows\[0\]\.EffectiveTime/],
        [[row('31-Sep-2026 12:00:00', 1)], /Rows\[0\]\.EffectiveTime/],
        [[row(time, '149')], /Rows\[0\]\.Value that is another text/],
      ]
      for (const [Rows, message] of bad) {
        server.serve(chart, { body: { Rows } })
        await assert.rejects(source.latest('IE', never), failsWith({ kind: 'unexpected-answer' }, message))
      }
    })
  })
})
