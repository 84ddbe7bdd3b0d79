import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, it } from 'node:test'
import { goNumber } from './go-number.ts'
import { createNode } from './hardware.ts'
import { constant } from './power.ts'
import { readingRecordedIn } from './recorded-reading.ts'
import { loadRecording, readRecording, readSample } from './recording.ts'
import { renderReading, renderWithoutPower } from './render.ts'

const fixture = (file: string) =>
  readFile(path.join(import.meta.dirname, '../test/fixtures/kepler', file), 'utf8')

describe('a rendered node', () => {
  for (const file of [
    '00-just-started',
    '01-baseline',
    '02-next',
    '03-job-terminated-first-scraper',
    '04-container-restarted-old-terminated-new-running',
    '11a-exporter-restarted-first',
    '15a-new-container-unknown-to-kubelet-yet',
    '23-metrics-node-container-pod-only',
  ]) {
    it(`is, byte for byte, the recording ${file} when it is in the recorded state`, async () => {
      const text = await fixture(`main-13944a69/${file}.prom`)
      const recording = readRecording(text)
      const reading = readingRecordedIn(recording, 'current')
      assert.equal(renderReading(reading, recording, { dialect: 'current' }), text)
    })
  }

  for (const file of ['50a-legacy-v0.9.0-idle0', '50b-legacy-v0.9.0-idle0-later']) {
    it(`is, byte for byte, the recording ${file} when it is in the recorded state`, async () => {
      const text = await fixture(`v0.9.0/${file}.prom`)
      const recording = readRecording(text)
      const reading = readingRecordedIn(recording, 'legacy')
      assert.equal(renderReading(reading, recording, { dialect: 'legacy' }), text)
    })
  }

  it('is, byte for byte, the recorded OpenMetrics when it is in that state', async () => {
    const recorded = await fixture('main-13944a69/10-openmetrics.om.txt')
    const reading = readingRecordedIn(readRecording(recorded), 'current')
    const rendered = renderReading(reading, await loadRecording('current'), {
      dialect: 'current',
      format: 'open-metrics',
    })
    const powerOnly = (text: string) =>
      text.split('\n').filter((line) => !/^(# (HELP|TYPE) )?(go|process)_/.test(line))
    assert.deepEqual(powerOnly(rendered), powerOnly(recorded))
    const shapeOnly = (text: string) => text.split('\n').filter((line) => line.startsWith('# TYPE'))
    assert.deepEqual(shapeOnly(rendered), shapeOnly(recorded))
  })

  it('passes every family through that is not about power', async () => {
    const template = await loadRecording('current')
    const node = createNode({ name: 'node-z' })
    const rendered = readRecording(renderReading(node.observe('current'), template, { dialect: 'current' }))
    const passing = template.filter(({ name }) => !/^kepler_(container|pod|process|vm|node)_/.test(name))
    for (const family of passing) {
      assert.deepEqual(
        rendered.find(({ name }) => name === family.name),
        family,
      )
    }
  })

  it('shows the exact energy of its containers under its own node name', async () => {
    const node = createNode({ name: 'node-z' })
    node.startPod({ namespace: 'shop', pod: 'web', containers: [{ name: 'app', power: constant(10) }] })
    node.advance(3)
    const text = renderReading(node.observe('current'), await loadRecording('current'), {
      dialect: 'current',
    })
    const line = text
      .split('\n')
      .find((sample) => /^kepler_container_cpu_j.*"app".*zone="package"/.test(sample))
    const { labels, value } = readSample(line ?? '')
    assert.equal(value, '27')
    assert.deepEqual(
      labels.map(([name]) => name),
      ['container_id', 'container_name', 'node_name', 'pod_id', 'runtime', 'state', 'zone'],
    )
    assert.equal(new Map(labels).get('node_name'), 'node-z')
  })

  it('escapes quotes, backslashes and line feeds in names', async () => {
    const node = createNode({ name: 'n' })
    const odd = 'odd "name"\\with\nnewline'
    node.startPod({ namespace: 'n', pod: 'p', containers: [{ name: odd, power: constant(1) }] })
    const text = renderReading(node.observe('legacy'), await loadRecording('legacy'), { dialect: 'legacy' })
    assert.match(text, /container_name="odd \\"name\\"\\\\with\\nnewline"/)
    const sample = text.split('\n').find((line) => line.includes('odd '))
    assert.equal(new Map(readSample(sample ?? '').labels).get('container_name'), odd)
  })

  it('may come without any power family', async () => {
    for (const dialect of ['current', 'legacy'] as const) {
      const text = renderWithoutPower(await loadRecording(dialect), { dialect })
      assert.match(text, /^kepler_(exporter_)?build_info\{/m)
      assert.doesNotMatch(text, /joules|watts/)
    }
  })
})

describe('a number as Go prints it', () => {
  it('has an exponent below 1e-4 and from 1e6 on', () => {
    const printed = [
      0,
      -0,
      1,
      68e-6,
      0.0001,
      123456.789012,
      999999,
      1e6,
      1301305204,
      2 ** 63,
      1e21,
      5e-324,
      -1.5e-7,
    ]
    assert.deepEqual(printed.map(goNumber), [
      '0',
      '-0',
      '1',
      '6.8e-05',
      '0.0001',
      '123456.789012',
      '999999',
      '1e+06',
      '1.301305204e+09',
      '9.223372036854776e+18',
      '1e+21',
      '5e-324',
      '-1.5e-07',
    ])
  })

  it('names what is no finite number', () => {
    assert.deepEqual([Number.NaN, Infinity, -Infinity].map(goNumber), ['NaN', '+Inf', '-Inf'])
  })
})
