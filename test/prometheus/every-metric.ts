import { readAnnualAverages } from '../../src/adapters/annual-averages/annual-averages.ts'
import type { MetricFamily } from '../../src/exposition/print.ts'
import { createEmissionMeter } from '../../src/flows/emission-meter.ts'
import { emissionMetrics } from '../../src/flows/emission-metrics.ts'
import { createRecordedPage } from '../../src/flows/recorded-page.ts'
import { serviceMetrics } from '../../src/flows/service-metrics.ts'
import { createFactBook } from '../../src/intensity/fact-book.ts'
import { busyService } from '../busy-service.ts'
import { at, measured, nginx, page } from '../contracts/measured.ts'
import { measuredFact } from '../measured-fact.ts'

/** Everything that /metrics can hold, each with at least one sample: a service with a store, sources and trouble. */
export function everyMetric(): readonly MetricFamily[] {
  const zones = ['DE', 'FR']
  const intensities = createFactBook()
  intensities.add(zones.map((zone) => measuredFact(100, -Infinity, Infinity, { zone })))
  const meter = createEmissionMeter({ zones, mostContainers: 1, windowSeconds: 3600, staleSeconds: 35 })
  const measurements = [
    measured(10),
    measured(10, { containerId: 'c2', workload: nginx }),
    measured(10, { containerId: 'c3', workload: undefined }),
  ]
  meter.record(createRecordedPage(page(measurements), { intensities, knownAt: at(10) }))
  const now = at(12)
  const facts = zones.flatMap((zone) => intensities.latest(zone, now) ?? [])
  const ofEmissions = emissionMetrics({ meter, zonesChosenBy: 'METRICS_ZONES', intensities: facts, now })
  const ofService = serviceMetrics({
    ...busyService,
    sources: [
      {
        source: readAnnualAverages(),
        gate: { kind: 'open' },
        failuresInARow: 0,
        lastSuccessAt: at(5),
        lastFailure: undefined,
        requests: 1,
        failures: 0,
        facts: 96,
      },
    ],
    keeping: {
      totals: {
        flushes: 1,
        written: 2,
        repeated: 3,
        setAside: 4,
        superseded: 7,
        dropped: 5,
        storeFailures: 6,
        lastSeconds: 0.5,
      },
      depth: { pages: 1, measurements: 2, bytes: 3, inMemoryOnly: 2, dropped: 5, oldestAt: busyService.now },
    },
  })
  return [...ofEmissions, ...ofService]
}
