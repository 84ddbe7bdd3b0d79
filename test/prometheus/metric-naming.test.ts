import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { namingProblems } from './metric-naming.ts'

const problemsOf = (...lines: readonly string[]) => namingProblems(lines.map((line) => `${line}\n`).join(''))

const declared = (name: string, type: string) => [`# HELP ${name} A metric.`, `# TYPE ${name} ${type}`]

describe('the rules for names of metrics', () => {
  it('are kept by a name that ends as its type and unit ask for', () => {
    assert.deepEqual(problemsOf(...declared('a_joules_total', 'counter'), 'a_joules_total{zone="DE"} 1'), [])
    assert.deepEqual(problemsOf(...declared('a_grams_per_kwh', 'gauge'), 'a_grams_per_kwh 1'), [])
  })

  it('ask for a help text and a type', () => {
    assert.deepEqual(problemsOf('a 1'), ['a has no help text', 'a has no type'])
    assert.deepEqual(problemsOf('# TYPE a gauge', 'a 1'), ['a has no help text'])
  })

  it('ask for _total behind counters, and behind nothing else', () => {
    assert.deepEqual(problemsOf(...declared('a', 'counter')), ['a counts and does not end in _total'])
    assert.deepEqual(problemsOf(...declared('a_total', 'gauge')), [
      'a_total ends in _total and does not count',
    ])
  })

  it('ask for base units, not abbreviated, and for no types', () => {
    for (const [name, problem] of [
      ['a_milliseconds', 'is not in a base unit: milliseconds'],
      ['a_hours', 'is not in a base unit: hours'],
      ['a_kilograms_x', 'is not in a base unit: kilograms'],
      ['a_ms', 'abbreviates a unit: ms'],
      ['a_gauge', 'says its type: gauge'],
      ['aB', 'is not in snake_case'],
      ['a:b', 'is not in snake_case'],
    ] as const) {
      assert.deepEqual(problemsOf(...declared(name, 'gauge')), [`${name} ${problem}`])
    }
  })

  it('ask for labels in snake_case that are not Prometheus’ own', () => {
    assert.deepEqual(problemsOf(...declared('a', 'gauge'), 'a{podName="x",__name="y"} 1'), [
      'a has the label podName, not in snake_case',
      'a has the label __name, which is Prometheus’ own',
    ])
  })
})
