import { readFile } from 'node:fs/promises'
import type { FastifyBaseLogger } from 'fastify'
import packageJson from '../package.json' with { type: 'json' }
import { readAnnualAverages } from './adapters/annual-averages/annual-averages.ts'
import type { ConfiguredIntensities } from './adapters/configured-intensities/configured-fact.ts'
import { readIntensityFile } from './adapters/configured-intensities/intensity-file.ts'
import { parseStaticOverride } from './adapters/configured-intensities/static-override.ts'
import type { Readiness } from './adapters/http/api-ports.ts'
import { createHttpServer } from './adapters/http/server.ts'
import { createKeplerSource } from './adapters/kepler/kepler-source.ts'
import { createMemoryStore } from './adapters/memory/memory-store.ts'
import { readZoneDirectory } from './adapters/zones/zones.ts'
import type { Config } from './config.ts'
import { createEnergyLedger } from './energy/energy-ledger.ts'
import type { LedgerPage } from './energy/ledger-page.ts'
import { type Workload, workloadKey } from './energy/workload.ts'
import { printExposition } from './exposition/print.ts'
import type { Clock } from './flows/clock.ts'
import { createKnownIntensities, type KnownIntensities } from './flows/know-intensities.ts'
import { createNodeOwners } from './flows/node-owners.ts'
import { createSampleReader } from './flows/read-samples.ts'
import { repeat } from './flows/repeat.ts'
import { createEmissionsReporter } from './flows/report-emissions.ts'
import { type ScrapeEvent, scrapeEnergy } from './flows/scrape-energy.ts'
import { createScrapeHealth, staleAfterSeconds } from './flows/scrape-health.ts'
import { createScrapeCounter } from './flows/scrape-totals.ts'
import { serviceMetrics } from './flows/service-metrics.ts'
import type { SourceStatement } from './intensity/reconcile.ts'
import type { ZoneDirectory } from './intensity/zone.ts'
import { type Instant, instant, watts } from './units.ts'

/** The service could not start as it was configured; each problem is one line for the person who starts it. */
export class StartError extends Error {
  override name = 'StartError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

export type Service = AsyncDisposable & {
  /** Where the API answers. */
  readonly url: string
}

/** A stop waits this long for requests that are under way. */
const drainMs = 8000
/** What one answer may read at once. */
const mostSamplesPerAnswer = 1_000_000
/** Containers measured within this time are listed, unless a caller says otherwise. */
const defaultSinceSeconds = 86_400
/** A node that was not read for this long is taken for gone, unless samples are kept longer. */
const nodeMemorySeconds = 86_400

/**
 * Wires and starts the service: this is the composition root. Throws StartError when the configuration does not
 * hold. Disposing of the service stops scraping, finishes the requests under way and lets go of everything.
 */
export async function startService(
  config: Config,
  { clock, logger }: { readonly clock: Clock; readonly logger: FastifyBaseLogger },
): Promise<Service> {
  await using starting = new AsyncDisposableStack()
  const startedAt = clock.now()
  const stop = starting.adopt(new AbortController(), (controller) => controller.abort())

  const directory = readZoneDirectory()
  const statements = await readIntensities(config, { directory, learnedAt: startedAt })
  const intensities = createKnownIntensities(statements)
  const authority = await readAuthority(config.scrape.authorityFile)

  const memory = createMemoryStore(config.retentionSeconds)
  const ledger = createEnergyLedger({
    nodeMaxWatts: watts(config.nodeMaxWatts),
    scrapeIntervalSeconds: config.scrape.intervalSeconds,
    retentionSeconds: config.retentionSeconds,
  })
  const sources = config.scrape.urls.map((url) =>
    starting.adopt(
      createKeplerSource({ ...config.scrape, url, authority }, () => clock.now()),
      (source) => source.close(),
    ),
  )
  const health = createScrapeHealth(
    sources.map(({ target }) => target),
    config.scrape.intervalSeconds,
  )
  const owners = createNodeOwners(staleAfterSeconds(config.scrape.intervalSeconds))
  const counter = createScrapeCounter()
  const tasks = createTaskWatch(logger)

  const samples = createSampleReader([{ ...memory, whenAway: 'fail' }], mostSamplesPerAnswer)

  const readiness = (): Readiness => {
    const now = clock.now()
    const reasons = [...tasks.deaths, ...health.reasonsNotReady(now)]
    return {
      isReady: reasons.length === 0,
      reasons,
      warnings: health.warnings(now),
      lastScrapeSuccessAt: health.lastSuccessAt,
      lastScrapeFailureAt: health.lastFailureAt,
    }
  }

  const server = await createHttpServer(
    {
      startedAt,
      version: packageJson.version,
      queryTimeoutSeconds: config.queryTimeoutSeconds,
      reportEmissions: createEmissionsReporter({ samples, intensities, now: () => clock.now() }),
      zones: {
        directory,
        hasFigures: (zone) => intensities.zones().includes(zone),
      },
      workloads: async (since, signal) => {
        const measured = await samples.workloadsSince(
          since ?? instant(clock.now() - defaultSinceSeconds * 1000),
          signal,
        )
        return distinctWorkloads([...ledger.workloads(), ...measured])
      },
      latestIntensities: () => latestOf(intensities, clock.now()),
      readiness,
      metrics: () =>
        printExposition(
          serviceMetrics({
            version: packageJson.version,
            totals: counter.totals(),
            targets: health.targets(),
            books: ledger.books(),
            containers: ledger.workloads().length,
            historyBytes: memory.bytes,
            isReady: readiness().isReady,
          }),
          'prometheus-text',
        ),
    },
    logger,
  )
  const keep = async (page: LedgerPage) => {
    await memory.write({ pages: [page], states: [] })
  }
  const onEvent = (event: ScrapeEvent) => {
    counter.count(event)
    logEvent(logger, event)
  }
  for (const source of sources) {
    tasks.watch(
      `scraping ${source.target}`,
      repeat(
        () =>
          scrapeEnergy(
            { source, ledger, health, owners, keep, now: () => clock.now(), onEvent },
            stop.signal,
          ),
        {
          everySeconds: config.scrape.intervalSeconds,
          clock,
          signal: stop.signal,
          onFailure: (err) => logger.error({ err, target: source.target }, 'a scrape failed unexpectedly'),
        },
      ),
    )
  }
  const forgetNodesBefore = (at: Instant) => {
    ledger.forgetNodesBefore(at)
    memory.forgetNodesBefore(at)
  }
  const nodeMemoryMs = Math.max(nodeMemorySeconds, config.retentionSeconds) * 1000
  tasks.watch(
    'forgetting nodes that are gone',
    repeat(async () => forgetNodesBefore(instant(clock.now() - nodeMemoryMs)), {
      everySeconds: 60,
      clock,
      signal: stop.signal,
      onFailure: (err) => logger.error({ err }, 'forgetting nodes failed'),
    }),
  )
  starting.defer(() => tasks.allEnded())

  starting.defer(async () => {
    const impatience = setTimeout(() => server.server.closeAllConnections(), drainMs)
    await server.close()
    clearTimeout(impatience)
  })
  // The first to go when the service stops: no scrape is begun while requests are drained.
  starting.defer(() => stop.abort())
  const url = await listen(server, config.http)

  const running = starting.move()
  return { url, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

async function listen(
  server: Awaited<ReturnType<typeof createHttpServer>>,
  { host, port }: Config['http'],
): Promise<string> {
  try {
    return await server.listen({ host, port })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new StartError([`HOST ${host} and PORT ${port} cannot be listened on: ${why}`])
  }
}

async function readIntensities(
  config: Config,
  context: { readonly directory: ZoneDirectory; readonly learnedAt: Instant },
): Promise<readonly SourceStatement[]> {
  const configured = { zones: context.directory, learnedAt: context.learnedAt }
  const { override, file } = config.intensities
  const overrideReading = override === undefined ? undefined : parseStaticOverride(override, configured)
  const fileReading = file === undefined ? undefined : await readIntensityFile(file, configured)
  const problems = [overrideReading, fileReading].flatMap((reading) =>
    reading?.kind === 'problems' ? reading.problems : [],
  )
  if (problems.length > 0) throw new StartError(problems)

  const statementOf = (source: string, reading: ConfiguredIntensities | undefined) => ({
    source,
    facts: reading?.kind === 'ok' ? reading.facts : [],
  })
  const annual = readAnnualAverages()
  return [
    { source: annual.id, facts: annual.facts },
    statementOf('CO2_INTENSITIES', overrideReading),
    statementOf('INTENSITY_FILE', fileReading),
  ]
}

async function readAuthority(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  try {
    const pem = await readFile(path, 'utf8')
    if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new StartError([`EXPORTER_CA_FILE holds ${JSON.stringify(path)}, which cannot be read: ${why}`])
  }
  throw new StartError([
    `EXPORTER_CA_FILE holds ${JSON.stringify(path)}, in which there is no PEM certificate; it must name a PEM bundle`,
  ])
}

function latestOf(intensities: KnownIntensities, now: Instant) {
  return intensities.zones().flatMap((zone) => intensities.latest(zone, now) ?? [])
}

function distinctWorkloads(workloads: readonly Workload[]): readonly Workload[] {
  return [...new Map(workloads.map((workload) => [workloadKey(workload), workload])).values()]
}

/** Notices background tasks that end before they should. */
function createTaskWatch(logger: FastifyBaseLogger) {
  const deaths: string[] = []
  const tasks: Promise<void>[] = []
  return {
    deaths,
    watch(name: string, task: Promise<void>): void {
      tasks.push(
        task.catch((err: unknown) => {
          deaths.push(
            `the background task "${name}" has died: ${err instanceof Error ? err.message : String(err)}`,
          )
          logger.error({ err, task: name }, 'a background task has died')
        }),
      )
    },
    async allEnded(): Promise<void> {
      await Promise.all(tasks)
    },
  }
}

function logEvent(logger: FastifyBaseLogger, event: ScrapeEvent): void {
  switch (event.kind) {
    case 'scraped': {
      const { target, seconds, scrape } = event
      logger.debug({ target, seconds, dialect: scrape.dialect, bytes: scrape.bytes }, 'scraped')
      if (scrape.unreadLines.count > 0) {
        logger.warn({ target, ...scrape.unreadLines }, 'lines of a scrape were left out')
      }
      return
    }
    case 'recorded': {
      const { target, node, entry } = event
      if (entry.kind === 'stale') {
        logger.warn(
          { target, node, at: entry.at, last: entry.last },
          'a scrape was not later than the one before; the clock may have been set back',
        )
      } else if (entry.isBaseline) {
        logger.info({ target, node }, 'first readings of a node: energy is counted from here on')
      }
      return
    }
    case 'gap':
      logger.info({ target: event.target, ...event.gap }, 'energy may have gone uncounted')
      return
    case 'failed':
      logger.warn({ target: event.target, failure: event.failure }, event.message)
      return
    case 'node-claimed-twice':
      logger.error(
        { target: event.target, node: event.node, by: event.by },
        'two exporters answer for one node; only one is counted',
      )
  }
}
