import type { EnergySource } from '../../flows/energy-source.ts'
import type { Instant } from '../../units.ts'
import { createInterpreter } from './interpret.ts'
import { createMetricsClient, type MetricsEndpoint, printableUrl } from './metrics-client.ts'

/**
 * Kepler's metrics endpoint as a source of energy readings, in either dialect, recognised anew at each scrape. Its node
 * is the one that it names itself; `endpoint.node` where it does not, and the address where nobody knows.
 */
export function createKeplerSource(
  endpoint: MetricsEndpoint & { readonly node?: string | undefined },
  now: () => Instant,
): EnergySource & { close(): void } {
  const target = printableUrl(endpoint.url)
  const client = createMetricsClient(endpoint, now)
  const interpreter = createInterpreter(target, endpoint.node)
  return {
    target,
    async read(signal) {
      const body = await client.fetch((head) => interpreter.begin(head), signal)
      return body.end()
    },
    close: () => client.close(),
  }
}
