/**
 * What does a scrape cost, beside Prometheus that scrapes the same exporter at the same interval in the same run?
 *
 *     npm run bench:scrape -- --containers 100,300,1000,10000 --scrapes 100
 */
import { parseArgs } from 'node:util'
import { checkScrapedEnergy } from './scrape/check.ts'
import type { ExporterDialect } from './scrape/exporter-body.ts'
import { findPrometheus } from './scrape/prometheus.ts'
import { type Rival, runSideBySide } from './scrape/side-by-side.ts'

const { values: options } = parseArgs({
  options: {
    containers: { type: 'string', default: '1000,10000' },
    dialects: { type: 'string', default: 'legacy,current' },
    framing: { type: 'string', default: 'fixed' },
    scrapes: { type: 'string', default: '20' },
    interval: { type: 'string', default: '2' },
    rivals: { type: 'string', default: 'keep,all' },
    check: { type: 'boolean', default: false },
  },
})

if (options.check) {
  const { measurements } = await checkScrapedEnergy()
  console.log(`${measurements} measurements are those of the counters that were served, to the last bit`)
} else {
  await compare()
}

async function compare(): Promise<void> {
  const prometheus = findPrometheus()
  if (prometheus.kind === 'missing') console.log(`Without Prometheus: ${prometheus.why}`)
  else console.log(`Prometheus ${prometheus.version}, Node ${process.version}`)
  const rivals = (
    prometheus.kind === 'missing' ? [] : options.rivals.split(',').filter((name) => name !== '')
  ) as Rival[]

  for (const dialect of options.dialects.split(',') as ExporterDialect[]) {
    for (const containers of options.containers.split(',').map(Number)) {
      await using run = await runSideBySide({
        dialect,
        containers,
        framing: options.framing === 'chunked' ? 'chunked' : 'fixed',
        scrapes: Number(options.scrapes),
        intervalSeconds: Number(options.interval),
        rivals,
      })
      const { bytes, series } = run.exporter
      console.log(`${dialect}, ${containers} containers, ${series} series, ${(bytes / 1e6).toFixed(1)} MB`)
      const ours = run.costs.get('service')
      console.table(
        Object.fromEntries(
          Array.from(run.costs, ([who, { processorMsPerScrape, residentBytes }]) => [
            who,
            {
              'CPU ms a scrape': Number(processorMsPerScrape.toFixed(2)),
              'times ours': Number((processorMsPerScrape / (ours?.processorMsPerScrape ?? 0)).toFixed(1)),
              'resident MB': Math.round(residentBytes / 1e6),
              'times our memory': Number((residentBytes / (ours?.residentBytes ?? 0)).toFixed(1)),
            },
          ]),
        ),
      )
      console.log(`garbage collections: ${run.collectionMsPerScrape.toFixed(2)} ms a scrape`)
    }
  }
}
