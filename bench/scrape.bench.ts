/**
 * What does a scrape cost, beside Prometheus that scrapes the same exporter at the same interval in the same run, and
 * beside a process that receives the body and looks at none of it, which is what no one can spare?
 *
 *     npm run bench:scrape -- --containers 100,300 --interval 1 --scrapes 100 --warm-up 40
 *     npm run bench:scrape -- --containers 1000,10000
 *     npm run bench:scrape -- --containers 100000 --interval 10 --scrapes 6 --rivals bare
 *     npm run bench:scrape -- --containers 100000 --interval 5 --scrapes 10 --latency
 *
 * With `--latency` the service is alone, and is asked fifty questions a second meanwhile. 100,000 containers of legacy Kepler are
 * 745 MB a body; Prometheus as installed takes several seconds and gigabytes for each, so give it an interval that it can keep.
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
    'warm-up': { type: 'string', default: '4' },
    rivals: { type: 'string', default: 'keep,all,bare' },
    'node-options': { type: 'string', default: '' },
    latency: { type: 'boolean', default: false },
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
  const rivals = (options.latency ? [] : options.rivals.split(',').filter((name) => name !== '')) as Rival[]

  for (const dialect of options.dialects.split(',') as ExporterDialect[]) {
    for (const containers of options.containers.split(',').map(Number)) {
      await using run = await runSideBySide({
        dialect,
        containers,
        framing: options.framing === 'chunked' ? 'chunked' : 'fixed',
        scrapes: Number(options.scrapes),
        intervalSeconds: Number(options.interval),
        warmUpScrapes: Number(options['warm-up']),
        rivals: rivals.filter((rival) => rival === 'bare' || prometheus.kind === 'found'),
        isAsked: options.latency,
        nodeOptions: options['node-options'].split(' ').filter((option) => option !== ''),
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
      console.log(
        `garbage collections: ${run.collectionMsPerScrape.toFixed(2)} ms a scrape; ${run.bytesPerSample.toFixed(1)} bytes a kept sample`,
      )
      if (options.latency) {
        const { p99, max } = run.loopDelayMs
        console.log(`the service's event loop: delay p99 ${p99.toFixed(1)} ms, max ${max.toFixed(1)} ms`)
      }
      for (const [question, { asked, p50, p99, max }] of run.latencies) {
        console.log(
          `${question}: ${asked} times, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, max ${max.toFixed(1)} ms`,
        )
      }
    }
  }
}
