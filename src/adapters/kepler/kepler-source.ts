import type { EnergySource } from '../../flows/energy-source.ts'
import type { Instant } from '../../units.ts'
import { createInterpreter, type InterpreterOptions } from './interpret.ts'
import { createMetricsClient, type MetricsEndpoint, printableUrl } from './metrics-client.ts'

/**
 * Kepler's metrics endpoint as a source of energy readings, in either dialect, recognised anew at each scrape. Its node
 * is the one that it names itself; `endpoint.node` where it does not, and the address where nobody knows.
 */
export function createKeplerSource(
  endpoint: MetricsEndpoint & Pick<InterpreterOptions, 'maxSeries'> & { readonly node?: string | undefined },
  now: () => Instant,
): EnergySource & { close(): void } {
  const target = printableUrl(endpoint.url)
  const client = createMetricsClient(endpoint, now)
  const interpreter = createInterpreter({
    target,
    standInNode: endpoint.node,
    maxSeries: endpoint.maxSeries,
  })
  return {
    target,
    async read(signal) {
      // At most twice: of an exporter that is another than before, everything is wanted.
      for (;;) {
        const body = await client.fetch((head) => interpreter.begin(head), signal)
        const interpretation = body.end()
        if (interpretation.kind === 'scrape') return interpretation.scrape
      }
    },
    close: () => client.close(),
  }
}
