import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { promqlNames } from './promql-names.ts'

describe('the names in a PromQL expression', () => {
  it('are its metrics with the labels that select, and the labels that group', () => {
    assert.deepEqual(
      promqlNames('sum by (namespace, pod) (rate(co2_a_total{zone="$zone",namespace=~"x{y}"}[5m])) * 3600'),
      {
        selectors: [{ metric: 'co2_a_total', labels: ['zone', 'namespace'] }],
        groupings: ['namespace', 'pod'],
      },
    )
  })

  it('are found in the middle of arithmetic, with offsets, ranges and functions', () => {
    const { selectors } = promqlNames(
      'sum(increase(co2_a_total[$__range])) / clamp_min(sum(co2_b{x!="y"} offset 24h), 1) - 1',
    )
    assert.deepEqual(selectors, [
      { metric: 'co2_a_total', labels: [] },
      { metric: 'co2_b', labels: ['x'] },
    ])
  })

  it('are none where there are no metrics', () => {
    assert.deepEqual(promqlNames('vector(1)'), { selectors: [], groupings: [] })
  })
})
