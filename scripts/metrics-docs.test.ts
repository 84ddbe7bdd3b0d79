import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { everyMetric } from '../test/prometheus/every-metric.ts'
import { metricsDocs } from './metrics-docs.ts'

describe('the documentation of the metrics', () => {
  const page = metricsDocs(everyMetric())

  it('is up to date', () => {
    const written = readFileSync(new URL('../docs/metrics.md', import.meta.url), 'utf8')
    assert.ok(written === page, 'docs/metrics.md is out of date; run npm run docs')
  })

  it('has a row for every metric, with its type, labels and meaning', () => {
    const rows = Array.from(page.matchAll(/^\| `(co2_\w+)` \| (counter|gauge) \|/gm), ([, name]) => name)
    assert.deepEqual(new Set(rows), new Set(everyMetric().map(({ name }) => name)))
    assert.ok(
      page.includes(
        '| `co2_container_emissions_grams_total` | counter | `namespace`, `pod`, `container`, `zone` | What a container has emitted',
      ),
    )
  })
})
