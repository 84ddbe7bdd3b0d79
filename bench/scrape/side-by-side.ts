import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { containersOf } from './containers.ts'
import type { ExporterDialect } from './exporter-body.ts'
import type { ExporterProcess, Framing } from './exporter-process.ts'
import { startExporter } from './exporter-process.ts'
import { type AskedRequest, askMeanwhile, type Latencies } from './latency.ts'
import { processorMilliseconds, residentBytes } from './process-cost.ts'
import { type Prometheus, startPrometheus } from './prometheus.ts'
import { type BenchedService, type ServiceFigures, startBenchedService } from './service-process.ts'

export type Scenario = {
  readonly dialect: ExporterDialect
  readonly containers: number
  readonly framing: Framing
  readonly scrapes: number
  readonly intervalSeconds: number
  /** Scrapes before that are not counted: code is compiled, and every series is seen for the first time. */
  readonly warmUpScrapes: number
  readonly rivals: readonly Rival[]
  /** Whether the service is asked questions meanwhile. */
  readonly isAsked: boolean
  /** Options of Node.js for the service, beside those that it is started with. */
  readonly nodeOptions: readonly string[]
}

/**
 * Who scrapes beside the service: Prometheus that is told to keep the energy alone, Prometheus as installed, and a process
 * that receives the body and looks at none of it.
 */
export type Rival = 'keep' | 'all' | 'bare'

/** What a process cost while it scraped. */
export type ScrapeCost = {
  readonly processorMsPerScrape: number
  readonly residentBytes: number
}

export type SideBySide = AsyncDisposable & {
  readonly exporter: ExporterProcess
  readonly service: BenchedService
  readonly costs: ReadonlyMap<'service' | Rival, ScrapeCost>
  readonly collectionMsPerScrape: number
  readonly bytesPerSample: number
  /** Of the questions that were asked meanwhile, by their names. */
  readonly latencies: ReadonlyMap<string, Latencies>
  /** How long the service's event loop stood still, where questions were asked. */
  readonly loopDelayMs: ServiceFigures['loopDelayMs']
}

const node = 'node-0'
const keptFamily: Readonly<Record<ExporterDialect, string>> = {
  legacy: 'kepler_container_joules_total',
  current: 'kepler_container_cpu_joules_total',
}

/** Lets the service and Prometheus scrape the same exporter, at the same interval and time, and takes down what each costs. */
export async function runSideBySide(scenario: Scenario): Promise<SideBySide> {
  const { dialect, containers, framing, scrapes, intervalSeconds, warmUpScrapes } = scenario
  await using starting = new AsyncDisposableStack()
  const exporter = starting.use(await startExporter({ dialect, containers, families: 'all' }))
  const urlFor = (client: string) => exporter.urlOf({ client, node, framing, encoding: 'identity' })
  const rivals = new Map<Rival, Scraper>()
  for (const rival of scenario.rivals) {
    const keep = rival === 'keep' ? keptFamily[dialect] : undefined
    const scraper =
      rival === 'bare'
        ? startBareReceiver(urlFor(rival), intervalSeconds)
        : await startPrometheus({ target: urlFor(rival), intervalSeconds, keep })
    rivals.set(rival, starting.use(scraper))
  }
  const service = starting.use(
    await startBenchedService(
      {
        EXPORTER_URL: urlFor('service'),
        EXPORTER_MAX_BODY_MB: '4096',
        SAMPLE_INTERVAL: String(intervalSeconds),
        RETENTION: '2h',
        NODE_MAX_WATTS: '10000000',
        LOG_LEVEL: 'info',
      },
      scenario.nodeOptions,
    ),
  )
  const pids = new Map<'service' | Rival, number>([
    ['service', service.pid],
    ...Array.from(rivals, ([rival, { pid }]) => [rival, pid] as const),
  ])

  await scrapedTimes(exporter, [...pids.keys()], warmUpScrapes)
  const before = await exporter.served()
  const { collectionMs } = await service.figures(scenario.isAsked ? 'watch-loop' : undefined)
  const processorBefore = new Map(Array.from(pids, ([who, pid]) => [who, processorMilliseconds(pid)]))
  let isOver = false
  const [, latencies] = await Promise.all([
    scrapedTimes(exporter, [...pids.keys()], warmUpScrapes + scrapes).finally(() => {
      isOver = true
    }),
    scenario.isAsked
      ? askMeanwhile(service.url, questionsAbout(containers), () => isOver)
      : new Map<string, Latencies>(),
  ])
  const after = await exporter.served()
  const costs = new Map<'service' | Rival, ScrapeCost>()
  const scrapesOf = (who: string) => timesOf(after, who) - timesOf(before, who)
  for (const [who, pid] of pids) {
    const spent = processorMilliseconds(pid) - (processorBefore.get(who) ?? 0)
    costs.set(who, { processorMsPerScrape: spent / scrapesOf(who), residentBytes: residentBytes(pid) })
  }
  const figures = await service.figures()
  const collected = figures.collectionMs - collectionMs
  const bytesPerSample = await bytesPerSampleOf(service.url)
  const running = starting.move()
  return {
    exporter,
    service,
    costs,
    collectionMsPerScrape: collected / scrapesOf('service'),
    bytesPerSample,
    latencies,
    loopDelayMs: figures.loopDelayMs,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

type Scraper = Pick<Prometheus, 'pid'> & AsyncDisposable

function startBareReceiver(url: string, intervalSeconds: number): Scraper {
  const child = fork(path.join(import.meta.dirname, 'bare-receiver.ts'), [url, String(intervalSeconds)])
  return {
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

function questionsAbout(containers: number): readonly AskedRequest[] {
  const [first] = containersOf(containers, node)
  if (first === undefined) throw new RangeError('there is no container to ask about')
  const { namespace, pod, name: container } = first
  return [
    {
      name: 'POST /api/co2-per-container',
      path: '/api/co2-per-container',
      method: 'POST',
      body: JSON.stringify({ namespace, pod, container, countries: ['DE'], n: 10 }),
    },
    { name: 'GET /healthz', path: '/healthz' },
  ]
}

/** Bytes in which samples are held, for each of them. */
async function bytesPerSampleOf(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  const valueOf = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1])
  return valueOf('co2_api_history_bytes') / valueOf('co2_api_samples_total')
}

function timesOf(served: readonly { readonly client: string }[], who: string): number {
  return served.filter(({ client }) => client === who).length
}

/** Waits until everyone has had so many whole answers. */
async function scrapedTimes(
  exporter: ExporterProcess,
  clients: readonly string[],
  times: number,
): Promise<void> {
  for (;;) {
    const served = await exporter.served()
    if (clients.every((client) => timesOf(served, client) >= times)) return
    await pause(200)
  }
}
