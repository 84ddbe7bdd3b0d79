import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import type { PostgresStore } from '../../src/adapters/postgres/postgres-store.ts'
import { zoneEmissions } from '../../src/emissions/emissions-report.ts'
import type { EnergySample } from '../../src/energy/energy-sample.ts'
import type { LedgerPage, Measurement } from '../../src/energy/ledger-page.ts'
import { createFactBook } from '../../src/intensity/fact-book.ts'
import { type Instant, instant, joules } from '../../src/units.ts'
import { batch, busybox, gapUntil, measured, nginx, page } from '../contracts/measured.ts'
import { measuredFact } from '../measured-fact.ts'
import { openedStore } from '../postgres/opened-store.ts'
import { type PostgresServer, startPostgresServer } from '../postgres/server.ts'
import { queriesOf, readDashboard } from './dashboard.ts'
import { filledSql } from './sql-macros.ts'

/** A quarter of an hour that ends now: what some panels show is of the last two minutes. */
const now = instant(Math.floor(Date.now() / 1000) * 1000)
const ago = (seconds: number) => instant(now - seconds * 1000)
const range = { from: ago(900), to: now }

const facts = ['DE', 'FR'].flatMap((zone, place) => [
  measuredFact(100 + 50 * place, ago(2000), ago(300), { zone, learnedAt: ago(2000) }),
  measuredFact(200 + 50 * place, ago(300), instant(now + 3_600_000), {
    zone,
    source: 'another',
    method: { kind: 'estimated' },
    learnedAt: ago(300),
  }),
])

function used(end: Instant, more: Partial<Measurement> = {}): Measurement {
  return measured(0, { during: { from: instant(end - 10_000), to: end }, energy: joules(36), ...more })
}

const ends = Array.from({ length: 80 }, (_, index) => ago(10 * index))
const pages: readonly LedgerPage[] = ends.flatMap((end) => [
  page([used(end), used(end, { containerId: 'c2', workload: nginx, energy: joules(72), flags: ['reset'] })], {
    at: end,
  }),
  page([used(end, { containerId: 'c3', workload: undefined, energy: joules(18) })], {
    at: end,
    node: 'node-2',
  }),
])

const context = {
  ...range,
  intervalSeconds: 60,
  variables: { zone: 'DE', zones: ['DE', 'FR'], namespace: ['default', 'web', ''] },
}

describe('the dashboard for PostgreSQL', () => {
  let server: PostgresServer
  let store: PostgresStore
  let client: pg.Client
  before(async () => {
    server = await startPostgresServer()
    const dsn = await server.createDatabase()
    store = await openedStore(dsn, { now: () => now })
    await store.addFacts(facts.map((fact) => ({ kind: 'fact', fact })))
    const gap = gapUntil(0, { during: { from: ago(70), to: ago(60) } })
    await store.write(batch([...pages, page([], { at: now, gaps: [gap] })]))
    client = new pg.Client(dsn)
    await client.connect()
    // As Grafana should: with a role of its own, which may read and nothing else.
    await client.query(
      `create role grafana; grant usage on schema public to grafana; grant select on all tables in schema public to grafana; set role grafana`,
    )
  })
  after(async () => {
    await client.end()
    await store[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  const ask = async (sql: string): Promise<readonly Record<string, unknown>[]> =>
    (await client.query<Record<string, unknown>>(filledSql(sql, context))).rows

  const dashboard = readDashboard('co2-api-postgresql')
  for (const { where, text, format } of queriesOf(dashboard)) {
    it(`has an answer to ${where}`, async () => {
      const rows = await ask(text)
      assert.ok(rows.length > 0, 'no rows')
      for (const row of rows) {
        const values = Object.entries(row)
        if (format === 'time_series') {
          const { time, value, metric } = row
          assert.ok(time instanceof Date || Number.isFinite(Number(time)), `time is ${String(time)}`)
          assert.equal(typeof metric, 'string')
          assert.ok(Number(value) > 0, `value is ${String(value)}`)
        } else {
          for (const [name, value] of values) assert.notEqual(value, null, name)
        }
      }
    })
  }

  const sqlOf = (where: string) => queriesOf(dashboard).find((query) => query.where === where)?.text ?? ''

  it('shows the grams that the service would answer with', async () => {
    const intensities = createFactBook()
    intensities.add(facts)
    const samples: readonly EnergySample[] = pages
      .flatMap(({ node, measurements }) => measurements.map((measurement) => ({ node, ...measurement })))
      .sort((a, b) => a.during.to - b.during.to)
    for (const [zone, where] of [
      ['DE', 'panel "In the range that is shown"'],
      ['FR', 'panel "The same work elsewhere"'],
    ] as const) {
      const timeline = intensities.timeline(zone, range, now)
      const { emitted } = zoneEmissions(samples, { coverage: 1, timeline })
      const rows = await ask(sqlOf(where))
      const shown = Number(rows.find((row) => !('zone' in row) || row['zone'] === zone)?.['grams'])
      assert.ok(Math.abs(shown - emitted) < 1e-9 * emitted, `${where}: ${shown} instead of ${emitted}`)
    }
  })

  it('gives what the documented query asks for', async () => {
    const docs = readFileSync(path.join(import.meta.dirname, '../../docs/prometheus-and-grafana.md'), 'utf8')
    const [, sql = ''] = /```sql\n(select .*?)```/s.exec(docs) ?? []
    const { rows } = await client.query(sql)
    assert.deepEqual(
      rows.map(({ namespace }) => namespace),
      ['web', 'default', ''],
    )
  })

  it('shows power and its emissions now: 12.6 W at 200 g/kWh are 2.52 g/h', async () => {
    const [power] = await ask(sqlOf('panel "Power"'))
    assert.equal(Number(power?.['watts']).toFixed(9), '12.600000000')
    const [row] = await ask(sqlOf('panel "Emissions"'))
    assert.equal(Number(row?.['g/h']).toFixed(9), '2.520000000')
  })

  it('names the containers that emit most first, and the marks of their samples', async () => {
    const containers = await ask(sqlOf('panel "Containers by emissions"'))
    assert.deepEqual(
      containers.map(({ namespace, pod, Energy }) => [namespace, pod, Energy]),
      [
        [nginx.namespace, nginx.pod, 72 * 80],
        [busybox.namespace, busybox.pod, 36 * 80],
        ['', '', 18 * 80],
      ],
    )
    assert.deepEqual(await ask(sqlOf('panel "Samples that are marked"')), [
      { Mark: 'reset', Samples: '80', Energy: 72 * 80 },
    ])
  })
})
