import type { EnergySource } from '../../flows/energy-source.ts'
import type { Instant } from '../../units.ts'
import { createInterpreter } from './interpret.ts'
import { createMetricsClient, type MetricsEndpoint, printableUrl } from './metrics-client.ts'

/** Kepler's metrics endpoint as a source of energy readings, in either dialect, recognised anew at each scrape. */
export function createKeplerSource(
  endpoint: MetricsEndpoint,
  now: () => Instant,
): EnergySource & { close(): void } {
  const target = printableUrl(endpoint.url)
  const client = createMetricsClient(endpoint, now)
  const interpreter = createInterpreter(target)
  return {
    target,
    async read(signal) {
      const body = await client.fetch((head) => interpreter.begin(head), signal)
      return body.end()
    },
    close: () => client.close(),
  }
}
