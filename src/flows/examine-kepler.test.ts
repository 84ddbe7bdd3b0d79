import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type CounterReading, readingsOf } from '../../test/counter-readings.ts'
import type { NodeScrape } from '../energy/reading.ts'
import { instant } from '../units.ts'
import { ScrapeError, type TargetScrape } from './energy-source.ts'
import { examineKepler, examineNodes } from './examine-kepler.ts'

const never = new AbortController().signal
const target = 'http://10.0.0.1:28282/metrics'

function reading(containerId: string, name?: string): CounterReading {
  return {
    containerId,
    component: 'package',
    mode: 'dynamic',
    state: 'running',
    naming:
      name === undefined
        ? { kind: 'unnamed' }
        : { kind: 'named', workload: { namespace: 'shop', pod: 'web', container: name } },
    joules: 1,
  }
}

function node(name: string, readings: readonly CounterReading[] = [reading('c1', 'app')]): NodeScrape {
  return {
    node: name,
    at: instant(0),
    basis: 'current/container/package',
    level: 'container',
    readings: readingsOf(readings),
    nodeReadings: [],
    unreadLines: 0,
  }
}

function scrapeOf(nodes: readonly NodeScrape[], about: Partial<TargetScrape> = {}): TargetScrape {
  return { dialect: 'current', nodes, unreadLines: { count: 0, first: [] }, notes: [], bytes: 1, ...about }
}

/** Examines an exporter that gives these answers, one after the other and then again. */
async function examined(answers: readonly (TargetScrape | Error)[]) {
  let asked = 0
  let closed = 0
  const found = await examineKepler(
    () => ({
      target,
      async read() {
        const answer = answers[asked % answers.length]
        asked += 1
        if (answer === undefined || answer instanceof Error) throw answer ?? new Error('none')
        return answer
      },
      close() {
        closed += 1
      },
    }),
    4,
    never,
  )
  assert.equal(closed, asked)
  return { ...found, lines: found.findings.map(({ verdict, finding }) => `${verdict} ${finding}`) }
}

describe('an exporter that is examined', () => {
  it('is well when it tells of a node and its containers', async () => {
    const { lines, nodes } = await examined([scrapeOf([node('n1', [reading('c1', 'app'), reading('c2')])])])
    assert.deepEqual(lines, [
      'ok Kepler 0.10 or newer, node n1 with 2 containers, counted as current/container/package',
    ])
    assert.deepEqual(nodes, [{ node: 'n1', basis: 'current/container/package' }])
  })

  it('is warned of when one address stands before several nodes', async () => {
    const { lines, nodes } = await examined([scrapeOf([node('n1')]), scrapeOf([node('n2')])])
    assert.equal(lines[1], 'warn one address, several nodes: 4 readings met n1, n2')
    assert.equal(nodes.length, 2)
  })

  it('may tell of several nodes at once', async () => {
    const { lines } = await examined([scrapeOf([node('n1'), node('n2')])])
    assert.deepEqual(lines.length, 1)
  })

  it('is warned of when it shows no container, or none with a name', async () => {
    const { lines } = await examined([scrapeOf([node('n1', []), node('n2', [reading('c1')])])])
    assert.deepEqual(lines.slice(1), [
      'warn node n1 shows no container',
      'warn none of the 1 containers of node n2 has a name',
    ])
  })

  it('is warned of for what the exporter leaves out, and for lines that cannot be read', async () => {
    const { lines, findings } = await examined([
      scrapeOf([node('n1')], {
        notes: ['Kepler exports no pod level.'],
        unreadLines: { count: 3, first: [{ reason: 'no value', excerpt: 'kepler_x' }] },
      }),
    ])
    assert.deepEqual(lines.slice(1), [
      'warn Kepler exports no pod level',
      'warn 3 lines could not be read; the first: no value: "kepler_x"',
    ])
    assert.match(findings[1]?.advice ?? '', /metricsLevel/)
  })

  it('fails with what it said, and with what to do about that', async () => {
    for (const [failure, advice] of [
      ['unreachable', /28282/],
      ['timed-out', /EXPORTER_TIMEOUT/],
      ['bad-status', /EXPORTER_BEARER_TOKEN_FILE/],
      ['credentials-unreadable', /the file/],
      ['too-large', /EXPORTER_MAX_BODY_MB/],
      ['no-power-families', /\/proc/],
      ['not-an-exposition', /curl/],
      ['empty', /curl/],
      ['cut-off', /curl/],
    ] as const) {
      const { findings, lines } = await examined([new ScrapeError(failure, `${target} did not do it.`)])
      assert.deepEqual(lines, ['fail it did not do it'])
      assert.match(findings[0]?.advice ?? '', advice, failure)
    }
    const { findings } = await examined([new Error('a surprise')])
    assert.match(findings[0]?.advice ?? '', /report it/)
  })

  it('that fails now and then is told of both ways', async () => {
    const { lines } = await examined([scrapeOf([node('n1')]), new ScrapeError('cut-off', 'no')])
    assert.deepEqual(
      lines.map((line) => line.split(' ')[0]),
      ['fail', 'ok'],
    )
  })
})

describe('nodes that are examined', () => {
  it('are warned of when two exporters tell of one', () => {
    const nodes = [{ node: 'n1', basis: 'b' }]
    assert.deepEqual(
      examineNodes([
        { target: 'a', nodes },
        { target: 'b', nodes },
        { target: 'c', nodes: [{ node: 'n2', basis: 'b' }] },
      ]).map(({ subject, finding }) => `${subject}: ${finding}`),
      ['node n1: a and b both tell of it'],
    )
  })
})
