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
import { createEnerginetSource } from './energinet-source.ts'

const withEnerginet = withSource.bind(undefined, createEnerginetSource)

const record = (time: string, grams: unknown, area = 'DK1') => ({
  Minutes5UTC: time,
  Minutes5DK: time,
  PriceArea: area,
  CO2Emission: grams,
})

describe('Energinet', () => {
  behavesLikeAWebSource('DK-DK1', createEnerginetSource)

  it('covers West and East Denmark', async () => {
    await withEnerginet('2026-10-04T12:00Z', async ({ source }) => {
      assert.deepEqual(source.zones(), ['DK-DK1', 'DK-DK2'])
    })
  })

  it('tells the last hours in UTC, without the gaps and the nulls', async () => {
    await withEnerginet('2026-10-04T12:00Z', async ({ server, source }) => {
      server.serve('/dataset/CO2Emis', { body: fixture('energinet/co2emis-dk1.json') })
      const facts = await source.latest('DK-DK1', never)
      assert.deepEqual(told(facts), [
        ['10-04T11:30', '10-04T11:35', 71.5, 'measured'],
        ['10-04T11:45', '10-04T11:50', 0, 'measured'],
        ['10-04T11:55', '10-04T12:00', 68, 'measured'],
      ])
      assertOrigin(facts, source, { zone: 'DK-DK1', learnedAt: '2026-10-04T12:00Z' })
      const asked = server.requests[0]?.url.searchParams
      assert.equal(asked?.get('start'), 'now-PT2H')
      assert.equal(asked?.get('filter'), '{"PriceArea":["DK1"]}')
    })
  })

  it('expects from now on, and asks for more than the newest hundred', async () => {
    await withEnerginet('2026-10-04T12:01Z', async ({ server, source }) => {
      server.serve('/dataset/CO2EmisProg', { body: fixture('energinet/co2emisprog-dk2.json') })
      assert.deepEqual(told((await source.forecast?.('DK-DK2', never)) ?? []), [
        ['10-04T12:00', '10-04T12:05', 82, 'forecast'],
        ['10-04T12:05', '10-04T12:10', 83, 'forecast'],
      ])
      const asked = server.requests[0]?.url.searchParams
      assert.equal(asked?.get('start'), 'now')
      assert.equal(asked?.get('limit'), '10000')
    })
  })

  it('asks for history month by month, far enough for Danish time', async () => {
    await withEnerginet('2026-10-04T12:00Z', async ({ server, source }) => {
      server.serve('/dataset/CO2Emis', {
        body: {
          records: [
            record('2026-09-30T23:55:00', 50),
            record('2026-09-30T23:50:00', 49),
            record('2026-09-30T23:45:00', 48),
          ],
        },
      })
      const facts = await source.history('DK-DK1', between('2026-09-30T23:52Z', '2026-10-01T00:05Z'), never)
      assert.deepEqual(told(facts), [
        ['09-30T23:50', '09-30T23:55', 49, 'measured'],
        ['09-30T23:55', '10-01T00:00', 50, 'measured'],
      ])
      assert.deepEqual(
        server.requests.map(({ url }) => [url.searchParams.get('start'), url.searchParams.get('end')]),
        [
          ['2026-09-30T22:52', '2026-10-01T03:00'],
          ['2026-09-30T23:00', '2026-10-01T03:05'],
        ],
      )
    })
  })

  it('tells 23 and 25 hours of the days on which clocks change', async () => {
    await withEnerginet('2026-11-01T00:00Z', async ({ server, source }) => {
      for (const [from, hours] of [
        ['2026-03-28T23:00:00', 23],
        ['2026-10-24T22:00:00', 25],
      ] as const) {
        const records = Array.from({ length: hours * 12 }, (_, index) => {
          const time = new Date(at(from) + index * 300_000).toISOString().slice(0, 19)
          return record(time, index)
        })
        server.serve('/dataset/CO2Emis', { body: { records: records.toReversed() } })
        const day = { from: at(from), to: instant(at(from) + hours * 3_600_000) }
        const facts = await source.history('DK-DK1', day, never)
        assert.deepEqual(
          facts.map(({ intensity }) => Number(intensity)),
          records.map((_, index) => index),
        )
        assert.equal(facts.at(-1)?.valid.to, day.to)
      }
    })
  })

  it('tells a correction as a new fact, learned later', async () => {
    await withEnerginet('2026-10-04T12:00Z', async ({ server, source, setNow }) => {
      const answer = (grams: number) => ({
        body: { records: [record('2026-10-04T11:55:00', grams), record('2026-10-04T11:50:00', 70)] },
      })
      server.serve('/dataset/CO2Emis', answer(68), answer(66))
      const first = await source.latest('DK-DK1', never)
      setNow('2026-10-04T12:05Z')
      const second = await source.latest('DK-DK1', never)
      assert.deepEqual([first[1]?.intensity, first[1]?.learnedAt], [68, at('2026-10-04T12:00Z')])
      assert.deepEqual([second[1]?.intensity, second[1]?.learnedAt], [66, at('2026-10-04T12:05Z')])
    })
  })

  it('tells nothing when there are no records', async () => {
    await withEnerginet('2026-10-04T12:00Z', async ({ server, source }) => {
      server.serve('*', { body: { total: 0, dataset: 'CO2Emis', records: [] } })
      assert.deepEqual(await source.latest('DK-DK1', never), [])
      assert.deepEqual(await source.forecast?.('DK-DK1', never), [])
    })
  })

  it('refuses records of another area or shape, and names the field', async () => {
    await withEnerginet('2026-10-04T12:00Z', async ({ server, source }) => {
      const time = '2026-10-04T11:55:00'
      const bad: readonly (readonly [unknown, RegExp])[] = [
        [undefined, /records that is missing/],
        [[7], /records\[0\] that is another number, not an object/],
        [[record(time, 1, 'DK2')], /records\[0\]\.PriceArea that is another text, not DK1/],
        [[record('noon', 1)], /records\[0\]\.Minutes5UTC that is another text, not a time/],
        [[record(time, undefined)], /records\[0\]\.CO2Emission that is missing/],
      ]
      for (const [records, message] of bad) {
        server.serve('/dataset/CO2Emis', { body: { records } })
        await assert.rejects(
          source.latest('DK-DK1', never),
          failsWith({ kind: 'unexpected-answer' }, message),
        )
      }
    })
  })
})
