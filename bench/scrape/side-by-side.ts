import { setTimeout as pause } from 'node:timers/promises'
import type { ExporterDialect } from './exporter-body.ts'
import type { ExporterProcess, Framing } from './exporter-process.ts'
import { startExporter } from './exporter-process.ts'
import { processorMilliseconds, residentBytes } from './process-cost.ts'
import { type Prometheus, startPrometheus } from './prometheus.ts'
import { type BenchedService, startBenchedService } from './service-process.ts'

export type Scenario = {
  readonly dialect: ExporterDialect
  readonly containers: number
  readonly framing: Framing
  readonly scrapes: number
  readonly intervalSeconds: number
  /** Which of the two Prometheus take part: one that is told to keep the energy alone, one as installed. */
  readonly rivals: readonly Rival[]
}

export type Rival = 'keep' | 'all'

/** What a process cost while it scraped. */
export type ScrapeCost = {
  readonly processorMsPerScrape: number
  readonly residentBytes: number
}

export type SideBySide = AsyncDisposable & {
  readonly exporter: ExporterProcess
  readonly service: BenchedService
  readonly rivals: ReadonlyMap<Rival, Prometheus>
  readonly costs: ReadonlyMap<'service' | Rival, ScrapeCost>
  readonly collectionMsPerScrape: number
}

const warmUpScrapes = 4
const keptFamily: Readonly<Record<ExporterDialect, string>> = {
  legacy: 'kepler_container_joules_total',
  current: 'kepler_container_cpu_joules_total',
}

/** Lets the service and Prometheus scrape the same exporter, at the same interval and time, and takes down what each costs. */
export async function runSideBySide(scenario: Scenario): Promise<SideBySide> {
  const { dialect, containers, framing, scrapes, intervalSeconds } = scenario
  await using starting = new AsyncDisposableStack()
  const exporter = starting.use(await startExporter({ dialect, containers, families: 'all' }))
  const urlFor = (client: string) => exporter.urlOf({ client, framing, encoding: 'identity' })
  const rivals = new Map<Rival, Prometheus>()
  for (const rival of scenario.rivals) {
    const keep = rival === 'keep' ? keptFamily[dialect] : undefined
    rivals.set(rival, starting.use(await startPrometheus({ target: urlFor(rival), intervalSeconds, keep })))
  }
  const service = starting.use(
    await startBenchedService({
      EXPORTER_URL: urlFor('service'),
      EXPORTER_MAX_BODY_MB: '4096',
      SAMPLE_INTERVAL: String(intervalSeconds),
      RETENTION: '2h',
      NODE_MAX_WATTS: '10000000',
      LOG_LEVEL: 'info',
    }),
  )
  const pids = new Map<'service' | Rival, number>([
    ['service', service.pid],
    ...Array.from(rivals, ([rival, { pid }]) => [rival, pid] as const),
  ])

  await scrapedTimes(exporter, [...pids.keys()], warmUpScrapes)
  const before = await exporter.served()
  const { collectionMs } = await service.figures()
  const processorBefore = new Map(Array.from(pids, ([who, pid]) => [who, processorMilliseconds(pid)]))
  await scrapedTimes(exporter, [...pids.keys()], warmUpScrapes + scrapes)
  const after = await exporter.served()
  const costs = new Map<'service' | Rival, ScrapeCost>()
  const scrapesOf = (who: string) => timesOf(after, who) - timesOf(before, who)
  for (const [who, pid] of pids) {
    const spent = processorMilliseconds(pid) - (processorBefore.get(who) ?? 0)
    costs.set(who, { processorMsPerScrape: spent / scrapesOf(who), residentBytes: residentBytes(pid) })
  }
  const collected = (await service.figures()).collectionMs - collectionMs
  const running = starting.move()
  return {
    exporter,
    service,
    rivals,
    costs,
    collectionMsPerScrape: collected / scrapesOf('service'),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
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
