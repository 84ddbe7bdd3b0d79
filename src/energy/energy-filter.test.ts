import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { matcherOf } from './energy-filter.ts'
import type { EnergyFilter } from './energy-spans.ts'

const web = { node: 'node-1', workload: { namespace: 'shop', pod: 'web-0', container: 'app' } }
const unnamed = { node: 'node-1', workload: undefined }
const counts = (filter: EnergyFilter, series: Parameters<ReturnType<typeof matcherOf>>[0] = web) =>
  matcherOf(filter)(series)

describe('a filter of containers', () => {
  it('lets everything through when nothing is given, or only empty lists are', () => {
    assert.ok(counts({}))
    assert.ok(counts({ nodes: [], namespaces: [], pods: [], containers: [], exceptNodes: [] }))
    assert.ok(counts({}, unnamed))
  })

  it('takes each name that is among those given', () => {
    assert.ok(
      counts({ nodes: ['node-0', 'node-1'], namespaces: ['shop'], pods: ['web-0'], containers: ['app'] }),
    )
    assert.ok(!counts({ nodes: ['node-2'] }))
    assert.ok(!counts({ namespaces: ['shop'], pods: ['web'] }))
    assert.ok(!counts({ containers: ['App'] }))
  })

  it('leaves out nodes that somebody else answers for', () => {
    assert.ok(!counts({ exceptNodes: ['node-1'] }))
    assert.ok(!counts({ nodes: ['node-1'], exceptNodes: ['node-1'] }))
    assert.ok(counts({ exceptNodes: ['node-2'] }))
  })

  it('knows a container without names by its node alone', () => {
    assert.ok(counts({ nodes: ['node-1'] }, unnamed))
    assert.ok(!counts({ namespaces: ['shop'] }, unnamed))
    assert.ok(!counts({ pods: [''] }, unnamed))
  })
})
