import type { EnergySource } from '../../flows/energy-source.ts'
import type { Instant } from '../../units.ts'
import { createInterpreter } from './interpret.ts'
import { createMetricsClient, type MetricsEndpoint, printableUrl } from './metrics-client.ts'

/** Kepler's metrics endpoint as a source of energy readings, in either dialect, recognised anew at each scrape. */
export function createKeplerSource(
  endpoint: MetricsEndpoint,
  now: () => Instant,
): EnergySource & { close(): Promise<void> } {
  const target = printableUrl(endpoint.url)
  const client = createMetricsClient(endpoint, now)
  const interpret = createInterpreter(target)
  return {
    target,
    read: async (signal) => interpret(await client.fetch(signal)),
    close: () => client.close(),
  }
}
