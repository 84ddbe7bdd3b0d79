import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readDashboard } from './dashboard.ts'

/** Grafana's grid is so many columns wide. */
const columns = 24

const dashboards = [
  ['co2-api-prometheus', 'DS_PROMETHEUS', 'prometheus'],
  ['co2-api-postgresql', 'DS_POSTGRESQL', 'grafana-postgresql-datasource'],
] as const

for (const [name, variable, type] of dashboards) {
  describe(`the dashboard ${name}`, () => {
    const { uid, title, schemaVersion, panels, templating } = readDashboard(name)

    it('has a name of its own, in the schema of Grafana 11', () => {
      assert.equal(uid, name)
      assert.match(title, /^co2-api: /)
      assert.ok(schemaVersion >= 39 && schemaVersion <= 41)
    })

    it('asks the data source that is chosen, and no other', () => {
      const source = templating.list.find((each) => each.name === variable)
      assert.deepEqual([source?.type, source?.query], ['datasource', type])
      for (const { datasource, targets = [] } of panels) {
        for (const asked of [
          ...(datasource === undefined ? [] : [datasource]),
          ...targets.map((target) => target.datasource),
        ]) {
          assert.deepEqual(asked, { type, uid: `\${${variable}}` })
        }
      }
    })

    it('explains every panel, and lays them out without a gap or an overlap', () => {
      assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
      const taken = new Set<string>()
      for (const panel of panels) {
        const { x, y, w, h } = panel.gridPos
        assert.ok(x + w <= columns, panel.title)
        for (let column = x; column < x + w; column += 1) {
          for (let line = y; line < y + h; line += 1) {
            assert.ok(!taken.has(`${column} ${line}`), `${panel.title} lies over another panel`)
            taken.add(`${column} ${line}`)
          }
        }
        if (panel.type === 'row') continue
        assert.match(panel.description ?? '', /^[A-Z0-9].*\.$/, panel.title)
        assert.ok((panel.targets ?? []).length > 0, panel.title)
      }
    })
  })
}
