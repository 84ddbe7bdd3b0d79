import { createNode, type SimulatedNode } from '../../simulator/hardware.ts'
import { constant } from '../../simulator/power.ts'
import { createKeplerSource } from '../../src/adapters/kepler/kepler-source.ts'
import { systemClock } from '../../src/adapters/system/system-clock.ts'
import { createEnergyLedger } from '../../src/energy/energy-ledger.ts'
import type { LedgerLimits } from '../../src/energy/node-ledger.ts'
import { ScrapeError } from '../../src/flows/energy-source.ts'
import { type Interval, instant, watts } from '../../src/units.ts'
import { createKeptPages, type KeptPages } from './kept-pages.ts'
import { startPrometheus } from './prometheus-server.ts'
import { type SharedExporter, startSharedExporter } from './shared-exporter.ts'

export const scrapedEverySecond: LedgerLimits = {
  nodeMaxWatts: watts(20_000),
  scrapeIntervalSeconds: 1,
  retentionSeconds: 3600,
}

/** Two nodes, one of each dialect, that a real Prometheus and our own scraping have read side by side. */
export type TwoNodes = AsyncDisposable & {
  readonly prometheus: URL
  readonly during: Interval
  /** What our own scraping counted. */
  readonly live: KeptPages
}

type Chapter = (node: SimulatedNode) => 'the node' | 'a failure'

const nothingNew: Chapter = () => 'the node'

/** What happens on both nodes before each scrape after the first; each takes five seconds of theirs. */
const story: readonly Chapter[] = [
  nothingNew,
  function jobBegins(node) {
    const containers = [{ name: 'report', power: constant(12) }]
    node.startPod({ namespace: 'batch', pod: 'nightly-1', appears: 'unjoined', containers })
    return 'the node'
  },
  nothingNew,
  function containerIsReplaced(node) {
    node.restartContainer({ namespace: 'shop', pod: 'web-1', container: 'proxy' })
    return 'the node'
  },
  () => 'a failure',
  function zoneDoesNotMove(node) {
    node.zeroZone('dram')
    return 'the node'
  },
  function exporterRestarts(node) {
    node.resetCounters()
    return 'the node'
  },
  function jobEnds(node) {
    node.stopPod({ namespace: 'batch', pod: 'nightly-1' })
    return 'the node'
  },
  function containerBeginsAgain(node) {
    node.resetContainer({ namespace: 'shop', pod: 'web-1', container: 'app' })
    return 'the node'
  },
  nothingNew,
]

/** Plays the story, in some fifteen seconds: Prometheus scrapes every second, and the nodes wait for it. */
export async function playTwoNodes(): Promise<TwoNodes> {
  await using stack = new AsyncDisposableStack()
  const nodeA = createNode({ name: 'node-a' })
  const nodeB = createNode({ name: 'node-b', microjoulesPerCount: 1000 })
  const actors = [
    onStage(nodeA, stack.use(await startSharedExporter(nodeA, 'current')), stack),
    onStage(nodeB, stack.use(await startSharedExporter(nodeB, 'legacy')), stack),
  ]
  const ledger = createEnergyLedger(scrapedEverySecond)
  const live = createKeptPages()

  async function scrapeLive(): Promise<void> {
    for (const { source } of actors) {
      try {
        for (const scrape of (await source.read(new AbortController().signal)).nodes) {
          const entry = ledger.record(scrape)
          if (entry.kind === 'recorded') await live.write({ pages: [entry.page], states: [] })
        }
      } catch (failure) {
        if (!(failure instanceof ScrapeError)) throw failure
      }
    }
  }
  const scrapedByPrometheus = () => Promise.all(actors.map(({ exporter }) => exporter.readBy('Prometheus')))

  const from = instant(systemClock.now() - 1)
  const scraped = scrapedByPrometheus()
  const addresses = actors.map(({ exporter }) => exporter.address)
  const prometheus = stack.use(await startPrometheus(addresses))
  await scraped
  await scrapeLive()
  for (const chapter of story) {
    for (const { node, exporter } of actors) {
      node.advance(5)
      exporter.show(chapter(node))
    }
    await scrapedByPrometheus()
    await scrapeLive()
  }
  // What was scraped is there for queries when the next scrape begins.
  await scrapedByPrometheus()
  const during = { from, to: systemClock.now() }
  const playing = stack.move()
  return {
    prometheus: prometheus.url,
    during,
    live,
    [Symbol.asyncDispose]: () => playing.disposeAsync(),
  }
}

/** The node with its first pod, after its first minute, and who reads it live. */
function onStage(node: SimulatedNode, exporter: SharedExporter, stack: AsyncDisposableStack) {
  const containers = [
    { name: 'app', power: constant(9.5) },
    { name: 'proxy', power: constant(1.25) },
  ]
  node.startPod({ namespace: 'shop', pod: 'web-1', containers })
  node.advance(60)
  exporter.show('the node')
  return { node, exporter, source: stack.adopt(keplerAt(exporter.url), (open) => open.close()) }
}

function keplerAt(url: URL) {
  const endpoint = {
    url,
    timeoutSeconds: 5,
    maxBodyBytes: 1_000_000,
    maxSeries: 1000,
    authority: undefined,
  }
  return createKeplerSource({ ...endpoint, credentials: { kind: 'none' } }, () => systemClock.now())
}
