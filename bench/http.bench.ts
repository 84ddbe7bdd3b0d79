/**
 * How many questions a second does the API answer, and how long does one take?
 *
 *     npm run bench:http -- --containers 10000 --seconds 5 --rounds 3 --connections 16 --only post,container,power,energy
 *
 * The contract's POST (the last ten measurements of a container, in two countries) over a fleet in memory, beside a handler
 * of the same framework that answers with a text of the same size, and beside `query_range` of a Prometheus with the same
 * counters where the machine has one: once for the power alone, and once for grams, which takes a query for each country
 * (an answer is both of them, with one constant intensity each). Then the energy of one container, the power of the last
 * minute by namespace, and the energy of five minutes by namespace, each beside the same question put to Prometheus.
 * Contenders take turns, round after round; the table shows medians. The processor time is what the server used for a request, user and system: the machine's other work does not count in it.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { type Fleet, intervalSeconds, questionAbout, workloadOf } from './http/fleet.ts'
import type { LoadAnswer, LoadQuestion } from './http/load.ts'
import { startPrometheusWith } from './http/prometheus.ts'
import { median } from './median.ts'
import { processorMilliseconds } from './scrape/process-cost.ts'
import { versionOf } from './scrape/prometheus.ts'

const { values: options } = parseArgs({
  options: {
    containers: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '16' },
    scrapes: { type: 'string', default: '60' },
    only: { type: 'string' },
  },
})
const seconds = Number(options.seconds)
const rounds = Number(options.rounds)
const connections = Number(options.connections)
/** So many containers are asked about in turn. */
const mostAsked = 500

const fleet: Fleet = {
  containers: Number(options.containers),
  scrapes: Number(options.scrapes),
  lastScrapeMs: Math.floor(Date.now() / 10_000) * 10_000 - 600_000,
}

type Contender = {
  readonly name: string
  readonly pid: number
  readonly port: number
  readonly requests: readonly string[]
  /** How many of its answers say as much as one of ours; one unless it says otherwise. */
  readonly perAnswer?: number
  readonly connections: number
}

type Round = LoadAnswer & { readonly processorUs: number }

function post(target: string, body: unknown): string {
  const text = JSON.stringify(body)
  return `POST ${target} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
}

const get = (target: string) => `GET ${target} HTTP/1.1\r\nhost: bench\r\n\r\n`

async function startServed() {
  const child = fork(path.join(import.meta.dirname, 'http/served.ts'), [JSON.stringify(fleet)])
  const [message]: unknown[] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('the server has ended')
    }),
  ])
  if (typeof message !== 'object' || message === null) throw new Error('the server tells no ports')
  const urls = Object.fromEntries(Object.entries(message))
  const portOf = (name: string) => Number(new URL(String(urls[name])).port)
  return {
    pid: child.pid ?? 0,
    apiPort: portOf('apiUrl'),
    textPort: portOf('textUrl'),
    async [Symbol.asyncDispose]() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

async function measure(contender: Contender, forSeconds: number): Promise<Round> {
  const question: LoadQuestion = { ...contender, seconds: forSeconds }
  const before = processorMilliseconds(contender.pid)
  const worker = new Worker(path.join(import.meta.dirname, 'http/load.ts'), { workerData: question })
  const [[answer]]: [LoadAnswer[], unknown] = await Promise.all([
    once(worker, 'message'),
    once(worker, 'exit'),
  ])
  if (answer === undefined || answer.failures > 0)
    throw new Error(`${contender.name} failed ${answer?.failures} times`)
  const perAnswer = contender.perAnswer ?? 1
  return {
    ...answer,
    requests: answer.requests / perAnswer,
    processorUs: (perAnswer * 1000 * (processorMilliseconds(contender.pid) - before)) / answer.requests,
  }
}

/** Rounds in turn, after one that warms up. */
async function compare(title: string, contenders: readonly Contender[]): Promise<void> {
  for (const contender of contenders) await measure(contender, seconds)
  const results = new Map<string, Round[]>()
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) {
      const found = await measure(contender, seconds)
      results.set(contender.name, [...(results.get(contender.name) ?? []), found])
    }
  }
  const first = contenders[0]?.name ?? ''
  const medianOf = (name: string, value: (round: Round) => number) =>
    median((results.get(name) ?? []).map(value))
  const rate = (name: string) => medianOf(name, (round) => round.requests / round.seconds)
  const processor = (name: string) => medianOf(name, (round) => round.processorUs)
  console.log(`\n${title}`)
  console.log('| | requests/s | p50 ms | p99 ms | CPU us | bytes | our rate / its | its CPU / ours |')
  console.log('|---|---|---|---|---|---|---|---|')
  for (const { name } of contenders) {
    const cells = [
      rate(name).toFixed(0),
      medianOf(name, ({ medianMs }) => medianMs).toFixed(2),
      medianOf(name, ({ p99Ms }) => p99Ms).toFixed(2),
      processor(name).toFixed(0),
      medianOf(name, ({ bytes }) => bytes).toFixed(0),
      (rate(first) / rate(name)).toFixed(2),
      (processor(name) / processor(first)).toFixed(2),
    ]
    console.log(`| ${name} | ${cells.join(' | ')} |`)
  }
}

await using served = await startServed()
const asked = Array.from({ length: Math.min(mostAsked, fleet.containers) }, (_, at) =>
  Math.floor((at * fleet.containers) / Math.min(mostAsked, fleet.containers)),
)
const version = versionOf()
await using prometheus = version === undefined ? null : await startPrometheusWith(fleet)

const end = fleet.lastScrapeMs / 1000
const rangeQuery = (query: string, points: number) =>
  get(
    `/api/v1/query_range?query=${encodeURIComponent(query)}&start=${end - (points - 1) * intervalSeconds}&end=${end}&step=${intervalSeconds}`,
  )
const selector = (container: number) => {
  const { namespace, pod, container: name } = workloadOf(container)
  return `kepler_container_joules_total{container_namespace="${namespace}",pod_name="${pod}",container_name="${name}"}`
}

/** The same question put to Prometheus, where there is one. */
const toPrometheus = (name: string, requests: readonly string[], more: Partial<Contender> = {}) =>
  prometheus === null
    ? []
    : [
        {
          name: `Prometheus ${version}, ${name}`,
          pid: prometheus.pid,
          port: prometheus.port,
          requests,
          connections,
          ...more,
        },
      ]
const ours = (requests: readonly string[], more: Partial<Contender> = {}): Contender => ({
  name: 'co2-api',
  pid: served.pid,
  port: served.apiPort,
  requests,
  connections,
  ...more,
})
const instantQuery = (query: string) => get(`/api/v1/query?time=${end}&query=${encodeURIComponent(query)}`)
const lastSeconds = (length: number) =>
  `from=${new Date(fleet.lastScrapeMs - length * 1000).toISOString()}&to=${new Date(fleet.lastScrapeMs).toISOString()}`
const sumByNamespace = (expression: string) => instantQuery(`sum by (container_namespace) (${expression})`)
const two = { connections: 2 }

const comparisons = {
  post: () =>
    compare(`POST /api/co2-per-container, ${fleet.containers} containers, ${connections} connections`, [
      ours(asked.map((container) => post('/api/co2-per-container', questionAbout(container)))),
      {
        name: 'Fastify, a text of that size',
        pid: served.pid,
        port: served.textPort,
        requests: asked.map((container) => post('/', questionAbout(container))),
        connections,
      },
      ...toPrometheus(
        'query_range of the power alone',
        asked.map((container) => rangeQuery(`rate(${selector(container)}[20s])`, 10)),
      ),
      ...toPrometheus(
        'query_range of grams, one for each country',
        asked.flatMap((container) =>
          [148, 20].map((grams) => rangeQuery(`rate(${selector(container)}[20s]) * ${grams} / 3.6e6`, 10)),
        ),
        { perAnswer: 2 },
      ),
    ]),

  container: () =>
    compare(`Energy of one container over ten minutes, ${connections} connections`, [
      ours(
        asked.map((container) => {
          const { namespace, pod, container: name } = workloadOf(container)
          return get(
            `/api/v1/emissions?namespace=${namespace}&pod=${pod}&container=${name}&zone=DE&${lastSeconds(600)}`,
          )
        }),
      ),
      ...toPrometheus(
        'increase(...[10m])',
        asked.map((container) => instantQuery(`increase(${selector(container)}[10m])`)),
      ),
      ...toPrometheus(
        'the counter itself, [10m]',
        asked.map((container) => instantQuery(`${selector(container)}[10m]`)),
      ),
    ]),

  power: () =>
    compare(`Power by namespace over the last minute, ${fleet.containers} containers, 2 connections`, [
      ours([get(`/api/v1/emissions?group_by=namespace&zone=DE&${lastSeconds(60)}`)], two),
      ...toPrometheus(
        'sum by (namespace) (rate(...[1m]))',
        [sumByNamespace('rate(kepler_container_joules_total[1m])')],
        two,
      ),
    ]),

  energy: () =>
    compare(`Energy by namespace over five minutes, ${fleet.containers} containers, 2 connections`, [
      ours([get(`/api/v1/emissions?group_by=namespace&zone=DE,FR&${lastSeconds(300)}`)], two),
      ...toPrometheus(
        'sum by (namespace) (increase(...[5m])), energy alone',
        [sumByNamespace('increase(kepler_container_joules_total[5m])')],
        two,
      ),
    ]),
}

const wanted = options.only?.split(',') ?? Object.keys(comparisons)
for (const [name, run] of Object.entries(comparisons)) if (wanted.includes(name)) await run()
if (version === undefined)
  console.log('\nPrometheus is not on this machine (Debian: apt-get install prometheus): it is left out.')
