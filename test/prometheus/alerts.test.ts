import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { temporaryDirectory } from '../contracts/temporary-directory.ts'
import { promqlNames } from '../grafana/promql-names.ts'
import { everyMetric } from './every-metric.ts'
import { installed } from './installed.ts'

const root = path.join(import.meta.dirname, '../..')
const file = path.join(root, 'grafana/prometheus-alerts.yaml')
const promtool = installed('promtool')

type Rule = {
  readonly alert: string
  readonly expr: string
  readonly annotations: { readonly summary: string; readonly description: string }
}
const rules: readonly Rule[] = parse(readFileSync(file, 'utf8')).groups.flatMap(
  (group: { readonly rules: readonly Rule[] }) => group.rules,
)

describe('the rules for alerts', () => {
  const known = new Set(everyMetric().map(({ name }) => name))

  for (const { alert, expr, annotations } of rules) {
    it(`ask in ${alert} for metrics that there are, and say what is wrong`, () => {
      const { selectors } = promqlNames(expr)
      assert.ok(selectors.length > 0)
      for (const { metric } of selectors) assert.ok(known.has(metric), `there is no ${metric}`)
      assert.ok(annotations.summary.length > 10 && annotations.description.endsWith('.'))
    })
  }

  it('are each in the documentation, with what to look at', () => {
    const docs = readFileSync(path.join(root, 'docs/prometheus-and-grafana.md'), 'utf8')
    for (const { alert } of rules) assert.ok(docs.includes(`\`${alert}\``), alert)
  })

  it('are accepted by Prometheus', { skip: promtool.skip }, () => {
    const checked = spawnSync(promtool.program ?? '', ['check', 'rules', file], { encoding: 'utf8' })
    assert.equal(checked.status, 0, checked.stdout + checked.stderr)
  })
})

describe('the documented scrape configuration', () => {
  const docs = readFileSync(path.join(root, 'docs/prometheus-and-grafana.md'), 'utf8')
  const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(docs) ?? []

  it('keeps the labels of containers theirs', () => {
    assert.equal(parse(yaml).scrape_configs[0].honor_labels, true)
  })

  it('is accepted by Prometheus', { skip: promtool.skip }, async (t) => {
    const config = path.join(await temporaryDirectory(t), 'prometheus.yml')
    await writeFile(config, yaml)
    const checked = spawnSync(promtool.program ?? '', ['check', 'config', '--syntax-only', config], {
      encoding: 'utf8',
    })
    assert.equal(checked.status, 0, checked.stdout + checked.stderr)
  })
})
