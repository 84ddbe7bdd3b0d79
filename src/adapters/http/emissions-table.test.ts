import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { parse } from 'csv-parse/sync'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { type MeasuredEnergy, readerOf } from '../../../test/fake-energy.ts'
import { atSecond, configured, serveApi } from '../../../test/served-api.ts'
import { ownersFromPodNames } from '../../energy/owner-from-pod-name.ts'
import { createGroupEmissionsReporter } from '../../flows/report-group-emissions.ts'
import { createEmissionsSummer } from '../../flows/sum-emissions.ts'
import { createFactBook } from '../../intensity/fact-book.ts'
import type { EmissionsTable } from './emissions-table.ts'
import { csvOf } from './table-as-csv.ts'
import { parquetOf } from './table-as-parquet.ts'

const used = (pod: string, from: number, to: number, joules: number): MeasuredEnergy => ({
  node: 'node-a',
  workload: { namespace: 'shop', pod, container: 'app' },
  from: atSecond(from),
  to: atSecond(to),
  joules,
})
const energy = [used('web-7d4b9c6f5d-x2x9z', 0, 60, 3600), used('=SUM(A1:A9)', 0, 30, 36)]
const facts = [
  configured('DE', 100, { valid: { from: atSecond(0), to: atSecond(30) }, source: 'grid' }),
  configured('FR', 20, { source: 'ember-annual', method: { kind: 'annual-average', year: 2025 } }),
]
const minute = 'from=2026-02-11T10:00Z&to=2026-02-11T10:01Z'

describe('emissions as CSV', async () => {
  const server = await serveApi({ energy, facts })
  after(() => server.close())
  const ask = (query: string, accept = 'text/csv') =>
    server.inject({ url: `/api/v1/emissions?${minute}${query}`, headers: { accept } })

  it('is a row for each group, step and zone, with the units in the names of the columns', async () => {
    const answer = await ask('&group_by=workload,node&step=30&zone=DE,FR&sort=name')
    assert.equal(answer.headers['content-type'], 'text/csv; charset=utf-8')
    assert.equal(answer.headers['content-disposition'], 'attachment; filename="co2-api-emissions.csv"')
    assert.equal(answer.headers.vary, 'accept')
    const rows: string[][] = parse(answer.body)
    assert.deepEqual(rows[0], [
      'from',
      'to',
      'namespace',
      'node',
      'workload',
      'owner_derived_from',
      'zone',
      'energy_j',
      'mean_power_w',
      'co2_g',
      'co2_g_low',
      'co2_g_high',
      'intensity_g_per_kwh',
      'intensity_source',
      'intensity_method',
      'intensity_year',
      'energy_without_intensity_j',
      'coverage',
      'as_of',
    ])
    assert.equal(rows.length, 1 + 2 * 2 * 2)
    assert.deepEqual(rows[1], [
      '2026-02-11T10:00:00.000000+00:00',
      '2026-02-11T10:00:30.000000+00:00',
      'shop',
      'node-a',
      'Deployment/web',
      'pod-name',
      'DE',
      '1800',
      '60',
      '0.05',
      '0.05',
      '0.05',
      '100',
      'grid',
      'configured',
      '',
      '0',
      '1',
      '2026-02-11T10:01:00.000000+00:00',
    ])
    const unknown = rows.find(([from, , , , workload, , zone]) => {
      return from?.startsWith('2026-02-11T10:00:30') && workload === 'Deployment/web' && zone === 'DE'
    })
    assert.deepEqual(unknown?.slice(7), [
      '1800',
      '60',
      '',
      '',
      '',
      '',
      '',
      '',
      '',
      '1800',
      '1',
      '2026-02-11T10:01:00.000000+00:00',
    ])
    const annual = rows.find(([, , , , , , zone]) => zone === 'FR')
    assert.deepEqual(annual?.slice(12, 16), ['20', 'ember-annual', 'annual-average', '2025'])
  })

  it('takes no name for a formula', async () => {
    const rows: string[][] = parse((await ask('&group_by=pod&sort=name')).body)
    assert.deepEqual(
      rows.slice(1).map((row) => row[3]),
      ["'=SUM(A1:A9)", 'web-7d4b9c6f5d-x2x9z'],
    )
  })

  it('is the total where nothing is told apart', async () => {
    const rows: string[][] = parse((await ask('&format=csv', '*/*')).body)
    assert.deepEqual(rows[0]?.slice(0, 4), ['from', 'to', 'zone', 'energy_j'])
    assert.deepEqual(rows[1]?.slice(2, 6), ['DE', '3636', '60.6', '0.051000000000000004'])
    assert.equal(rows.length, 2)
  })

  it('says where the next page is', async () => {
    const first = await ask('&group_by=pod&limit=1&sort=name')
    const next = /^<(.*)>; rel="next"$/.exec(String(first.headers.link))?.[1] ?? ''
    const second = await server.inject({ url: next, headers: { accept: 'text/csv' } })
    assert.equal(second.statusCode, 200, second.body)
    assert.equal(second.headers.link, undefined)
    assert.match(second.body, /web-7d4b9c6f5d-x2x9z/)
    assert.doesNotMatch(second.body, /SUM/)
  })

  it('has its warnings in a header', async () => {
    const sum = createEmissionsSummer({
      readEnergy: () => ({ ...readerOf(energy), warnings: ['the disk’s full'] }),
      intensities: createFactBook(),
      pause: async () => {},
    })
    const away = await serveApi({
      ports: { reportGroupEmissions: createGroupEmissionsReporter({ sum, owners: ownersFromPodNames }) },
    })
    const answer = await away.inject('/api/v1/emissions?format=csv')
    assert.equal(answer.headers['co2-api-warnings'], '["the disk\\u2019s full"]')
    await away.close()
  })

  it('is refused where it would have too many rows', async () => {
    const answer = await ask('&group_by=pod&step=1&series_limit=100&limit=7')
    assert.match(
      answer.json().error,
      /^the answer would hold 120 rows, and 100 are given .* ask for limit=1, a/,
    )
    const other = await server.inject({ url: '/api/v1/emissions', headers: { accept: 'text/html' } })
    assert.equal(other.statusCode, 406)
  })
})

describe('emissions as Parquet', async () => {
  const server = await serveApi({ energy, facts })
  after(() => server.close())

  it('has the columns of the CSV with their types, and the same rows', async () => {
    const query = `${minute}&group_by=container,workload&step=30&zone=DE,FR`
    const answer = await server.inject({
      url: `/api/v1/emissions?${query}`,
      headers: { accept: 'application/vnd.apache.parquet' },
    })
    assert.equal(answer.headers['content-type'], 'application/vnd.apache.parquet')
    const csv: string[][] = parse((await server.inject(`/api/v1/emissions?${query}&format=csv`)).body)
    const file = new Uint8Array(answer.rawPayload).buffer
    const metadata = parquetMetadata(file)
    const types = metadata.schema
      .slice(1)
      .map(({ name, type, converted_type: converted }) => [name, type, converted])
    const textColumns = ['namespace', 'pod', 'container', 'workload', 'owner_derived_from', 'zone']
    assert.deepEqual(types, [
      ['from', 'INT64', 'TIMESTAMP_MILLIS'],
      ['to', 'INT64', 'TIMESTAMP_MILLIS'],
      ...textColumns.map((name) => [name, 'BYTE_ARRAY', 'UTF8']),
      ...['energy_j', 'mean_power_w', 'co2_g', 'co2_g_low', 'co2_g_high', 'intensity_g_per_kwh'].map(
        (name) => [name, 'DOUBLE', undefined],
      ),
      ['intensity_source', 'BYTE_ARRAY', 'UTF8'],
      ['intensity_method', 'BYTE_ARRAY', 'UTF8'],
      ['intensity_year', 'INT32', undefined],
      ['energy_without_intensity_j', 'DOUBLE', undefined],
      ['coverage', 'DOUBLE', undefined],
      ['as_of', 'INT64', 'TIMESTAMP_MILLIS'],
    ])
    const rows = await parquetReadObjects({ file })
    const asCsv = rows.map((row) => Object.values(row).map(asCell))
    assert.deepEqual([types.map(([name]) => name), ...asCsv], csv)
  })
})

describe('a table of many rows', () => {
  const table: EmissionsTable = {
    columns: [
      { name: 'from', type: 'time' },
      { name: 'pod', type: 'text' },
      { name: 'energy_j', type: 'number' },
    ],
    rows: Array.from({ length: 45_000 }, (_, at) => [1000 * at, at % 3 === 0 ? null : `pod-${at}`, at / 3]),
  }

  it('is written in pieces, as CSV', () => {
    const pieces = [...csvOf(table)]
    assert.ok(pieces.length > 10)
    const rows: string[][] = parse(pieces.join(''))
    assert.equal(rows.length, 45_001)
    assert.deepEqual(rows[45_000], ['1970-01-01T12:29:59.000000+00:00', 'pod-44999', String(44_999 / 3)])
  })

  it('is written in pieces, as Parquet', async () => {
    const pieces = [...parquetOf(table)]
    assert.ok(pieces.length >= 3)
    const file = new Uint8Array(Buffer.concat(pieces)).buffer
    const rows = await parquetReadObjects({ file })
    assert.equal(rows.length, 45_000)
    assert.deepEqual(rows[3], { from: new Date(3000), pod: null, energy_j: 1 })
    assert.deepEqual(rows[44_999], { from: new Date(44_999_000), pod: 'pod-44999', energy_j: 44_999 / 3 })
  })

  it('has its columns also where it has no rows', async () => {
    assert.equal([...csvOf({ ...table, rows: [] })].join(''), 'from,pod,energy_j\n')
    const file = new Uint8Array(Buffer.concat([...parquetOf({ ...table, rows: [] })])).buffer
    assert.deepEqual(
      parquetMetadata(file)
        .schema.slice(1)
        .map(({ name }) => name),
      ['from', 'pod', 'energy_j'],
    )
  })
})

/** A value of a Parquet file as CSV would have it. */
function asCell(value: unknown): string {
  if (value instanceof Date) return value.toISOString().replace('Z', '000+00:00')
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' ? value.replace(/^=/, "'=") : ''
}
