/**
 * What does it cost to answer a scrape of /metrics?
 *
 *     npm run bench:metrics -- --containers 10000 --zones 5
 *
 * Processor time of this process, all threads of it, the median of several rounds with all contenders in turn: printing
 * into bytes; the whole way through the HTTP server to a client in a process of its own, which reads everything; and, as
 * a yardstick, JSON.stringify of the same names and numbers, made ready beforehand. Exits with 1 when 10,000 containers
 * take 50 ms or more to print.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { everythingIn } from '../src/exposition/everything-in.ts'
import type { ExpositionFormat } from '../src/exposition/format.ts'
import { parseExposition } from '../src/exposition/parse.ts'
import { printPieces } from '../src/exposition/print.ts'
import { createEmissionMeter } from '../src/flows/emission-meter.ts'
import { emissionMetrics } from '../src/flows/emission-metrics.ts'
import { createRecordedPage } from '../src/flows/recorded-page.ts'
import { createFactBook } from '../src/intensity/fact-book.ts'
import { gramsPerKilowattHour, instant, joules } from '../src/units.ts'
import { configured, serveApi } from '../test/served-api.ts'
import { median } from './median.ts'

const { values: options } = parseArgs({
  options: {
    containers: { type: 'string', default: '10000' },
    zones: { type: 'string', default: '1,5' },
    rounds: { type: 'string', default: '15' },
  },
})
const containers = Number(options.containers)
const rounds = Number(options.rounds)
/** For the compiler. */
const warmUpRounds = 5
const boundMilliseconds = 50
const containersPerNode = 100
const allZones = 'DE FR PL SE GB ES IT NL AT CH BE CZ DK FI GR HU IE NO PT RO'.split(' ')

type Contender = { readonly name: string; readonly run: () => number | Promise<number> }

for (const zones of options.zones.split(',')) await compare(allZones.slice(0, Number(zones)))

async function compare(zones: readonly string[]): Promise<void> {
  const print = filledMeter(zones)
  const printed = Buffer.from([...print('prometheus-text')].join(''))
  const { samples } = parseExposition(printed, 'prometheus-text', { sample: () => {} })
  const objects = everythingIn(printed, 'prometheus-text').entries
  const server = await serveApi({ ports: { metrics: print } })
  const client = startClient(`${await server.listen({ host: '127.0.0.1', port: 0 })}/metrics`)
  const contenders: readonly Contender[] = [
    { name: 'printed, Prometheus text', run: () => bytesOf(print('prometheus-text')) },
    { name: 'printed, OpenMetrics', run: () => bytesOf(print('openmetrics')) },
    { name: 'JSON.stringify of the same', run: () => Buffer.from(JSON.stringify(objects)).length },
    { name: 'over HTTP', run: () => client.ask('identity') },
    { name: 'over HTTP, gzipped', run: () => client.ask('gzip') },
  ]
  const milliseconds = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  const bytes = new Map<string, number>()
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    for (const { name, run } of contenders) {
      const before = process.cpuUsage()
      bytes.set(name, await run())
      const { user, system } = process.cpuUsage(before)
      if (round >= 0) milliseconds.get(name)?.push((user + system) / 1000)
    }
  }
  client.stop()
  await server.close()

  console.log(
    `${containers} containers, ${zones.length} zones, ${samples} series, median of ${rounds}, Node ${process.version}`,
  )
  const yardstick = median(milliseconds.get('JSON.stringify of the same') ?? [])
  console.table(
    Object.fromEntries(
      Array.from(milliseconds, ([name, times]) => [
        name,
        {
          'CPU ms': Number(median(times).toFixed(1)),
          'x JSON.stringify': Number((median(times) / yardstick).toFixed(2)),
          MB: Number(((bytes.get(name) ?? 0) / 1e6).toFixed(2)),
        },
      ]),
    ),
  )
  const printing = median(milliseconds.get('printed, Prometheus text') ?? [])
  if (containers <= 10_000 && printing >= boundMilliseconds) {
    console.error(`printing took ${printing.toFixed(1)} ms; the bound is ${boundMilliseconds} ms`)
    process.exitCode = 1
  }
}

/** Names as Kubernetes makes them, and counters with all their digits. */
function filledMeter(zones: readonly string[]): (format: ExpositionFormat) => Iterable<string> {
  const intensities = createFactBook()
  intensities.add(zones.map((zone, place) => configured(zone, 100 + 37.3 * place)))
  const meter = createEmissionMeter({
    zones,
    mostContainers: containers,
    windowSeconds: 3600,
    staleSeconds: 35,
  })
  const workloads = Array.from({ length: containers }, (_, index) => ({
    namespace: `namespace-${index % 50}`,
    pod: `deployment-${index}-7d9fbd5c4-abcde`,
    container: `container-${index % 3}`,
  }))
  for (let tick = 1; tick <= 10; tick += 1) {
    const during = { from: instant((tick - 1) * 10_000), to: instant(tick * 10_000) }
    for (let first = 0; first < containers; first += containersPerNode) {
      const measurements = workloads.slice(first, first + containersPerNode).map((workload, index) => ({
        containerId: `c${index}`,
        workload,
        during,
        energy: joules(((first + index) * 7.123 + tick) % 97),
        counter: joules(0),
        flags: [],
      }))
      const page = { node: `node-${first}`, at: during.to, measurements, renamings: [], gaps: [] }
      meter.record(createRecordedPage(page, { intensities, knownAt: during.to }))
    }
  }
  const facts = zones.flatMap((zone) => intensities.latest(zone, instant(100_000)) ?? [])
  if (facts.some(({ intensity }) => intensity === gramsPerKilowattHour(0))) throw new Error('no intensity')
  return (format) =>
    printPieces(
      emissionMetrics({ meter, zonesChosenBy: 'METRICS_ZONES', intensities: facts, now: instant(100_000) }),
      format,
    )
}

function bytesOf(pieces: Iterable<string>): number {
  let bytes = 0
  for (const piece of pieces) bytes += Buffer.from(piece).length
  return bytes
}

/** A process that asks for the metrics when it is told how, reads them, and says how many bytes came. */
function startClient(url: string) {
  const program = `
    const http = require('node:http')
    const agent = new http.Agent({ keepAlive: true })
    require('node:readline').createInterface({ input: process.stdin }).on('line', (coding) => {
      http.get(${JSON.stringify(url)}, { agent, headers: { 'accept-encoding': coding } }, (response) => {
        let bytes = 0
        response.on('data', (chunk) => { bytes += chunk.length })
        response.on('end', () => console.log(bytes))
      })
    })`
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  return {
    async ask(coding: 'identity' | 'gzip'): Promise<number> {
      const answered = once(lines, 'line')
      child.stdin.write(`${coding}\n`)
      const [line]: unknown[] = await answered
      return Number(line)
    },
    stop: () => child.stdin.end(),
  }
}
