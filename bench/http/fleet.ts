import type { LedgerPage } from '../../src/energy/ledger-page.ts'
import type { Workload } from '../../src/energy/workload.ts'
import { instant, joules } from '../../src/units.ts'

/** A fleet whose containers draw a constant power each, scraped every ten seconds. The same for every reader. */
export type Fleet = { readonly containers: number; readonly scrapes: number; readonly lastScrapeMs: number }

export const intervalSeconds = 10
const containersPerNode = 100

export function nodeOf(container: number): string {
  return `node-${Math.floor(container / containersPerNode)}`
}

export function workloadOf(container: number): Workload {
  return {
    namespace: `team-${container % 40}`,
    pod: `checkout-service-${container.toString(36)}-7d9f8b6c5-x2x7q`,
    container: 'application',
  }
}

const wattsOf = (container: number) => 0.05 + (container % 200) / 10

/** What a counter shows after so many scrapes, of `fleet.scrapes`. */
export function counterOf(container: number, scrape: number): number {
  return Math.round(1000 * wattsOf(container) * intervalSeconds * scrape) / 1000
}

export function scrapeTimeMs({ scrapes, lastScrapeMs }: Fleet, scrape: number): number {
  return lastScrapeMs - (scrapes - scrape) * intervalSeconds * 1000
}

/** What a ledger would have written of each scrape, node by node. */
export function* pagesOf(fleet: Fleet): Generator<LedgerPage> {
  for (let scrape = 1; scrape <= fleet.scrapes; scrape += 1) {
    const during = {
      from: instant(scrapeTimeMs(fleet, scrape - 1)),
      to: instant(scrapeTimeMs(fleet, scrape)),
    }
    for (let first = 0; first < fleet.containers; first += containersPerNode) {
      const count = Math.min(containersPerNode, fleet.containers - first)
      const measurements = Array.from({ length: count }, (_, at) => {
        const container = first + at
        const counter = counterOf(container, scrape)
        return {
          containerId: `container-${container}`,
          workload: workloadOf(container),
          during,
          energy: joules(counter - counterOf(container, scrape - 1)),
          counter: joules(counter),
          flags: [],
        }
      })
      yield { node: nodeOf(first), at: during.to, measurements, renamings: [], gaps: [] }
    }
  }
}

/** The contract's question about the last ten measurements of a container, in two countries. */
export function questionAbout(container: number) {
  return { ...workloadOf(container), countries: ['DE', 'FR'], n: 10 }
}

export function fleetIn(text: string | undefined): Fleet {
  const fleet: unknown = JSON.parse(text ?? '')
  if (!isFleet(fleet)) throw new Error(`${text} is no fleet`)
  return fleet
}

function isFleet(value: unknown): value is Fleet {
  return typeof value === 'object' && value !== null && 'containers' in value && 'lastScrapeMs' in value
}
