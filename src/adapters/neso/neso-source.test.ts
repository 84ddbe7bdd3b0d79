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
import { createNesoSource } from './neso-source.ts'

const withNeso = withSource.bind(undefined, createNesoSource)

const entry = (from: string, to: string, actual: unknown, forecast: unknown = null) => ({
  from,
  to,
  intensity: { actual, forecast, index: 'low' },
})

describe('NESO', () => {
  behavesLikeAWebSource('GB', createNesoSource)

  it('tells the last whole half hour, as a direct figure', async () => {
    await withNeso('2026-10-04T11:40Z', async ({ server, source }) => {
      server.serve('/intensity', { body: fixture('neso/intensity.json') })
      const facts = await source.latest('GB', never)
      assert.deepEqual(told(facts), [['10-04T11:00', '10-04T11:30', 118, 'measured']])
      assertOrigin(facts, source, { zone: 'GB', learnedAt: '2026-10-04T11:40Z' })
      assert.equal(facts[0]?.basis, 'direct')
    })
  })

  it('tells what was expected where nothing was measured, and takes no null for 0', async () => {
    await withNeso('2026-10-04T12:00Z', async ({ server, source }) => {
      server.serve('/intensity/2026-10-04T10:00Z/2026-10-04T12:00Z', { body: fixture('neso/range.json') })
      const facts = await source.history('GB', between('2026-10-04T10:10Z', '2026-10-04T11:40Z'), never)
      assert.deepEqual(told(facts), [
        ['10-04T10:00', '10-04T10:30', 0, 'measured'],
        ['10-04T10:30', '10-04T11:00', 104, 'forecast'],
        ['10-04T11:30', '10-04T12:00', 112, 'measured'],
      ])
    })
  })

  it('asks for history in pieces of 14 days', async () => {
    await withNeso('2026-11-01T00:00Z', async ({ server, source }) => {
      server.serve('*', { body: { data: [] } })
      await source.history('GB', between('2026-10-01T00:00Z', '2026-10-30T00:10Z'), never)
      assert.deepEqual(
        server.requests.map(({ url }) => url.pathname),
        [
          '/intensity/2026-10-01T00:00Z/2026-10-15T00:00Z',
          '/intensity/2026-10-15T00:00Z/2026-10-29T00:00Z',
          '/intensity/2026-10-29T00:00Z/2026-10-30T00:30Z',
        ],
      )
    })
  })

  it('tells a late measurement in place of a forecast, as a new fact', async () => {
    await withNeso('2026-10-04T11:00Z', async ({ server, source, setNow }) => {
      const answer = (actual: number | null) => ({
        body: { data: [entry('2026-10-04T10:30Z', '2026-10-04T11:00Z', actual, 104)] },
      })
      server.serve('/intensity', answer(null), answer(97))
      assert.partialDeepStrictEqual(await source.latest('GB', never), [
        { intensity: 104, method: { kind: 'forecast' }, learnedAt: at('2026-10-04T11:00Z') },
      ])
      setNow('2026-10-04T11:10Z')
      assert.partialDeepStrictEqual(await source.latest('GB', never), [
        { intensity: 97, method: { kind: 'measured' }, learnedAt: at('2026-10-04T11:10Z') },
      ])
    })
  })

  it('takes {} and an empty list for no figures', async () => {
    await withNeso('2026-10-04T11:00Z', async ({ server, source }) => {
      for (const body of [{}, { data: [] }]) {
        server.serve('*', { body })
        assert.deepEqual(await source.latest('GB', never), [])
        assert.deepEqual(await source.forecast?.('GB', never), [])
      }
    })
  })

  it('fails with the error that it tells in place of figures', async () => {
    await withNeso('2026-10-04T11:00Z', async ({ server, source }) => {
      server.serve('/intensity', { body: { error: { code: '500 Internal Server Error', message: 'x' } } })
      await assert.rejects(source.latest('GB', never), failsWith({ kind: 'server-error' }))
      server.serve('/intensity', { body: { error: { code: '400 Bad Request', message: 'x' } } })
      await assert.rejects(source.latest('GB', never), failsWith({ kind: 'unexpected-answer' }))
      server.serve('/intensity', { body: { error: {} } })
      await assert.rejects(source.latest('GB', never), failsWith({ kind: 'unexpected-answer' }))
    })
  })

  it('refuses an answer of another shape, and names the field', async () => {
    await withNeso('2026-10-04T11:00Z', async ({ server, source }) => {
      const [from, to] = ['2026-10-04T10:30Z', '2026-10-04T11:00Z']
      const bad: readonly (readonly [unknown, RegExp])[] = [
        [{ regionid: 13 }, /data that is an object, not a list/],
        [[null], /data\[0\] that is null, not an object/],
        [[entry('10:30', to, 1)], /data\[0\]\.from that is another text, not a time/],
        [[entry(from, from, 1)], /data\[0\]\.to that is another text, not later/],
        [[{ from, to }], /data\[0\]\.intensity that is missing/],
        [[entry(from, to, '118')], /data\[0\]\.intensity\.actual that is another text/],
        [[entry(from, to, 1, true)], /data\[0\]\.intensity\.forecast that is true or false/],
      ]
      for (const [data, message] of bad) {
        server.serve('/intensity', { body: { data } })
        await assert.rejects(source.latest('GB', never), failsWith({ kind: 'unexpected-answer' }, message))
      }
    })
  })

  it('reads a recorded forecast, and leaves out what it has measured', async (test) => {
    const body = recordedAnswer(test, 'neso/intensity_fw48h_2023-12-03T1030Z.json')
    if (body === undefined) return
    await withNeso('2023-12-03T10:45Z', async ({ server, source }) => {
      server.serve('/intensity/2023-12-03T10:45Z/fw48h', { body })
      const facts = (await source.forecast?.('GB', never)) ?? []
      assert.ok(facts.length > 80, `${facts.length} facts`)
      assert.deepEqual(told(facts).slice(0, 2), [
        ['12-03T11:00', '12-03T11:30', 216, 'forecast'],
        ['12-03T11:30', '12-03T12:00', 220, 'forecast'],
      ])
    })
  })
})
