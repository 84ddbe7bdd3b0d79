import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { createInterpreter } from '../../src/adapters/kepler/interpret.ts'
import { instant } from '../../src/units.ts'
import { rowsOf } from '../counter-readings.ts'

describe('a recording of a real cluster with Kepler 0.7', () => {
  const folder = path.join(import.meta.dirname, '../../../shared/data/kepler-recorded')
  const files = globSync('*.prom', { cwd: folder }).toSorted()
  const skip =
    files.length === 0 ? 'the third-party recording is not on this machine; it is not shipped' : false

  it('is read whole, with idle energy apart from dynamic energy', { skip }, () => {
    const [first = ''] = files
    const body = createInterpreter({ target: 'http://kepler.test/metrics', maxSeries: 1e6 }).begin({
      contentType: 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
      receivedAt: instant(0),
    })
    body.push(readFileSync(path.join(folder, first)))
    const interpretation = body.end()
    assert.equal(interpretation.kind, 'scrape')
    const { dialect, nodes, unreadLines } = interpretation.scrape
    assert.equal(dialect, 'legacy')
    assert.equal(unreadLines.count, 0)
    const [node] = nodes
    assert.equal(node?.node, 'kind-fms-control-plane')
    const text = readFileSync(path.join(folder, first), 'utf8')
    for (const mode of ['dynamic', 'idle']) {
      const pattern = new RegExp(`^kepler_container_joules_total\\{.*mode="${mode}".*\\} (\\S+)$`, 'gm')
      const expected = Array.from(text.matchAll(pattern), ([, value]) => Number(value))
      assert.ok(expected.length > 10)
      assert.deepEqual(
        node && rowsOf(node.readings).flatMap((reading) => (reading.mode === mode ? [reading.joules] : [])),
        expected,
      )
    }
  })
})
