import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import pg from 'pg'
import { at, batchOf, busybox, measured } from '../../../test/contracts/measured.ts'
import { measuredFact } from '../../../test/measured-fact.ts'
import { openedStore } from '../../../test/postgres/opened-store.ts'
import { type PostgresServer, startPostgresServer } from '../../../test/postgres/server.ts'
import { emissionOf } from '../../emissions/emission.ts'
import type { Measurement } from '../../energy/ledger-page.ts'
import { createKnownIntensities } from '../../flows/know-intensities.ts'
import type { IntensityFact, IntensityMethod } from '../../intensity/fact.ts'
import type { FactRecord } from '../../intensity/fact-store.ts'
import type { FactSeries } from '../../intensity/preference.ts'
import { gramsPerKilowattHour, type Instant, instant, joules } from '../../units.ts'
import type { PostgresStore } from './postgres-store.ts'

let server: PostgresServer
let store: PostgresStore
let client: pg.Client
before(async () => {
  server = await startPostgresServer()
  const dsn = await server.createDatabase()
  store = await openedStore(dsn)
  await store.ping()
  client = new pg.Client(dsn)
  await client.connect()
})
after(async () => {
  await client.end()
  await store[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

async function query(sql: string): Promise<readonly (readonly unknown[])[]> {
  return (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows
}

const sqlTime = (moment: Instant) =>
  Number.isFinite(moment) ? `'${new Date(moment).toISOString()}'` : `'${moment > 0 ? '' : '-'}infinity'`
const fact = (record: IntensityFact): FactRecord => ({ kind: 'fact', fact: record })

async function keep(records: readonly FactRecord[], measurements: readonly Measurement[]): Promise<void> {
  for (const table of ['carbon_intensity', 'container_metrics']) await query(`delete from ${table}`)
  await store.addFacts(records)
  if (measurements.length > 0) await store.write(batchOf(...measurements))
}

async function emissionsIn(zone: string, from: Instant, to: Instant) {
  return await query(
    `select extract(epoch from time)::float8 * 1000, pod, joules, watts, g_per_kwh, grams, node
     from co2_emissions('${zone}', ${sqlTime(from)}, ${sqlTime(to)}) order by time, pod`,
  )
}

const hour = { from: at(0), to: at(3600) }

describe('co2_emissions', () => {
  it('gives the grams of each sample: 36 J at 100 g/kWh are a milligram', async () => {
    await keep([fact(measuredFact(100, at(0), at(3600)))], [measured(10, { energy: joules(36) })])
    assert.deepEqual(await emissionsIn('DE', hour.from, hour.to), [
      [at(10), busybox.pod, 36, 3.6, 100, 0.001, 'node-1'],
    ])
  })

  it('integrates an intensity that changes within a sample, as the methodology does by hand', async () => {
    const facts = [measuredFact(100, at(0), at(4)), measuredFact(300, at(4), at(60))]
    await keep(facts.map(fact), [measured(10, { energy: joules(36) })])
    const [[, , , , mean, grams] = []] = await emissionsIn('DE', hour.from, hour.to)
    assert.deepEqual(
      [Number(mean).toFixed(9), Number(grams).toFixed(12)],
      ['220.000000000', '0.002200000000'],
    )
  })

  it('gives samples that end after the beginning, or at the end, whole', async () => {
    const long = measured(30, { during: { from: at(-7200), to: at(30) }, energy: joules(36) })
    await keep(
      [fact(measuredFact(100, -Infinity, Infinity))],
      [measured(10), measured(20), long, measured(40)],
    )
    const ends = (await emissionsIn('DE', at(10), at(30))).map(([time, , , , , grams]) => [time, grams])
    assert.deepEqual(ends, [
      [at(20), (20 / 3_600_000) * 100],
      [at(30), 0.001],
    ])
  })

  it('gives no grams where the intensity of some of the time is unknown', async () => {
    const facts = [measuredFact(100, at(0), at(12)), measuredFact(100, at(13), at(35))]
    await keep(
      facts.map(fact),
      [10, 20, 30, 40].map((second) => measured(second)),
    )
    const grams = (await emissionsIn('DE', hour.from, hour.to)).map((row) => row[4])
    assert.deepEqual(grams, [100, null, 100, null])
    assert.deepEqual(
      (await emissionsIn('FR', hour.from, hour.to)).map((row) => row[5]),
      [null, null, null, null],
    )
  })

  it('counts rows of the predecessor for as long as it is told, each once', async () => {
    await keep([fact(measuredFact(100, -Infinity, Infinity))], [])
    await query(`insert into container_metrics (time, pod_id, namespace, energy_consumption, container_name, joules_total)
      values (${sqlTime(at(10))}, 'old', null, 3.6, 'app', 5), (${sqlTime(at(10))}, 'old', null, 3.6, 'app', 5)`)
    assert.deepEqual(await emissionsIn('DE', hour.from, hour.to), [[at(10), 'old', 36, 3.6, 100, 0.001, '']])
    await query('set co2_api.sample_interval_seconds = 30')
    const [[, , energy] = []] = await emissionsIn('DE', hour.from, hour.to)
    await query('reset co2_api.sample_interval_seconds')
    assert.equal(energy, 108)
  })

  it('finds what it needs whatever the search path of the session', async () => {
    await keep([fact(measuredFact(100, at(0), at(3600)))], [measured(10, { energy: joules(36) })])
    await query("set search_path = ''")
    const rows = await query(
      `select sum(grams) from public.co2_emissions('DE', ${sqlTime(hour.from)}, ${sqlTime(hour.to)})`,
    )
    await query('reset search_path')
    assert.deepEqual(rows, [[0.001]])
  })
})

const someTime = fc.integer({ min: -40, max: 140 }).map((second) => at(second))
const methods: readonly IntensityMethod[] = [
  { kind: 'measured' },
  { kind: 'estimated', detail: 'x' },
  { kind: 'forecast' },
  { kind: 'configured' },
  { kind: 'annual-average', year: 2024 },
]
const anyFact: fc.Arbitrary<FactRecord> = fc
  .record({
    from: fc.oneof({ weight: 5, arbitrary: someTime }, fc.constant(instant(-Infinity))),
    length: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 60 }) }, fc.constant(Infinity)),
    grams: fc.integer({ min: 0, max: 900 }),
    method: fc.constantFrom(...methods),
    source: fc.constantFrom('a', 'b', 'Z'),
    signal: fc.constantFrom('average' as const, 'marginal' as const),
    basis: fc.constantFrom('lifecycle' as const, 'direct' as const, 'unstated' as const),
    rank: fc.constantFrom(10, 20),
    learnedAt: fc.oneof(fc.constant(instant(-Infinity)), someTime),
    zone: fc.constantFrom('DE', 'FR'),
  })
  .map(({ from, length, grams, ...rest }) => ({
    kind: 'fact',
    fact: {
      ...rest,
      valid: { from, to: Number.isFinite(from) ? instant(from + length * 1000) : at(length) },
      intensity: gramsPerKilowattHour(grams),
    },
  }))
const anyWithdrawal: fc.Arbitrary<FactRecord> = fc.record({
  kind: fc.constant('withdrawal' as const),
  withdrawal: fc.record({
    zone: fc.constantFrom('DE', 'FR'),
    source: fc.constantFrom('a', 'b'),
    at: someTime,
  }),
})
const anyRecords = fc.array(fc.oneof({ weight: 9, arbitrary: anyFact }, anyWithdrawal), { maxLength: 25 })
const anySamples = fc.uniqueArray(
  fc.tuple(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 90 })),
  {
    selector: ([end]) => end,
    minLength: 1,
    maxLength: 8,
  },
)
const anySeries: fc.Arbitrary<FactSeries> = fc.record({
  signal: fc.constantFrom('average', 'marginal'),
  basis: fc.constantFrom('lifecycle', 'direct'),
})

describe('SQL and the service', () => {
  it('agree on the emissions of every sample, whatever was learned and withdrawn, as of any moment', async () => {
    await fc.assert(
      fc.asyncProperty(anyRecords, anySamples, someTime, anySeries, async (records, spans, asOf, series) => {
        const measurements = spans.map(([end, length]) =>
          measured(end, { during: { from: at(end - length), to: at(end) }, energy: joules(end * 3600) }),
        )
        await keep(records, measurements)
        const intensities = createKnownIntensities([])
        await intensities.recall(store, at(1000))
        const timeline = intensities.timeline('DE', { from: at(-200), to: at(200) }, asOf, series)
        const rows = await query(
          `select extract(epoch from time)::float8 * 1000, g_per_kwh, grams
           from co2_emissions('DE', ${sqlTime(at(0))}, ${sqlTime(at(200))}, ${sqlTime(asOf)}, '${series.signal}', '${series.basis}')`,
        )
        assert.equal(rows.length, measurements.length)
        const byEnd = new Map(rows.map(([time, ...figures]) => [time, figures]))
        for (const measurement of measurements) {
          const emission = emissionOf({ node: 'node-1', ...measurement }, timeline)
          const [mean, grams] = byEnd.get(measurement.during.to) ?? []
          if (emission.kind === 'unknown') assert.deepEqual([mean, grams], [null, null])
          else {
            assertClose(Number(mean), emission.meanIntensity)
            assertClose(Number(grams), emission.emitted)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('agree on the pieces of a timeline, with their sources and methods', async () => {
    await fc.assert(
      fc.asyncProperty(anyRecords, someTime, async (records, asOf) => {
        await keep(records, [])
        const intensities = createKnownIntensities([])
        await intensities.recall(store, at(1000))
        const during = { from: at(-30), to: at(130) }
        const expected = intensities
          .timeline('DE', during, asOf)
          .flatMap((piece) =>
            piece.kind === 'known'
              ? [
                  [
                    piece.during.from,
                    piece.during.to,
                    piece.fact.intensity,
                    piece.fact.source,
                    piece.fact.method.kind,
                  ],
                ]
              : [],
          )
        const rows = await query(
          `select extract(epoch from valid_from)::float8 * 1000, extract(epoch from valid_to)::float8 * 1000,
             g_per_kwh, source, method
           from co2_intensity('DE', ${sqlTime(during.from)}, ${sqlTime(during.to)}, ${sqlTime(asOf)}) order by 1`,
        )
        assert.deepEqual(joined(rows), joined(expected))
      }),
      { numRuns: 300 },
    )
  })
})

/** Neighbours that say the same as one: a fact that was told twice may be two pieces or one. */
function joined(pieces: readonly (readonly unknown[])[]): readonly (readonly unknown[])[] {
  const all: (readonly unknown[])[] = []
  for (const [from, to, ...rest] of pieces) {
    const last = all.at(-1)
    const isSame =
      last !== undefined && last[1] === from && JSON.stringify(last.slice(2)) === JSON.stringify(rest)
    if (isSame) all[all.length - 1] = [last[0], to, ...rest]
    else all.push([from, to, ...rest])
  }
  return all
}

function assertClose(actual: number, expected: number): void {
  assert.ok(
    Math.abs(actual - expected) <= 1e-9 * Math.abs(expected) + 1e-12,
    `${actual} instead of ${expected}`,
  )
}
