/**
 * How fast do measurements get into PostgreSQL and out of it, and how much room do they take?
 *
 *     npm run bench:storage -- --rows 5000000 --write-rows 200000
 *
 * Writing: our store, one INSERT a row in a transaction of its own, and COPY, in turn, round after round, into the same
 * table with the same keys, each in a database of its own. The table shows medians, as ratios of one INSERT a row.
 * Reading: a table of `rows` measurements of 10,000 containers over a day, beside `SELECT 1`.
 * The server is the one of the tests, with fsync.
 */
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { openPostgresStore, type PostgresStore } from '../src/adapters/postgres/postgres-store.ts'
import type { LedgerBatch, LedgerPage } from '../src/energy/ledger-page.ts'
import type { SampleSelection } from '../src/energy/node-history.ts'
import type { NodeState } from '../src/energy/node-state.ts'
import { instant, joules } from '../src/units.ts'
import { startPostgresServer } from '../test/postgres/server.ts'

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '5000000' },
    'write-rows': { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '5' },
  },
})
const rowsToRead = Number(options.rows)
const rowsToWrite = Number(options['write-rows'])
const rounds = Number(options.rounds)

const containers = 10_000
const containersPerNode = 100
const start = 1_770_804_000_000
const day = 86_400_000
/** A transaction for every row takes so long that fewer must do. */
const fewer = 20

type Row = {
  readonly at: number
  readonly container: number
  readonly joules: number
  readonly counter: number
}

/** Row `index` of a run: scrape after scrape, all containers in each. */
function rowAt(index: number, intervalMilliseconds: number): Row {
  const container = index % containers
  const tick = Math.floor(index / containers) + 1
  const milli = 50 + ((container * 7919 + tick * 104_729) % 20_000)
  return {
    at: start + tick * intervalMilliseconds,
    container,
    joules: milli / 1000,
    counter: (container * 1000 + tick * 10_000 + milli) / 1000,
  }
}

/** As the ledger does, the names of a container are kept from scrape to scrape. An id has 64 hexadecimal digits. */
const known = Array.from({ length: containers }, (_, container) => ({
  id: container.toString(16).padStart(64, '7e3fa90c'),
  node: `node-${Math.floor(container / containersPerNode)}`,
  workload: {
    namespace: `team-${container % 40}`,
    pod: `checkout-service-${container.toString(36)}-7d9f8b6c5-x2x7q`,
    container: 'application',
  },
}))

function containerAt(container: number) {
  const found = known[container]
  if (found === undefined) throw new RangeError(`there is no container ${container}`)
  return found
}

const idOf = (container: number) => containerAt(container).id
const nodeOf = (container: number) => containerAt(container).node
const workloadOf = (container: number) => containerAt(container).workload

function batchAt(
  first: number,
  { rows, interval, withStates }: { rows: number; interval: number; withStates: boolean },
): LedgerBatch {
  const pages: LedgerPage[] = []
  const states: NodeState[] = []
  for (let index = first; index < first + rows; index += containersPerNode) {
    const ofPage = Array.from({ length: Math.min(containersPerNode, first + rows - index) }, (_, place) =>
      rowAt(index + place, interval),
    )
    const at = instant(ofPage[0]?.at ?? 0)
    const node = nodeOf(ofPage[0]?.container ?? 0)
    pages.push({
      node,
      at,
      renamings: [],
      gaps: [],
      measurements: ofPage.map((row) => ({
        containerId: idOf(row.container),
        workload: workloadOf(row.container),
        during: { from: instant(row.at - interval), to: at },
        energy: joules(row.joules),
        counter: joules(row.counter),
        flags: [],
      })),
    })
    if (withStates) states.push(stateOf(node, ofPage))
  }
  return { pages, states }
}

function stateOf(node: string, rows: readonly Row[]): NodeState {
  const at = instant(rows[0]?.at ?? 0)
  return {
    node,
    at,
    basis: 'current:package',
    unreadLines: 0,
    nodeCounters: [['package/active', 123_456.789]],
    containers: rows.map((row) => ({
      containerId: idOf(row.container),
      level: 'container',
      workload: workloadOf(row.container),
      hasOwnName: true,
      presence: 'present',
      coveredUntil: at,
      lastSeenAt: at,
      counters: [
        { component: 'package', mode: 'dynamic', believed: row.counter, suspect: null, terminated: null },
      ],
    })),
  }
}

await using server = await startPostgresServer({ shared_buffers: '1GB', max_wal_size: '8GB' })

async function open(dsn: string): Promise<PostgresStore> {
  const store = await openPostgresStore({
    dsn,
    retentionDays: 30,
    sampleIntervalSeconds: 10,
    queryTimeoutSeconds: 30,
    now: () => instant(Date.now()),
    onNotice: () => {},
  })
  await store.ping()
  return store
}

async function connect(dsn: string): Promise<pg.Client> {
  const client = new pg.Client(dsn)
  await client.connect()
  return client
}

type Contender = {
  readonly name: string
  readonly share: number
  /** What is to be written is made before the clock runs; to put it into the words of the protocol is part of writing. */
  readonly prepare: (first: number, rows: number) => () => Promise<void>
  readonly rates: number[]
}

const interval = 10_000

async function ours(batchRows: number, withStates = false): Promise<Contender> {
  const store = await open(await server.createDatabase())
  return {
    name: `our store, batches of ${batchRows.toLocaleString('en')}${withStates ? ', with states of nodes' : ''}`,
    share: 1,
    rates: [],
    prepare(first, rows) {
      const batches: LedgerBatch[] = []
      for (let at = first; at < first + rows; at += batchRows) {
        batches.push(batchAt(at, { rows: Math.min(batchRows, first + rows - at), interval, withStates }))
      }
      return async () => {
        for (const batch of batches) await store.write(batch)
      }
    },
  }
}

/** A database with our table, and with numbers of containers as our store would have given them. */
async function sameTable(): Promise<pg.Client> {
  const dsn = await server.createDatabase()
  await using _store = await open(dsn)
  return connect(dsn)
}

const tableColumns =
  'time, pod_id, namespace, energy_consumption, container_name, joules_total, container_ref, started_at, joules, flags'

async function oneInsertARow(): Promise<Contender> {
  const client = await sameTable()
  const text = `insert into container_metrics (${tableColumns})
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (container_ref, time) do nothing`
  return {
    name: 'one INSERT a row, autocommit',
    share: 1 / fewer,
    rates: [],
    prepare(first, rows) {
      const all = Array.from({ length: rows }, (_, index) => {
        const row = rowAt(first + index, interval)
        const { pod, namespace, container } = workloadOf(row.container)
        const [from, to] = [new Date(row.at - interval), new Date(row.at)] as const
        const watts = row.joules / 10
        return [to, pod, namespace, watts, container, row.counter, row.container, from, row.joules, 0]
      })
      return async () => {
        for (const values of all) await client.query({ name: 'insert', text, values })
      }
    },
  }
}

/** COPY knows no conflicts, so that it must go through a table of its own. */
async function copy(batchRows: number): Promise<Contender> {
  const client = await sameTable()
  await client.query('create temp table arriving (like container_metrics)')
  const encode = createCopyEncoder()
  return {
    name: `binary COPY through a temporary table, batches of ${batchRows.toLocaleString('en')}`,
    share: 1,
    rates: [],
    prepare: (first, rows) => async () => {
      for (let at = first; at < first + rows; at += batchRows) {
        const last = Math.min(at + batchRows, first + rows)
        await client.query('begin')
        await pipeline(
          [encode(at, last)],
          client.query(copyFrom(`copy arriving (${tableColumns}) from stdin (format binary)`)),
        )
        await client.query(
          `insert into container_metrics (${tableColumns}) select ${tableColumns} from arriving
           on conflict (container_ref, time) do nothing`,
        )
        await client.query('truncate arriving')
        await client.query('commit')
      }
    },
  }
}

function createCopyEncoder(): (first: number, last: number) => Buffer {
  const buffer = Buffer.alloc(10_000 * 400)
  return (first, last) => {
    let offset = buffer.write('PGCOPY\n\xff\r\n\0', 'latin1')
    offset = buffer.writeInt32BE(0, offset)
    offset = buffer.writeInt32BE(0, offset)
    const time = (at: number) => {
      offset = buffer.writeInt32BE(8, offset)
      offset = buffer.writeBigInt64BE(BigInt((at - 946_684_800_000) * 1000), offset)
    }
    const double = (value: number) => {
      offset = buffer.writeInt32BE(8, offset)
      offset = buffer.writeDoubleBE(value, offset)
    }
    const text = (value: string) => {
      const length = buffer.write(value, offset + 4)
      buffer.writeInt32BE(length, offset)
      offset += 4 + length
    }
    for (let index = first; index < last; index += 1) {
      const row = rowAt(index, interval)
      const { pod, namespace, container } = workloadOf(row.container)
      offset = buffer.writeInt16BE(10, offset)
      time(row.at)
      text(pod)
      text(namespace)
      double(row.joules / 10)
      text(container)
      double(row.counter)
      offset = buffer.writeInt32BE(4, offset)
      offset = buffer.writeInt32BE(row.container, offset)
      time(row.at - interval)
      double(row.joules)
      offset = buffer.writeInt32BE(2, offset)
      offset = buffer.writeInt16BE(0, offset)
    }
    offset = buffer.writeInt16BE(-1, offset)
    return Buffer.from(buffer.subarray(0, offset))
  }
}

const median = (values: readonly number[]) => percentile(values, 0.5)

function percentile(values: readonly number[], share: number): number {
  const ordered = values.toSorted((a, b) => a - b)
  return ordered[Math.min(ordered.length - 1, Math.floor(share * ordered.length))] ?? Number.NaN
}

async function measureWriting(): Promise<void> {
  const single = await oneInsertARow()
  const contenders = [
    single,
    await ours(1000),
    await ours(10_000),
    await ours(10_000, true),
    await copy(1000),
    await copy(10_000),
  ]
  for (let round = -1; round < rounds; round += 1) {
    for (const { prepare, rates, share } of contenders) {
      const rows = Math.round((rowsToWrite / rounds) * share)
      const write = prepare((round + 1) * rows, rows)
      const began = performance.now()
      await write()
      const rate = rows / ((performance.now() - began) / 1000)
      if (round >= 0) rates.push(rate)
    }
  }
  console.log(
    `\nwriting, ${rounds} rounds of ${(rowsToWrite / rounds).toLocaleString('en')} rows in turn, medians`,
  )
  console.log('| | rows/s | times one INSERT a row |\n|---|---|---|')
  for (const { name, rates } of contenders) {
    const rate = median(rates)
    console.log(
      `| ${name} | ${Math.round(rate).toLocaleString('en')} | ${(rate / median(single.rates)).toFixed(1)} |`,
    )
  }
}

async function measureReading(): Promise<void> {
  const dsn = await server.createDatabase()
  await using store = await open(dsn)
  const ticks = Math.floor(rowsToRead / containers)
  const spacing = Math.floor(day / ticks)
  const began = performance.now()
  for (let first = 0; first < ticks * containers; first += containers) {
    await store.write(batchAt(first, { rows: containers, interval: spacing, withStates: false }))
  }
  const seconds = (performance.now() - began) / 1000
  const rows = ticks * containers
  console.log(
    `\nfilled with ${rows.toLocaleString('en')} rows in ${seconds.toFixed(1)} s, ${Math.round(rows / seconds).toLocaleString('en')} rows/s`,
  )
  const client = await connect(dsn)
  await client.query('vacuum analyze')
  await printSizes(client, rows)

  const kinds = {
    'SELECT 1': () => client.query('select 1'),
    'last 5': (container: number) => read(store, container, { kind: 'last', count: 5 }),
    'last 100': (container: number) => read(store, container, { kind: 'last', count: 100 }),
    'a range of 1 h': (container: number) =>
      read(store, container, range(start + day - 3_600_000, start + day)),
    'a range of 24 h': (container: number) => read(store, container, range(start, start + day)),
  }
  const times = new Map(Object.keys(kinds).map((name) => [name, [] as number[]]))
  let drawn = 1
  for (let turn = -200; turn < 2000; turn += 1) {
    drawn = (drawn * 48_271) % 2_147_483_647
    for (const [name, query] of Object.entries(kinds)) {
      const asked = performance.now()
      await query(drawn % containers)
      if (turn >= 0) times.get(name)?.push(performance.now() - asked)
    }
  }
  console.log(`\nreading, 2000 containers at random in turn; a range of 24 h has ${ticks} samples`)
  console.log('| | p50 ms | p95 ms | p95, times SELECT 1 |\n|---|---|---|---|')
  const least = percentile(times.get('SELECT 1') ?? [], 0.95)
  for (const [name, values] of times) {
    const p95 = percentile(values, 0.95)
    console.log(
      `| ${name} | ${median(values).toFixed(3)} | ${p95.toFixed(3)} | ${(p95 / least).toFixed(1)} |`,
    )
  }
  await client.end()
}

const range = (from: number, to: number): SampleSelection => ({
  kind: 'range',
  from: instant(from),
  to: instant(to),
})
const never = new AbortController().signal

async function read(store: PostgresStore, container: number, selection: SampleSelection): Promise<void> {
  let samples = 0
  for await (const portion of store.samplesOf(workloadOf(container), selection, never))
    samples += portion.length
  if (samples === 0) throw new Error(`container ${container} has no samples`)
}

async function printSizes(client: pg.Client, rows: number): Promise<void> {
  const { rows: sizes } = await client.query<{ name: string; bytes: string }>(
    `select 'rows' as name, pg_table_size('container_metrics') as bytes
     union all
     select indexrelid::regclass::text, pg_relation_size(indexrelid) from pg_index
     where indrelid = 'container_metrics'::regclass`,
  )
  console.log('\n| on disk | bytes a row |\n|---|---|')
  for (const { name, bytes } of sizes) console.log(`| ${name} | ${(Number(bytes) / rows).toFixed(1)} |`)
  const all = sizes.reduce((sum, { bytes }) => sum + Number(bytes), 0)
  console.log(`| together | ${(all / rows).toFixed(1)} |`)
}

await measureWriting()
await measureReading()
process.exit()
