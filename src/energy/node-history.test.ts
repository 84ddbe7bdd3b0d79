import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { instant, joules } from '../units.ts'
import { flagBitsOf, flagsOf } from './energy-sample.ts'
import { createNodeHistory, type HistorySample, type NodeHistory } from './node-history.ts'
import type { SpanRow } from './span-columns.ts'
import { eachSampleOf } from './tick-block.ts'

const nobody = { node: 'node-1', workload: undefined }
const atSecond = (second: number) => instant(second * 1000)
const all = { kind: 'range', from: atSecond(0), to: atSecond(1e9) } as const

function tick(
  history: NodeHistory,
  second: number,
  seriesWithEnergy: Readonly<Record<number, number>>,
): void {
  const during = { from: atSecond(second - 10), to: atSecond(second) }
  history.beginTick(during)
  for (const [series, energyJoules] of Object.entries(seriesWithEnergy)) {
    history.put(Number(series), {
      during,
      energy: joules(energyJoules),
      counter: joules(1000 + energyJoules),
      flags: [],
    })
  }
}

const energiesOf = (history: NodeHistory, series: number) =>
  history.read(series, all).map(({ energy }) => energy)

const sample: HistorySample = {
  during: { from: atSecond(10), to: atSecond(20) },
  energy: joules(1),
  counter: joules(1),
  flags: [],
}

describe('the history of a node', () => {
  it('gives back what was put, exactly', () => {
    const history = createNodeHistory()
    tick(history, 20, { 7: 0.1 + 0.2 })
    assert.deepEqual(history.read(7, all), [
      {
        during: { from: 10_000, to: 20_000 },
        energy: 0.1 + 0.2,
        counter: 1000 + (0.1 + 0.2),
        flags: [],
      },
    ])
  })

  it('keeps the beginning of a sample that reaches back behind its tick', () => {
    const history = createNodeHistory()
    history.beginTick({ from: atSecond(10), to: atSecond(20) })
    history.put(1, { ...sample, during: { from: atSecond(3), to: atSecond(20) } })
    assert.equal(history.read(1, all)[0]?.during.from, 3000)
  })

  it('keeps flags, also in blocks that are full', () => {
    const history = createNodeHistory()
    history.beginTick({ from: atSecond(10), to: atSecond(20) })
    history.put(1, { ...sample, flags: ['reset', 'gap'] })
    for (let n = 3; n < 200; n += 1) tick(history, n * 10, { 1: n })
    assert.deepEqual(history.read(1, all)[0]?.flags, ['reset', 'gap'])
    assert.deepEqual(history.read(1, all)[1]?.flags, [])
  })

  it('selects samples that end within a range, both ends included', () => {
    const history = createNodeHistory()
    for (const second of [10, 20, 30, 40]) tick(history, second, { 1: second })
    const range = { kind: 'range', from: atSecond(20), to: atSecond(30) } as const
    assert.deepEqual(
      history.read(1, range).map(({ energy }) => energy),
      [20, 30],
    )
  })

  it('selects the last samples of a series, however long ago they are', () => {
    const history = createNodeHistory()
    for (let n = 1; n <= 150; n += 1) tick(history, n * 10, n <= 3 ? { 1: n, 2: n } : { 2: n })
    assert.deepEqual(
      history.read(1, { kind: 'last', count: 2 }).map(({ energy }) => energy),
      [2, 3],
    )
  })

  it('knows nothing of a series that was never put', () => {
    const history = createNodeHistory()
    tick(history, 10, { 1: 1 })
    assert.deepEqual(history.read(2, all), [])
  })

  it('refuses a sample before the first tick', () => {
    assert.throws(() => createNodeHistory().put(1, sample), /no tick/)
  })

  it('forgets whole blocks that ended before a moment', () => {
    const history = createNodeHistory()
    for (let n = 1; n <= 130; n += 1) tick(history, n * 10, { 1: n })
    history.forgetBefore(atSecond(601))
    const [oldest = 0] = energiesOf(history, 1)
    assert.ok(oldest > 1 && oldest <= 61, `${oldest} is the oldest`)
    assert.equal(energiesOf(history, 1).at(-1), 130)
    history.forgetBefore(atSecond(1e6))
    assert.equal(history.bytes, 0)
  })

  it('gives memory back when series vanish', () => {
    const history = createNodeHistory()
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, series) => [series, 1]))
    for (let n = 1; n <= 60; n += 1) tick(history, n * 10, many)
    const bytesWithMany = history.bytes
    for (let n = 61; n <= 180; n += 1) tick(history, n * 10, { 999: 1 })
    history.forgetBefore(atSecond(1210))
    assert.ok(
      history.bytes < bytesWithMany / 100,
      `${history.bytes} of ${bytesWithMany} bytes are still held`,
    )
    assert.equal(energiesOf(history, 999).length, 60)
  })

  it('answers like a plain list of samples, whatever comes and goes', () => {
    const number = fc.oneof(
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      fc.integer({ min: 0, max: 1e9 }).map((millijoules) => millijoules / 1000),
    )
    const put = fc.record({
      energy: number.map(joules),
      counter: number.map(joules),
      flags: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(255)).map(flagsOf),
      beginsEarlier: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(5000)),
    })
    const scripts = fc.array(fc.dictionary(fc.integer({ min: 0, max: 40 }).map(String), put), {
      minLength: 1,
      maxLength: 150,
    })
    fc.assert(
      fc.property(scripts, fc.nat(1600), fc.nat(1600), (script, a, b) => {
        const history = createNodeHistory()
        const plain = new Map<number, HistorySample[]>()
        for (const [n, samples] of script.entries()) {
          const during = { from: atSecond(n * 10), to: atSecond((n + 1) * 10) }
          history.beginTick(during)
          for (const [name, { beginsEarlier, ...numbers }] of Object.entries(samples)) {
            const series = Number(name)
            const put = { ...numbers, during: { from: instant(during.from - beginsEarlier), to: during.to } }
            assert.equal(history.put(series, put), true)
            assert.equal(history.put(series, sample), false, 'a second one changes nothing')
            plain.set(series, [...(plain.get(series) ?? []), put])
          }
        }
        const from = atSecond(Math.min(a, b))
        const to = atSecond(Math.max(a, b))
        const inBlocks = new Map<number, SpanRow[]>()
        for (const columns of history.blocksWithin({ from, to })) {
          const series = Array.from(columns.series, (number) => ({ ...nobody, number }))
          eachSampleOf({ ...columns, series }, { from, to }, ({ number }, row) => {
            inBlocks.set(number, [...(inBlocks.get(number) ?? []), row])
          })
        }
        for (let series = 0; series <= 40; series += 1) {
          const samples = plain.get(series) ?? []
          const inRange = samples.filter(({ during }) => during.to >= from && during.to <= to)
          assert.deepEqual(history.read(series, { kind: 'range', from, to }), inRange)
          assert.deepEqual(history.read(series, { kind: 'last', count: 3 }), samples.slice(-3))
          const visited: unknown[] = []
          history.visitRow(series, { from, to }, (columns) => {
            const block = { ...columns, series: [nobody] }
            eachSampleOf(block, { from, to }, (_, row) => visited.push(row))
          })
          const sorted = (inBlocks.get(series) ?? []).toSorted((a, b) => a.to - b.to)
          assert.deepEqual(sorted, visited, 'the same as in whole blocks')
          const sharing = samples.filter(({ during }) => during.from < to && during.to > from)
          assert.deepEqual(
            visited,
            sharing.map(({ during, energy, flags }) => ({
              ...during,
              joules: energy,
              samples: 1,
              flagBits: flagBitsOf(flags),
            })),
          )
        }
      }),
      { numRuns: 60 },
    )
  })
})
