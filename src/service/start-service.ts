import { randomUUID } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Server as TlsServer } from 'node:tls'
import type { FastifyBaseLogger } from 'fastify'
import packageJson from '../../package.json' with { type: 'json' }
import type { Readiness } from '../adapters/http/api-ports.ts'
import { createHttpServer } from '../adapters/http/server.ts'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { readZoneDirectory } from '../adapters/zones/zones.ts'
import type { Config } from '../config.ts'
import { createBooksHistory } from '../energy/books-history.ts'
import { createEnergyLedger } from '../energy/energy-ledger.ts'
import type { LedgerPage } from '../energy/ledger-page.ts'
import { withPauses } from '../energy/steps.ts'
import { type Workload, workloadKey } from '../energy/workload.ts'
import { type MetricFamily, printPieces } from '../exposition/print.ts'
import { createEnergyAuditor } from '../flows/audit-energy.ts'
import type { Clock } from '../flows/clock.ts'
import { createZoneComparer } from '../flows/compare-zones.ts'
import { createEmissionMeter } from '../flows/emission-meter.ts'
import { emissionMetrics } from '../flows/emission-metrics.ts'
import type { KeepEvent } from '../flows/keep-measurements.ts'
import { createKnownIntensities, type KnownIntensities } from '../flows/know-intensities.ts'
import { createEnergyReadings } from '../flows/read-energy.ts'
import { createSampleReader } from '../flows/read-samples.ts'
import { createRecordedPage } from '../flows/recorded-page.ts'
import { createIntensityRefresher } from '../flows/refresh-intensities.ts'
import { repeat } from '../flows/repeat.ts'
import { createEmissionsReporter } from '../flows/report-emissions.ts'
import { createGroupEmissionsReporter } from '../flows/report-group-emissions.ts'
import { createScrapeBroadcast } from '../flows/scrape-broadcast.ts'
import type { ScrapeEvent } from '../flows/scrape-energy.ts'
import { createScrapeHealth, staleAfterSeconds, type TargetStatus } from '../flows/scrape-health.ts'
import { newsOf } from '../flows/scrape-news.ts'
import { createScrapeCounter } from '../flows/scrape-totals.ts'
import { serviceMetrics } from '../flows/service-metrics.ts'
import { createWorkShifter } from '../flows/shift-work.ts'
import { createEmissionsSummer } from '../flows/sum-emissions.ts'
import { createWriteCounter } from '../flows/write-totals.ts'
import { type Instant, instant, watts } from '../units.ts'
import { configuredZones, exportedZones } from './configured-zones.ts'
import { openHttpAccess } from './http-access.ts'
import { startKeeping } from './keeping.ts'
import { createLiveSources } from './live-sources.ts'
import { logKeepEvent, logRefreshEvent, logScrapeEvent } from './log-events.ts'
import { startScraping } from './scraping.ts'
import { readAuthority, readIntensities, StartError } from './start-inputs.ts'
import { openStorage } from './storage.ts'
import { createTaskWatch } from './task-watch.ts'
import { openCluster, startWorkloadOwners } from './workload-owners.ts'

export type Service = AsyncDisposable & {
  /** Where the API answers. */
  readonly url: string
}

/** A stop waits this long for requests that are under way. */
const drainMs = 8000
/** What one answer may read at once. */
const mostSamplesPerAnswer = 1_000_000
/** What is taken to the store is there within so long, unless that is away. */
const writingSeconds = 60
/** What one answer about many containers may read, portion by portion. */
const mostEnergyRowsPerAnswer = 20_000_000
/** Containers measured within this time are listed, unless a caller says otherwise. */
const defaultSinceSeconds = 86_400
/** How far back intensities are filled in. */
const mostBackfillSeconds = 7 * 86_400
/** How long facts that have ended are known to the process: a year and a month, for a report of the year. */
const intensityMemorySeconds = 400 * 86_400
/** How soon a token or a certificate that was changed takes effect. */
const rereadEverySeconds = 10
/** Where nobody names a zone and COUNTRIES names none. */
const lastHomeZone = 'DE'
/** How long an audit may take to read what is in memory. */
const auditSeconds = 60
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
  const now = () => clock.now()
  const stop = starting.adopt(new AbortController(), (controller) => controller.abort())

  for (const notice of config.notices) logger.warn(notice)
  const directory = readZoneDirectory()
  const statements = await readIntensities(config, { directory, learnedAt: startedAt })
  const intensities = createKnownIntensities(statements)
  const live = starting.use(
    await createLiveSources(config.intensities, {
      directory,
      clock,
      onNotice: (notice) => logger.warn(notice),
    }),
  )
  const countries = configuredZones('COUNTRIES', config.intensities.countries, directory)
  const exported = exportedZones(config.metrics, { countries, directory, fallback: lastHomeZone })
  for (const notice of exported.notices) logger.warn(notice)
  const refresher = createIntensityRefresher({
    sources: live.sources,
    zones: [...new Set([...countries, ...exported.inDemand])],
    backfillSeconds: Math.min(config.retentionSeconds, mostBackfillSeconds),
    learn: (facts) => intensities.learn(facts),
    known: (zone, during) => intensities.factsWithin(zone, during),
    clock,
    random: Math.random,
    onEvent: (event) => logRefreshEvent(logger, event),
  })
  const access = await openHttpAccess(config.access)
  const authority = await readAuthority(config.scrape.authorityFile)

  const writes = createWriteCounter()
  const onKeepEvent = (event: KeepEvent) => {
    writes.count(event)
    logKeepEvent(logger, event)
  }
  const storage = await openStorage(config, {
    now,
    onDropped: (dropped) => onKeepEvent({ kind: 'dropped', ...dropped }),
    onNotice: (notice) => logger.warn(notice),
  })
  if (storage !== undefined) starting.use(storage)
  const memory = createMemoryStore(config.retentionSeconds)
  const ledger = createEnergyLedger({
    nodeMaxWatts: watts(config.nodeMaxWatts),
    scrapeIntervalSeconds: config.scrape.intervalSeconds,
    retentionSeconds: config.retentionSeconds,
    ...(storage?.isShared === true ? { by: randomUUID() } : {}),
  })
  const health = createScrapeHealth([], config.scrape.intervalSeconds)
  const counter = createScrapeCounter()
  const broadcast = createScrapeBroadcast(clock)
  const meter =
    config.metrics.emissions === 'off'
      ? undefined
      : createEmissionMeter({
          zones: exported.zones,
          mostContainers: config.metrics.mostContainers,
          windowSeconds: config.retentionSeconds,
          staleSeconds: staleAfterSeconds(config.scrape.intervalSeconds),
        })
  const tasks = createTaskWatch(logger)
  const cluster = starting.use(await openCluster(config.kubernetes))
  const workloadOwners = startWorkloadOwners(config.kubernetes.owners, {
    cluster,
    clock,
    logger,
    signal: stop.signal,
    tasks,
  })

  const stores = [
    { ...memory, whenAway: 'fail' as const },
    ...(storage === undefined ? [] : [{ ...storage.store, whenAway: storage.whenAway }]),
  ]
  const samples = createSampleReader(stores, mostSamplesPerAnswer)
  // Shorter than samples are kept in memory, so that none goes while an audit reads them.
  const booksHistory = createBooksHistory(config.retentionSeconds - auditSeconds)
  const readEnergy = createEnergyReadings({
    memory,
    stored: storage === undefined ? undefined : { ...storage.store, whenAway: storage.whenAway },
    storedWithinSeconds: config.flushIntervalSeconds + writingSeconds,
    mostRows: mostEnergyRowsPerAnswer,
  })
  const sum = createEmissionsSummer({ readEnergy, intensities, pause: () => nextTurn() })
  const keeping =
    storage === undefined
      ? undefined
      : startKeeping({
          storage,
          config,
          clock,
          ledger,
          intensities,
          forgetSamples: (node) => memory.forgetNode(node),
          onEvent: onKeepEvent,
          signal: stop.signal,
          tasks,
        })
  await keeping?.ready

  const readiness = (): Readiness => {
    const at = clock.now()
    const reasons = [
      ...tasks.deaths,
      ...scraping.reasonsNotReady(),
      ...health.reasonsNotReady(at),
      ...(keeping?.reasonsNotReady() ?? []),
    ]
    return {
      isReady: reasons.length === 0,
      reasons,
      warnings: [
        ...config.notices,
        ...scraping.warnings(),
        ...health.warnings(at),
        ...(keeping?.warnings() ?? []),
        ...workloadOwners.warnings(),
        ...access.warnings(),
      ],
      lastScrapeSuccessAt: health.lastSuccessAt,
      lastScrapeFailureAt: health.lastFailureAt,
    }
  }

  const targetStatuses = (): readonly TargetStatus[] => {
    const { lastSeconds } = counter.totals()
    return health.targets().map((target) => ({
      ...target,
      state: health.stateOf(target, clock.now()),
      lastScrapeSeconds: lastSeconds.get(target.target),
    }))
  }

  const metricFamilies = (): readonly MetricFamily[] => {
    const at = clock.now()
    const ofService = serviceMetrics({
      version: packageJson.version,
      totals: counter.totals(),
      targets: targetStatuses(),
      books: ledger.books(),
      containers: ledger.workloads().length,
      historyBytes: memory.bytes,
      isReady: readiness().isReady,
      startedAt,
      now: at,
      stream: broadcast,
      refusals: access.refusals(),
      sources: refresher.states(),
      keeping: keeping === undefined ? undefined : { totals: writes.totals(), depth: keeping.depth() },
    })
    if (meter === undefined) return ofService
    // Whoever reads the metrics asks about these zones.
    for (const zone of meter.zones) refresher.want(zone)
    const facts = meter.zones.flatMap((zone) => intensities.latest(zone, at) ?? [])
    return [
      ...emissionMetrics({ meter, zonesChosenBy: exported.chosenBy, intensities: facts, now: at }),
      ...ofService,
    ]
  }

  const server = await createHttpServer(
    {
      startedAt,
      version: packageJson.version,
      queryTimeoutSeconds: config.queryTimeoutSeconds,
      reportEmissions: createEmissionsReporter({ samples, intensities, now }),
      reportGroupEmissions: createGroupEmissionsReporter({ sum, owners: workloadOwners.directory }),
      compareZones: createZoneComparer({ sum, owners: workloadOwners.directory, intensities }),
      shiftWork: createWorkShifter({ sum, owners: workloadOwners.directory, intensities, now }),
      zones: {
        directory,
        hasFigures: (zone) =>
          intensities.zones().includes(zone) || live.sources.some((source) => source.zones().includes(zone)),
        want: (zone) => refresher.want(zone),
      },
      workloads: async (since, signal) => {
        const measured = await samples.workloadsSince(
          since ?? instant(clock.now() - defaultSinceSeconds * 1000),
          signal,
        )
        return distinctWorkloads([...ledger.workloads(), ...measured])
      },
      homeZone: countries[0] ?? lastHomeZone,
      intensities,
      sources: () => refresher.states(),
      scrapeIntervalSeconds: config.scrape.intervalSeconds,
      targets: targetStatuses,
      scrapes: broadcast,
      auditEnergy: createEnergyAuditor({
        stores,
        booksHistory,
        lookBackSeconds: staleAfterSeconds(config.scrape.intervalSeconds),
      }),
      countedSinceStart: () => ({
        startedAt,
        books: ledger.books(),
        unreadLines: counter.totals().unreadLines,
        setAside: writes.totals().setAside,
        dropped: keeping?.depth().dropped ?? 0,
        waiting: keeping?.depth().measurements ?? 0,
      }),
      now,
      latestIntensities: () => latestOf(intensities, clock.now()),
      readiness,
      metrics: (format) => printPieces(metricFamilies(), format),
    },
    logger,
    access.options,
  )
  const keep = async (page: LedgerPage) => {
    // First, since it takes down where the counters stand right after this page.
    const kept = keeping?.keep(page)
    await memory.write({ pages: [page], states: [] })
    if (meter !== undefined) {
      const recorded = createRecordedPage(page, { intensities, knownAt: clock.now() })
      await withPauses(meter.recording(recorded), () => nextTurn())
    }
    await kept
  }
  const onEvent = (event: ScrapeEvent) => {
    counter.count(event)
    logScrapeEvent(logger, event)
    const page = event.kind === 'recorded' && event.entry.kind === 'recorded' ? event.entry.page : undefined
    const books = page === undefined ? undefined : ledger.booksOf(page.node)
    if (books !== undefined) booksHistory.note(books)
    if (broadcast.listeners === 0) return
    const knownAt = clock.now()
    const recorded = page === undefined ? undefined : createRecordedPage(page, { intensities, knownAt })
    const news = newsOf(event, { recorded, now: knownAt })
    if (news !== undefined) broadcast.publish(news)
  }
  const scraping = startScraping({
    config,
    cluster,
    authority,
    ledger,
    health,
    counter,
    keep,
    onEvent,
    clock,
    logger,
    tasks,
    signal: stop.signal,
    // Counters go on from where they stood before a restart: until that is known there is nothing to scrape for.
    meet: async (node) => keeping?.meet(node),
    mayBegin: async () => keeping === undefined || (await keeping.recalled),
  })
  if (live.sources.length > 0) {
    const refreshing = async () => {
      if (keeping !== undefined && !(await keeping.recalled)) return
      await refresher.run(stop.signal)
    }
    tasks.watch('refreshing carbon intensities', refreshing())
  }
  const forgetNodesBefore = (at: Instant) => {
    ledger.forgetNodesBefore(at)
    booksHistory.forgetNodesBefore(at)
    meter?.forgetGone(clock.now())
    memory.forgetNodesBefore(at)
    intensities.forgetEndedBefore(instant(clock.now() - intensityMemorySeconds * 1000))
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
  tasks.watch(
    'reading tokens and certificates again',
    repeat(() => access.refresh(server.server instanceof TlsServer ? server.server : undefined), {
      everySeconds: rereadEverySeconds,
      clock,
      signal: stop.signal,
      onFailure: (err) => logger.error({ err }, 'reading tokens and certificates again failed'),
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

function latestOf(intensities: KnownIntensities, now: Instant) {
  return intensities.zones().flatMap((zone) => intensities.latest(zone, now) ?? [])
}

function distinctWorkloads(workloads: readonly Workload[]): readonly Workload[] {
  return [...new Map(workloads.map((workload) => [workloadKey(workload), workload])).values()]
}
