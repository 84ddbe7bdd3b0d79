import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fixture, recordedAnswer } from '../../../test/sources/recorded-answer.ts'
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
import { createEnergyChartsSource } from './energy-charts-source.ts'

const withEnergyCharts = withSource.bind(undefined, createEnergyChartsSource)
const hourly = fixture('energy-charts/co2eq-hourly.json')

/** An answer with figures from `start` on, `step` minutes apart. */
function series(start: string, step: number, measured: readonly (number | null)[]) {
  return {
    unix_seconds: measured.map((_, index) => at(start) / 1000 + index * step * 60),
    co2eq: measured,
    co2eq_forecast: measured.map(() => null),
    deprecated: false,
  }
}

describe('Energy-Charts', () => {
  behavesLikeAWebSource('DE', createEnergyChartsSource)

  it('covers 44 zones, each under its own code', async () => {
    await withEnergyCharts('2026-10-04T04:30Z', async ({ server, source }) => {
      server.serve('/co2eq', { body: hourly })
      assert.equal(source.zones().length, 44)
      for (const zone of source.zones()) await source.latest(zone, never)
      const asked = server.requests.map(({ url }) => url.searchParams.get('country'))
      assert.equal(new Set(asked).size, 44)
      assert.ok(asked.every((country) => country === country?.toLowerCase()))
      assert.equal(asked[source.zones().indexOf('GB')], 'uk')
      assert.equal(asked[source.zones().indexOf('GB-NIR')], 'nie')
    })
  })

  it('tells what was measured today, and what was expected where nothing is measured yet', async () => {
    await withEnergyCharts('2026-10-04T04:30Z', async ({ server, source }) => {
      server.serve('/co2eq', { body: hourly })
      const facts = await source.latest('FR', never)
      assert.deepEqual(told(facts), [
        ['10-03T22:00', '10-03T23:00', 64.8, 'measured'],
        ['10-03T23:00', '10-04T00:00', 60, 'measured'],
        ['10-04T00:00', '10-04T01:00', 49.4, 'forecast'],
        ['10-04T04:00', '10-04T05:00', 0, 'measured'],
      ])
      assertOrigin(facts, source, { zone: 'FR', learnedAt: '2026-10-04T04:30Z' })
      assert.deepEqual([...(server.requests[0]?.url.searchParams ?? [])], [['country', 'fr']])
    })
  })

  it('expects what is to come, and what is not measured of the present', async () => {
    await withEnergyCharts('2026-10-04T05:30Z', async ({ server, source }) => {
      server.serve('/co2eq', { body: hourly })
      assert.deepEqual(told((await source.forecast?.('FR', never)) ?? []), [
        ['10-04T05:00', '10-04T06:00', 44.1, 'forecast'],
      ])
    })
  })

  it('asks for history month by month, in whole days, and infers the step of each month', async () => {
    await withEnergyCharts('2026-10-01T00:40Z', async ({ server, source }) => {
      server.serve(
        '/co2eq',
        { body: series('2026-09-30T22:00Z', 60, [1, 2]) },
        { body: series('2026-10-01T00:00Z', 15, [3, 4, 5, 6]) },
      )
      const facts = await source.history('DE', between('2026-09-30T22:30Z', '2026-10-01T00:20Z'), never)
      assert.deepEqual(told(facts), [
        ['09-30T22:00', '09-30T23:00', 1, 'measured'],
        ['09-30T23:00', '10-01T00:00', 2, 'measured'],
        ['10-01T00:00', '10-01T00:15', 3, 'measured'],
        ['10-01T00:15', '10-01T00:30', 4, 'measured'],
      ])
      assert.deepEqual(
        server.requests.map(({ url }) => [url.searchParams.get('start'), url.searchParams.get('end')]),
        [
          ['2026-09-30T00:00Z', '2026-10-01T00:00Z'],
          ['2026-10-01T00:00Z', '2026-10-02T00:00Z'],
        ],
      )
    })
  })

  it('tells a correction as a new fact, learned later', async () => {
    await withEnergyCharts('2026-10-04T02:00Z', async ({ server, source, setNow }) => {
      server.serve(
        '/co2eq',
        { body: series('2026-10-04T00:00Z', 60, [300, 310]) },
        { body: series('2026-10-04T00:00Z', 60, [305, 310]) },
      )
      const hour = between('2026-10-04T00:00Z', '2026-10-04T01:00Z')
      const [first] = await source.history('DE', hour, never)
      setNow('2026-10-05T02:00Z')
      const [second] = await source.history('DE', hour, never)
      assert.deepEqual([first?.intensity, first?.learnedAt], [300, at('2026-10-04T02:00Z')])
      assert.deepEqual([second?.intensity, second?.learnedAt], [305, at('2026-10-05T02:00Z')])
      assert.deepEqual(first?.valid, second?.valid)
    })
  })

  it('tells 23 and 25 hours of the days on which clocks change', async () => {
    await withEnergyCharts('2026-11-01T00:00Z', async ({ server, source }) => {
      for (const [from, hours] of [
        ['2026-03-28T23:00Z', 23],
        ['2026-10-24T22:00Z', 25],
      ] as const) {
        server.serve('/co2eq', {
          body: series(
            from,
            15,
            Array.from({ length: hours * 4 }, () => 100),
          ),
        })
        const day = { from: at(from), to: instant(at(from) + hours * 3_600_000) }
        const facts = await source.history('DE', day, never)
        assert.equal(facts.length, hours * 4)
        assert.equal(facts.at(-1)?.valid.to, day.to)
        assert.ok(facts.every(({ valid }, index) => valid.from === (facts[index - 1]?.valid.to ?? day.from)))
      }
    })
  })

  it('tells nothing out of an empty series, or out of one figure that may hold for any time', async () => {
    await withEnergyCharts('2026-10-04T02:00Z', async ({ server, source }) => {
      server.serve('/co2eq', { body: series('2026-10-04T00:00Z', 60, []) })
      assert.deepEqual(await source.latest('DE', never), [])
      server.serve('/co2eq', { body: series('2026-10-04T00:00Z', 60, [300]) })
      assert.deepEqual(await source.latest('DE', never), [])
    })
  })

  it('does not know a country that it refuses with status 400', async () => {
    await withEnergyCharts('2026-10-04T02:00Z', async ({ server, source }) => {
      server.serve('/co2eq', { status: 400, body: "'al' is not the code for an available country." })
      await assert.rejects(source.latest('AL', never), failsWith({ kind: 'unknown-zone' }, /zone AL$/))
    })
  })

  it('refuses an answer of another shape, and names the field', async () => {
    await withEnergyCharts('2026-10-04T02:00Z', async ({ server, source }) => {
      const good = series('2026-10-04T00:00Z', 60, [300, 310])
      const bad: readonly (readonly [object, RegExp])[] = [
        [{}, /unix_seconds that is missing, not a list/],
        [{ ...good, unix_seconds: ['2026', 2] }, /unix_seconds\[0\] that is another text, not a number/],
        [{ ...good, unix_seconds: [1, 1e15] }, /unix_seconds\[1\] that is another number, not a time/],
        [{ ...good, co2eq: undefined }, /co2eq that is missing/],
        [{ ...good, co2eq: [300] }, /co2eq that is a list, not a list as long as unix_seconds/],
        [{ ...good, co2eq: [300, '310'] }, /co2eq\[1\] that is another text, not a number or null/],
        [{ ...good, co2eq_forecast: null }, /co2eq_forecast that is null, not a list/],
        [{ ...good, co2eq: [300, -1] }, /intensity of DE at 2026-10-04T01:00:00.000Z that is negative/],
        [{ ...good, co2eq: [300, 2001] }, /that is above 2000 g\/kWh/],
      ]
      for (const [body, message] of bad) {
        server.serve('/co2eq', { body })
        await assert.rejects(source.latest('DE', never), failsWith({ kind: 'unexpected-answer' }, message))
      }
    })
  })

  it('reads recorded answers of 2024, of 15 minutes and of an hour', async (test) => {
    for (const [country, minutes, figures] of [
      ['de', 15, 188],
      ['at', 15, 284],
      ['fr', 60, 47],
    ] as const) {
      const body = recordedAnswer(test, `energy-charts/co2eq_${country}_2024-03-22.json`)
      if (body === undefined) return
      await withEnergyCharts('2024-03-25T12:00Z', async ({ server, source }) => {
        server.serve('/co2eq', { body })
        const facts = await source.latest(country.toUpperCase(), never)
        assert.equal(facts.length, figures)
        assert.ok(facts.every(({ valid }) => valid.to - valid.from === minutes * 60_000))
      })
    }
  })

  it('reads a recorded answer of 2026: measured until now, forecast until tomorrow, and then nothing', async (test) => {
    const body = recordedAnswer(test, 'energy-charts/co2eq_fr_2026-10-04.json')
    if (body === undefined) return
    await withEnergyCharts('2026-10-04T04:10Z', async ({ server, source }) => {
      server.serve('/co2eq', { body })
      const latest = await source.latest('FR', never)
      const forecast = (await source.forecast?.('FR', never)) ?? []
      assert.equal(latest.filter(({ method }) => method.kind === 'measured').length, 24)
      assert.equal(new Set([...latest, ...forecast].map(({ valid }) => valid.from)).size, 24 + 75)
    })
  })
})
