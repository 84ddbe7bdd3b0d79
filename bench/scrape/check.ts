import { setTimeout as pause } from 'node:timers/promises'
import { createExporterBody, type ExporterDialect } from './exporter-body.ts'
import { type ExporterProcess, type ServedScrape, startExporter } from './exporter-process.ts'
import { startBenchedService } from './service-process.ts'

const containersPerNode = 40
const fewestScrapes = 4
const transports = [
  { framing: 'fixed', encoding: 'identity' },
  { framing: 'chunked', encoding: 'identity' },
  { framing: 'fixed', encoding: 'gzip' },
  { framing: 'chunked', encoding: 'gzip' },
] as const
const dialects: readonly ExporterDialect[] = ['legacy', 'current']

/**
 * Scrapes eight nodes, of both dialects and in every way in which a body can come, and compares every measurement of
 * every container with the counters that were served, to the last bit. Throws at the first difference.
 */
export async function checkScrapedEnergy(): Promise<{ readonly measurements: number }> {
  await using exporters = new AsyncDisposableStack()
  const nodes: { dialect: ExporterDialect; node: string; url: string; exporter: ExporterProcess }[] = []
  for (const dialect of dialects) {
    const exporter = exporters.use(
      await startExporter({ dialect, containers: containersPerNode, families: 'all' }),
    )
    for (const { framing, encoding } of transports) {
      const node = `${dialect}-${framing}-${encoding}`
      nodes.push({
        dialect,
        node,
        exporter,
        url: exporter.urlOf({ client: 'check', node, framing, encoding }),
      })
    }
  }
  await using service = await startBenchedService({
    EXPORTER_URL: nodes.map(({ url }) => url).join(','),
    SAMPLE_INTERVAL: '1',
  })
  const everyExporter = [...new Set(nodes.map(({ exporter }) => exporter))]
  const answered = async () => (await Promise.all(everyExporter.map((exporter) => exporter.served()))).flat()
  const scrapesOf = (served: readonly ServedScrape[], node: string) =>
    served.filter((scrape) => scrape.node === node).sort((a, b) => a.milliseconds - b.milliseconds)
  for (;;) {
    const served = await answered()
    if (nodes.every(({ node }) => scrapesOf(served, node).length >= fewestScrapes)) break
    await pause(100)
  }
  const served = (await Promise.all(everyExporter.map((exporter) => exporter.stop()))).flat()
  await untilScraped(service.url, served.length)

  let measurements = 0
  for (const { dialect, node } of nodes) {
    const body = createExporterBody({ dialect, containers: containersPerNode, families: 'all', node })
    const scrapes = scrapesOf(served, node)
    for (const [index, { namespace, pod, name }] of body.containers.entries()) {
      const expected = scrapes.slice(1).map(({ milliseconds }, at) => {
        const before = body.countersAt(index, scrapes[at]?.milliseconds ?? 0)
        const after = body.countersAt(index, milliseconds)
        return after.reduce((sum, joules, zone) => sum + (joules - (before[zone] ?? 0)), 0)
      })
      const found = await energiesOf(service.url, { namespace, pod, container: name })
      if (expected.length !== found.length || expected.some((joules, at) => joules !== found[at])) {
        throw new Error(
          `${node} ${namespace}/${pod}/${name}: served were ${expected.join(', ')} J, measured ${found.join(', ')} J`,
        )
      }
      measurements += found.length
    }
  }
  return { measurements }
}

async function untilScraped(url: string, times: number): Promise<void> {
  for (;;) {
    const text = await (await fetch(`${url}/metrics`)).text()
    const scraped = Number(/^co2_api_scrapes_total (\d+)$/m.exec(text)?.[1])
    if (scraped === times) return
    if (scraped > times) throw new Error(`${scraped} scrapes are claimed where ${times} were served`)
    await pause(50)
  }
}

async function energiesOf(url: string, container: object): Promise<readonly number[]> {
  const response = await fetch(`${url}/api/co2-per-container`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...container, countries: ['DE'], n: 1000 }),
  })
  if (!response.ok) throw new Error(`${JSON.stringify(container)}: ${await response.text()}`)
  const answer = (await response.json()) as {
    results: { DE: { measurements: { energy_j: number }[] } }
  }
  return answer.results.DE.measurements.map(({ energy_j: joules }) => joules)
}
