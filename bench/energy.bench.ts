/**
 * How long does it take to sum the energy of all containers, from measurements and from sums of them?
 *
 *     npm run bench:energy -- --containers 1000 --hours 24
 *
 * The containers are on nodes of a hundred and are measured every ten seconds. Memory holds the last hour of them, each
 * store all of it, once more with the sums made. Each question is asked `rounds` times, in turn; the table shows medians.
 * Every reading must come to the same joules. `longest` is how long the event loop stood still.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createMemoryStore } from '../src/adapters/memory/memory-store.ts'
import { openPostgresStore } from '../src/adapters/postgres/postgres-store.ts'
import { openSqliteStore } from '../src/adapters/sqlite/sqlite-store.ts'
import type { EnergyReader } from '../src/energy/energy-spans.ts'
import type { LedgerBatch } from '../src/energy/ledger-page.ts'
import { instant, joules } from '../src/units.ts'
import { startPostgresServer } from '../test/postgres/server.ts'
import { median } from './median.ts'

const { values: options } = parseArgs({
  options: {
    containers: { type: 'string', default: '1000' },
    hours: { type: 'string', default: '24' },
    rounds: { type: 'string', default: '3' },
  },
})
const containers = Number(options.containers)
const hours = Number(options.hours)
const rounds = Number(options.rounds)

const containersPerNode = 100
const intervalMs = 10_000
const hourMs = 3_600_000
/** A whole hour. */
const start = 1_770_804_000_000
const end = start + hours * hourMs
const scrapes = (end - start) / intervalMs
const never = new AbortController().signal

const known = Array.from({ length: containers }, (_, at) => ({
  containerId: at.toString(16).padStart(64, '7e3fa90c'),
  node: `node-${Math.floor(at / containersPerNode)}`,
  workload: { namespace: `team-${at % 40}`, pod: `checkout-${at}-7d9f8b6c5-x2x7q`, container: 'application' },
}))

/** What all containers used until scrape `tick`. */
function batchAt(tick: number): LedgerBatch {
  const during = { from: instant(start + (tick - 1) * intervalMs), to: instant(start + tick * intervalMs) }
  const byNode = Map.groupBy(known, ({ node }) => node)
  return {
    states: [],
    pages: Array.from(byNode, ([node, ofNode]) => ({
      node,
      at: during.to,
      renamings: [],
      gaps: [],
      measurements: ofNode.map(({ containerId, workload }, at) => ({
        containerId,
        workload,
        during,
        energy: joules(0.05 + ((at * 7919 + tick * 104_729) % 20_000) / 1000),
        counter: joules(tick),
        flags: [],
      })),
    })),
  }
}

type Reading = {
  readonly rows: number
  readonly joules: number
  readonly ms: number
  readonly longestMs: number
}

async function read(reader: EnergyReader, grainSeconds?: number, from = start): Promise<Reading> {
  const began = performance.now()
  let rows = 0
  let sum = 0
  let longestMs = 0
  let last = began
  const watch = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - last)
    last = performance.now()
  }, 1)
  const question = { during: { from: instant(from), to: instant(end) }, where: {}, grainSeconds }
  for await (const spans of reader.energyWithin(question, never)) {
    rows += spans.length
    for (const used of spans.joules) sum += used
  }
  clearInterval(watch)
  return { rows, joules: sum, ms: performance.now() - began, longestMs }
}

async function measure(
  name: string,
  questions: Readonly<Record<string, () => Promise<Reading>>>,
): Promise<void> {
  const readings = new Map(Object.keys(questions).map((question) => [question, [] as Reading[]]))
  for (let round = 0; round < rounds; round += 1) {
    for (const [question, ask] of Object.entries(questions)) readings.get(question)?.push(await ask())
  }
  let slowest: number | undefined
  for (const [question, all] of readings) {
    const [first] = all
    if (first === undefined) continue
    const ms = median(all.map((reading) => reading.ms))
    slowest ??= ms
    const longest = Math.max(...all.map((reading) => reading.longestMs))
    console.log(
      `| ${name}, ${question} | ${first.rows.toLocaleString('en')} | ${ms.toFixed(0)} | ${(slowest / ms).toFixed(1)} | ${longest.toFixed(0)} |`,
    )
    const total = readings.values().next().value?.[0]?.joules ?? 0
    if (Math.abs(first.joules - total) > 1e-9 * total)
      throw new Error(`${first.joules} J instead of ${total} J`)
  }
}

const directory = await mkdtemp(join(tmpdir(), 'co2-api-bench-'))
const now = () => instant(end + hourMs)
const memory = createMemoryStore(3600)
const sqlite = await openSqliteStore({
  path: join(directory, 'energy.sqlite'),
  retentionDays: undefined,
  now,
})
await using server = await startPostgresServer({ shared_buffers: '1GB', max_wal_size: '8GB' })
const postgres = await openPostgresStore({
  dsn: await server.createDatabase(),
  retentionDays: 36_500,
  sampleIntervalSeconds: 10,
  queryTimeoutSeconds: 600,
  now,
  onNotice: () => {},
})

let waiting: LedgerBatch[] = []
for (let tick = 1; tick <= scrapes; tick += 1) {
  const batch = batchAt(tick)
  if (tick > scrapes - 360) await memory.write(batch)
  await sqlite.write(batch)
  waiting.push(batch)
  if (waiting.length * containers < 10_000 && tick < scrapes) continue
  await postgres.write({ pages: waiting.flatMap(({ pages }) => pages), states: [] })
  waiting = []
}
await sqlite.tidy(never)

async function made(makeSums: () => Promise<number>): Promise<string> {
  const began = performance.now()
  while ((await makeSums()) > 0);
  return `${((performance.now() - began) / 1000).toFixed(1)} s`
}

console.log(
  `${containers.toLocaleString('en')} containers, ${hours} h, ${(scrapes * containers).toLocaleString('en')} measurements\n`,
)
console.log('| | rows | ms | times samples | longest, ms |\n|---|---|---|---|---|')
await measure('memory', { 'samples of the last hour': () => read(memory, undefined, end - hourMs) })
const stores = { SQLite: sqlite, PostgreSQL: postgres }
const making: string[] = []
for (const [name, store] of Object.entries(stores)) {
  making.push(`${name} ${await made(() => store.makeSums(never))}`)
  await measure(name, {
    samples: () => read(store),
    'sums of 5 min': () => read(store, 300),
    'sums of 1 h': () => read(store, 3600),
  })
}
console.log(`\nto make the sums: ${making.join(', ')}`)

await sqlite[Symbol.asyncDispose]()
await postgres[Symbol.asyncDispose]()
await rm(directory, { recursive: true })
process.exit()
