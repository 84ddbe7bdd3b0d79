import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RecordedSeries, SeriesHistory } from '../../flows/series-history.ts'
import { instant } from '../../units.ts'
import { createKeplerHistory } from './kepler-history.ts'
import { keplerMetricNames } from './kepler-names.ts'
import { recogniseKeplerSeries } from './kepler-series.ts'
import { type NodeNaming, rebuildScrapes } from './rebuilt-scrapes.ts'

const never = new AbortController().signal
const byAddress: NodeNaming = ({ instance }) => instance
const context = (nameOf = byAddress) => ({ nameOf, zoneChoices: new Map() })

function series(
  name: string,
  labels: Readonly<Record<string, string>>,
  samples: readonly (readonly [second: number, value: number])[],
): RecordedSeries {
  return {
    name,
    labels: new Map(Object.entries({ instance: '10.0.0.1:9102', job: 'kepler', ...labels })),
    times: samples.map(([second]) => second * 1000),
    values: samples.map(([, value]) => value),
  }
}

const legacyContainer = {
  container_id: 'c1',
  container_name: 'app',
  pod_name: 'web-1',
  container_namespace: 'shop',
  mode: 'dynamic',
}

describe('the names of Kepler’s metrics', () => {
  it('are those that are recognised', () => {
    const labels = new Map([['container_namespace', 'shop']])
    for (const name of keplerMetricNames)
      assert.notEqual(recogniseKeplerSeries(name, labels), undefined, name)
    assert.equal(new Set(keplerMetricNames).size, keplerMetricNames.length)
  })
})

describe('recorded series', () => {
  it('are put together as the scrapes that they came from, oldest first', () => {
    const { scrapes, values } = rebuildScrapes(
      [
        series('kepler_container_joules_total', legacyContainer, [
          [10, 5],
          [20, 7],
        ]),
        series('kepler_node_package_joules_total', { exported_instance: 'node-b', mode: 'dynamic' }, [
          [10, 100],
          [20, 130],
        ]),
      ],
      context(),
    )
    assert.deepEqual(
      scrapes.map(({ exporter, scrape: { node, at, readings, nodeReadings } }) => ({
        exporter,
        node,
        at,
        joules: [...readings.joules, ...nodeReadings.map(({ joules }) => joules)],
      })),
      [
        { exporter: '10.0.0.1:9102', node: 'node-b', at: 10_000, joules: [5, 100] },
        { exporter: '10.0.0.1:9102', node: 'node-b', at: 20_000, joules: [7, 130] },
      ],
    )
    assert.equal(values, 4)
  })

  it('of a container without a sample at some time mean that it was not in that scrape', () => {
    const { scrapes } = rebuildScrapes(
      [
        series('kepler_container_joules_total', legacyContainer, [[10, 5]]),
        series('kepler_container_joules_total', { ...legacyContainer, container_id: 'c2' }, [
          [10, 1],
          [20, 2],
        ]),
      ],
      context(),
    )
    assert.deepEqual(
      scrapes.map(({ scrape }) => scrape.readings.counters.map(({ containerId }) => containerId)),
      [['c1', 'c2'], ['c2']],
    )
  })

  it('name a node that is not told by the address of its exporter, and say so', () => {
    const { scrapes, notes } = rebuildScrapes(
      [series('kepler_container_joules_total', legacyContainer, [[10, 5]])],
      context(() => 'http://10.0.0.1:9102/metrics'),
    )
    assert.equal(scrapes[0]?.scrape.node, 'http://10.0.0.1:9102/metrics')
    assert.deepEqual(notes, [
      'http://10.0.0.1:9102/metrics is the name of a node whose exporter does not tell another one.',
    ])
  })

  it('name such a node by where the exporter was found, if that is known', () => {
    const onNode = { ...legacyContainer, node: 'node-k' }
    const { scrapes } = rebuildScrapes(
      [series('kepler_container_joules_total', onNode, [[10, 5]])],
      context(({ node = 'unknown' }) => node),
    )
    assert.equal(scrapes[0]?.scrape.node, 'node-k')
  })

  it('of one scrape under two addresses, as with honor_labels, are joined by one name for both', () => {
    const { scrapes } = rebuildScrapes(
      [
        series('kepler_container_joules_total', legacyContainer, [[10, 5]]),
        series('kepler_node_package_joules_total', { instance: 'node-b', mode: 'dynamic' }, [[10, 100]]),
      ],
      context(() => 'node-b'),
    )
    assert.equal(scrapes.length, 1)
    assert.equal(scrapes[0]?.scrape.readings.counters.length, 1)
    assert.equal(scrapes[0]?.scrape.nodeReadings.length, 1)
  })

  it('that no counter can have make the scrape one with lines that could not be read', () => {
    const { scrapes } = rebuildScrapes(
      [
        series('kepler_container_joules_total', legacyContainer, [[10, 5]]),
        series('kepler_container_joules_total', { ...legacyContainer, container_id: 'c2' }, [
          [10, Number.NaN],
        ]),
      ],
      context(),
    )
    assert.equal(scrapes[0]?.scrape.unreadLines, 1)
  })

  it('without any energy are no scrape', () => {
    const built = [
      series('kepler_exporter_build_info', { version: 'v0.9.0' }, [[10, 1]]),
      series('something_else', {}, [[10, 1]]),
    ]
    assert.deepEqual(rebuildScrapes(built, context()).scrapes, [])
  })

  it('keep the zones that were chosen for a node', () => {
    const kept = context()
    const zone = (name: string, second: number) =>
      series(
        'kepler_container_cpu_joules_total',
        { node_name: 'node-a', container_id: 'c1', zone: name, state: 'running' },
        [[second, 1]],
      )
    const basisOf = (all: readonly RecordedSeries[]) => rebuildScrapes(all, kept).scrapes[0]?.scrape.basis
    assert.equal(basisOf([zone('package', 10), zone('dram', 10)]), 'current/container/dram+package')
    assert.equal(
      basisOf([zone('package', 20), zone('dram', 20), zone('psys', 20)]),
      'current/container/dram+package',
    )
  })
})

describe('Kepler’s history', () => {
  /** Exporters by address, with the nodes that each has told of. */
  function recording(exporters: Readonly<Record<string, readonly string[]>>): SeriesHistory {
    return {
      address: 'http://prometheus.example',
      async labelValues(label, { where }) {
        if (label === 'instance') return Object.keys(exporters)
        return label === 'node_name' ? (exporters[where.labels['instance']?.[0] ?? ''] ?? []) : []
      },
      async samplesWithin() {
        return []
      },
    }
  }

  it('reads together the exporters that have told of one node, one by one the others', async () => {
    const history = createKeplerHistory(
      recording({ a: ['n1'], b: ['n2'], c: ['n1'], d: ['n3', 'n4'], e: ['n5'], f: ['n4', 'n5'], g: [] }),
      { nameOf: byAddress },
    )
    const sources = await history.sourcesWithin({ from: instant(0), to: instant(1) }, never)
    assert.deepEqual(
      sources.map(({ exporters }) => exporters).toSorted((a, b) => String(a).localeCompare(String(b))),
      [['a', 'c'], ['b'], ['d', 'e', 'f'], ['g']],
    )
  })
})
