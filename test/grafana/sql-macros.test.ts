import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../src/units.ts'
import { filledSql } from './sql-macros.ts'

const context = {
  from: instant(Date.UTC(2026, 1, 11, 10)),
  to: instant(Date.UTC(2026, 1, 11, 11)),
  intervalSeconds: 60,
  variables: { zone: 'DE', namespace: ['shop', "it's"] },
}
const filled = (sql: string) => filledSql(sql, context)

describe('a query of a dashboard, filled in as Grafana does', () => {
  it('has the ends of the range that is shown', () => {
    assert.equal(
      filled('select f($__timeFrom(), $__timeTo())'),
      "select f('2026-02-11T10:00:00.000000+00:00', '2026-02-11T11:00:00.000000+00:00')",
    )
    assert.equal(
      filled('where $__timeFilter(ended_at) and x'),
      "where ended_at BETWEEN '2026-02-11T10:00:00.000000+00:00' AND '2026-02-11T11:00:00.000000+00:00' and x",
    )
  })

  it('has the length of a step', () => {
    assert.equal(filled('$__interval, $__interval_ms'), '60s, 60000')
    assert.equal(
      filled('select $__timeGroupAlias(time, $__interval)'),
      'select floor(extract(epoch from time)/60)*60 AS "time"',
    )
    assert.equal(filled("$__timeGroup(time,'5m')"), 'floor(extract(epoch from time)/300)*300')
  })

  it('has the values of variables, several of them in quotes', () => {
    assert.equal(filled("'$zone' in ($namespace)"), "'DE' in ('shop','it''s')")
  })

  it('is refused with what nobody knows', () => {
    assert.throws(() => filled('$__unixEpochFilter(time)'), /no macro that is known here/)
    assert.throws(() => filled('$other'), /\$other is no variable of the dashboard/)
    assert.throws(() => filled('$__timeGroup(time, 1w)'), /1w is no interval/)
  })
})
