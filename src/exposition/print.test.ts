import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { everythingIn } from './everything-in.ts'
import type { ExpositionFormat } from './format.ts'
import { type MetricFamily, printExposition } from './print.ts'

const scrapes: MetricFamily = {
  name: 'co2_scrapes_total',
  help: 'Scrapes,\nby "outcome" \\ target.',
  type: 'counter',
  samples: [
    { labels: { outcome: 'good', target: 'C:\\node "a"\n' }, value: 3 },
    { value: 1.5, timestampMs: 1520879607789 },
  ],
}
const seconds: MetricFamily = {
  name: 'scrape_seconds',
  help: '',
  type: 'histogram',
  samples: [
    { suffix: '_bucket', labels: { le: '+Inf' }, value: 2 },
    { suffix: '_sum', value: 1e21 },
  ],
}
const odd: MetricFamily = {
  name: 'odd.name',
  help: 'Quoted.',
  type: 'unknown',
  samples: [
    { labels: { 'a label': 'ü' }, value: -Infinity },
    { value: Number.NaN },
    { value: -0 },
    { value: Infinity },
  ],
}

describe('metric families', () => {
  it('are printed in the Prometheus text format', () => {
    assert.equal(
      printExposition([scrapes, seconds, odd], 'prometheus-text'),
      [
        '# HELP co2_scrapes_total Scrapes,\\nby "outcome" \\\\ target.',
        '# TYPE co2_scrapes_total counter',
        'co2_scrapes_total{outcome="good",target="C:\\\\node \\"a\\"\\n"} 3',
        'co2_scrapes_total 1.5 1520879607789',
        '# HELP scrape_seconds ',
        '# TYPE scrape_seconds histogram',
        'scrape_seconds_bucket{le="+Inf"} 2',
        'scrape_seconds_sum 1e+21',
        '# HELP "odd.name" Quoted.',
        '# TYPE "odd.name" untyped',
        '{"odd.name","a label"="ü"} -Inf',
        '{"odd.name"} NaN',
        '{"odd.name"} -0',
        '{"odd.name"} +Inf',
        '',
      ].join('\n'),
    )
  })

  it('are printed in OpenMetrics, where a counter is declared without its suffix', () => {
    assert.equal(
      printExposition([scrapes, odd], 'openmetrics'),
      [
        '# TYPE co2_scrapes counter',
        '# HELP co2_scrapes Scrapes,\\nby \\"outcome\\" \\\\ target.',
        'co2_scrapes_total{outcome="good",target="C:\\\\node \\"a\\"\\n"} 3',
        'co2_scrapes_total 1.5 1520879607.789',
        '# TYPE "odd.name" unknown',
        '# HELP "odd.name" Quoted.',
        '{"odd.name","a label"="ü"} -Inf',
        '{"odd.name"} NaN',
        '{"odd.name"} -0',
        '{"odd.name"} +Inf',
        '# EOF',
        '',
      ].join('\n'),
    )
  })

  it('are of unknown type in OpenMetrics when they count without the suffix', () => {
    const family: MetricFamily = { name: 'scrapes', help: '', type: 'counter', samples: [] }
    assert.match(printExposition([family], 'openmetrics'), /^# TYPE scrapes unknown\n/)
  })

  it('are nothing but the end when there are none', () => {
    assert.equal(printExposition([], 'prometheus-text'), '')
    assert.equal(printExposition([], 'openmetrics'), '# EOF\n')
  })

  it('are read back as they were, whatever their names, labels and values', () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 })
    const name = fc.oneof(
      fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,8}$/),
      text.filter((given) => given !== ''),
    )
    const family = fc.record({
      name,
      // Blanks before a help text, and a carriage return at its end, are spacing in the text format.
      help: text.map((given) => given.trim()),
      type: fc.constantFrom('gauge' as const, 'histogram' as const, 'summary' as const),
      samples: fc.array(
        fc.record(
          {
            suffix: fc.constantFrom('', '_sum'),
            labels: fc.dictionary(name, text),
            value: fc.double(),
            timestampMs: fc.integer(),
          },
          { requiredKeys: ['value'] },
        ),
      ),
    })
    fc.assert(
      fc.property(
        fc.array(family),
        fc.constantFrom<ExpositionFormat>('prometheus-text', 'openmetrics'),
        (families, format) => {
          const { entries, outcome } = everythingIn(
            new TextEncoder().encode(printExposition(families, format)),
            format,
          )
          const expected = families.flatMap(({ name, help, type, samples }) => {
            const declared = [
              { help, of: name },
              { type, of: name },
            ]
            return [
              ...(format === 'openmetrics' ? declared.toReversed() : declared),
              ...samples.map(({ suffix = '', labels = {}, value, timestampMs }) => ({
                name: name + suffix,
                labels: Object.fromEntries(Object.entries(labels)),
                value,
                ...(timestampMs === undefined ? {} : { timestampMs }),
              })),
            ]
          })
          assert.deepEqual(entries, expected)
          assert.deepEqual(outcome.badLines, { count: 0, first: [] })
          assert.equal(outcome.ending, 'complete')
        },
      ),
    )
  })
})
