import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { rowsOf } from '../../../test/counter-readings.ts'
import type { NodeScrape } from '../../energy/reading.ts'
import { ScrapeError, type TargetScrape } from '../../flows/energy-source.ts'
import { instant } from '../../units.ts'
import { createInterpreter } from './interpret.ts'

const fixtures = path.join(import.meta.dirname, '../../../test/fixtures/kepler')

function contentTypeOf(file: string): string {
  return file.endsWith('.om.txt')
    ? 'application/openmetrics-text; version=1.0.0; charset=utf-8'
    : 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'
}

function interpretFile(file: string): TargetScrape {
  const interpreter = createInterpreter({ target: 'http://kepler.test/metrics', maxSeries: 1000 })
  const body = interpreter.begin({ contentType: contentTypeOf(file), receivedAt: instant(0) })
  body.push(readFileSync(file))
  const interpretation = body.end()
  assert.equal(interpretation.kind, 'scrape')
  return interpretation.scrape
}

/** One line per reading, so that a difference in review is a line. */
function linesOf({ node, basis, readings, nodeReadings, unreadLines }: NodeScrape): readonly string[] {
  return [
    `node ${node}, ${basis}, ${unreadLines} unread lines`,
    ...rowsOf(readings).map(({ containerId, component, mode, state, naming, joules }) => {
      const name =
        naming.kind === 'unnamed' ? 'unnamed' : `${naming.kind} ${Object.values(naming.workload).join('/')}`
      return `${containerId.slice(0, 12)} ${component} ${mode} ${state} ${joules} J, ${name}`
    }),
    ...nodeReadings.map(({ component, kind, joules }) => `node ${kind} ${component} ${joules} J`),
  ]
}

describe('what real Kepler wrote', () => {
  const recorded = globSync('*/*.{prom,om.txt}', { cwd: fixtures }).toSorted()

  it('is there to be read', () => {
    assert.equal(recorded.length, 20)
  })

  for (const file of recorded.filter((file) => !file.includes('no-power-families'))) {
    it(`${file} holds the readings that were expected`, (t) => {
      const { dialect, nodes, notes, unreadLines } = interpretFile(path.join(fixtures, file))
      assert.deepEqual(unreadLines, { count: 0, first: [] })
      t.assert.fileSnapshot(
        { dialect, notes, nodes: nodes.map(linesOf) },
        path.join(fixtures, file.replace(/\.(prom|om\.txt)$/, '.expected.json')),
      )
    })

    it(`${file} holds no other container energy than a plain search for its lines finds`, () => {
      const text = readFileSync(path.join(fixtures, file), 'utf8')
      const wanted =
        /^(?:kepler_container_joules_total\{.*mode="dynamic".*\}|kepler_container_cpu_joules_total\{.*zone="(?:package|dram)"\}) (\S+)$/gm
      const expected = Array.from(text.matchAll(wanted), ([, value]) => Number(value))
      const found = interpretFile(path.join(fixtures, file)).nodes.flatMap(({ readings }) =>
        rowsOf(readings)
          .filter(({ mode }) => mode === 'dynamic')
          .map(({ joules }) => joules),
      )
      assert.ok(expected.length > 0)
      assert.deepEqual(found, expected)
    })
  }

  it('without power families is a failed scrape, not a zero', () => {
    const file = path.join(fixtures, 'main-13944a69/14-http200-but-no-power-families.prom')
    assert.throws(
      () => interpretFile(file),
      (error) => error instanceof ScrapeError && error.failure === 'no-power-families',
    )
  })

  it('in OpenMetrics holds the same kinds of readings as in text', () => {
    const kinds = (file: string) =>
      interpretFile(path.join(fixtures, 'main-13944a69', file)).nodes[0]?.readings.counters.map(
        ({ containerId, component, naming }) => ({ containerId, component, naming }),
      )
    assert.deepEqual(kinds('10-openmetrics.om.txt'), kinds('05-restarted-container-joined.prom'))
  })
})
