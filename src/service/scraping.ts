import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import { findByAddress, findByService, systemLookup } from '../adapters/dns/dns-targets.ts'
import { createKeplerSource } from '../adapters/kepler/kepler-source.ts'
import { createEndpointTargets } from '../adapters/kubernetes/endpoint-targets.ts'
import type { Config } from '../config.ts'
import type { ExporterAddress } from '../exporter-address.ts'
import type { Clock } from '../flows/clock.ts'
import { createNodeOwners } from '../flows/node-owners.ts'
import { createPolledTargets } from '../flows/polled-targets.ts'
import { repeat } from '../flows/repeat.ts'
import { type EnergyScrape, scrapeEnergy } from '../flows/scrape-energy.ts'
import { createScrapeFleet, type ScrapeFleet } from '../flows/scrape-fleet.ts'
import { type ScrapeHealth, staleAfterSeconds } from '../flows/scrape-health.ts'
import type { ScrapeCounter } from '../flows/scrape-totals.ts'
import { shardOf } from '../flows/shard.ts'
import { stableShare } from '../flows/stable-hash.ts'
import { createFixedTarget, type Target, type TargetDirectory } from '../flows/target-directory.ts'
import { logFleetEvent } from './log-events.ts'
import { StartError } from './start-inputs.ts'
import type { TaskWatch } from './task-watch.ts'
import type { Cluster } from './workload-owners.ts'

/** How often a name is resolved anew; CoreDNS lets what it says of a service be kept for 5 s. */
const resolveEverySeconds = 15

export type ScrapingContext = Required<Pick<EnergyScrape, 'ledger' | 'keep' | 'onEvent' | 'meet'>> & {
  readonly config: Config
  readonly cluster: Cluster
  /** The certificates of EXPORTER_CA_FILE. */
  readonly authority: string | undefined
  readonly health: ScrapeHealth
  readonly counter: Pick<ScrapeCounter, 'forget'>
  readonly clock: Clock
  readonly logger: FastifyBaseLogger
  readonly tasks: TaskWatch
  readonly signal: AbortSignal
  /** Whether there is anything to scrape for; resolves before the first scrape of a target. */
  readonly mayBegin: () => Promise<boolean>
}

/**
 * Scrapes every target that EXPORTER_URL leads to, from when it comes until it goes. Throws StartError for an address
 * that this process cannot follow.
 */
export function startScraping(context: ScrapingContext): Pick<ScrapeFleet, 'reasonsNotReady' | 'warnings'> {
  const { config, clock, logger, tasks, signal, health, counter } = context
  const { exporters, intervalSeconds } = config.scrape
  const { index, count } = config.shard
  const now = () => clock.now()
  const owners = createNodeOwners(staleAfterSeconds(intervalSeconds))
  /** One exporter is scraped at whole multiples of the interval, as it always was. */
  const isSpread = exporters.length > 1 || exporters[0]?.kind !== 'exporter'

  async function scrape(target: Target, gone: AbortSignal): Promise<void> {
    const source = createKeplerSource({ ...config.scrape, ...target, authority: context.authority }, now)
    health.expect(source.target)
    try {
      if (!(await context.mayBegin())) return
      const { ledger, keep, onEvent, meet } = context
      const pause = () => nextTurn()
      const turn = { source, ledger, health, owners, meet, keep, pause, now, onEvent }
      await repeat(() => scrapeEnergy(turn, gone), {
        everySeconds: intervalSeconds,
        offsetSeconds: isSpread ? intervalSeconds * stableShare(shareKey(target)) : 0,
        clock,
        signal: gone,
        onFailure: (err) => logger.error({ err, target: source.target }, 'a scrape failed unexpectedly'),
      })
    } finally {
      health.forget(source.target)
      owners.release(source.target)
      counter.forget(source.target)
      source.close()
    }
  }

  const fleet = createScrapeFleet({
    directories: exporters.map((address) => targetDirectoryOf(address, context)),
    isOurs: (target) => count === 1 || shardOf(shareKey(target), count) === index,
    async scrape(target, gone) {
      const scraping = scrape(target, gone)
      tasks.watch(`scraping ${target.url.host}`, scraping)
      // Whoever watches it sees it fail.
      await scraping.catch(() => {})
    },
    clock,
    onEvent: (event) => logFleetEvent(logger, event),
  })
  tasks.watch('finding targets', fleet.run(signal))
  return fleet
}

/** What stays the same when a pod comes back under another address. */
function shareKey({ node, url }: Target): string {
  return node ?? url.href
}

/** Who knows the targets behind an address. Throws StartError for one that this process cannot follow. */
export function targetDirectoryOf(
  address: ExporterAddress,
  { cluster, clock }: Pick<ScrapingContext, 'cluster' | 'clock'>,
): TargetDirectory {
  switch (address.kind) {
    case 'exporter':
      return createFixedTarget({ address: address.text, url: address.url })
    case 'addresses':
    case 'service-records': {
      const find = address.kind === 'addresses' ? findByAddress : findByService
      return createPolledTargets({
        address: address.text,
        find: (signal) => find(address.url, systemLookup, signal),
        everySeconds: resolveEverySeconds,
        clock,
      })
    }
    case 'kubernetes-service': {
      if (cluster.kind === 'none') {
        throw new StartError([
          `EXPORTER_URL names ${address.text}, and this process has no account in a cluster: ${cluster.why}`,
        ])
      }
      const { client } = cluster
      const service = { ...address, address: address.text }
      return createEndpointTargets({ client, service, clock, random: Math.random })
    }
  }
}
