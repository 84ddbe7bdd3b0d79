import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { drawDemo, fixedLines, type TableInput, type TableRow } from './demo-table.ts'

const row = (container: string, watts: number): TableRow => ({
  namespace: 'shop',
  pod: 'web-7d9fbd5c4-abcde',
  container,
  watts,
  gramsPerHour: { DE: watts * 0.3, FR: watts * 0.04, PL: watts * 0.66 },
})

const input: TableInput = {
  rows: [row('proxy', 1), row('app', 10)],
  countries: [
    { code: 'DE', gramsPerKwh: 300, method: 'configured' },
    { code: 'FR', gramsPerKwh: 40, method: 'configured' },
    { code: 'PL', gramsPerKwh: 660, method: 'annual-average' },
  ],
  serviceUrl: 'http://localhost:5001',
  example: row('app', 10),
  maxRows: 10,
}

describe('the table of the demo', () => {
  it('shows watts and grams per hour, the busiest container first, and a way to ask for more', () => {
    assert.deepEqual(drawDemo(input), [
      'co2-api demo: two simulated Kepler nodes, one of the 0.9 line and one current',
      'g/kWh: DE 300 (configured), FR 40 (configured), PL 660 (annual average)',
      '                                                       grams of CO2e per hour in',
      'NAMESPACE/POD/CONTAINER                      WATTS        DE        FR        PL',
      'shop/web-7d9fbd5c4-abcde/app                 10.00     3.000    0.4000     6.600',
      'shop/web-7d9fbd5c4-abcde/proxy                1.00    0.3000    0.0400    0.6600',
      'all of them                                  11.00     3.300    0.4400     7.260',
      '',
      'Try, in another terminal:',
      'curl -s http://localhost:5001/api/co2-per-container \\',
      '  -H content-type:application/json -d \'{"countries":["DE","FR","PL"],',
      '  "namespace":"shop","container":"app","pod":"web-7d9fbd5c4-abcde"}\'',
      'curl -s http://localhost:5001/api/containers',
      'curl -s http://localhost:5001/api/co2-intensities',
      'curl -s http://localhost:5001/healthz http://localhost:5001/readyz',
      'and in a browser: http://localhost:5001',
    ])
  })

  it('fits 80 columns, whatever the names and figures', () => {
    const rows = [row('c'.repeat(60), 1), row('app', 9_999.99)]
    for (const line of drawDemo({ ...input, rows })) assert.ok(line.length <= 80, line)
  })

  it('has as many lines besides the rows as it says', () => {
    assert.equal(drawDemo({ ...input, rows: [] }).length, fixedLines)
  })

  it('breaks the command before the pod when that has a long name', () => {
    const example = { ...row('app', 1), pod: 'p'.repeat(60) }
    const lines = drawDemo({ ...input, example })
    assert.ok(lines.includes('  "namespace":"shop","container":"app",'))
    assert.ok(lines.every((line) => line.length <= 80))
  })

  it('shortens a long name in the middle', () => {
    const [, , , , named = ''] = drawDemo({ ...input, rows: [row('a-container-with-a-long-name', 1)] })
    assert.match(named, /^shop\/web-7d9fbd5c4-a…ner-with-a-long-name +1\.00/)
  })

  it('sums up the rows for which there is no room', () => {
    const lines = drawDemo({ ...input, rows: [row('a', 3), row('b', 2), row('c', 1)], maxRows: 2 })
    assert.deepEqual(
      lines.slice(4, 7).map((line) => line.slice(0, 50).replace(/ {2,}/, ' ')),
      ['shop/web-7d9fbd5c4-abcde/a 3.00', '(2 more) 3.00', 'all of them 6.00'],
    )
  })

  it('shows a dash for an emission that is not known', () => {
    const [, , , , line = ''] = drawDemo({ ...input, rows: [{ ...row('a', 1), gramsPerHour: { DE: 1 } }] })
    assert.match(line, /1\.000 +- +-$/)
  })
})
