import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readingsOf } from '../../test/counter-readings.ts'
import { createEnergyBooks } from '../../test/energy-books.ts'
import { instant, watts } from '../units.ts'
import { createEnergyLedger } from './energy-ledger.ts'
import { containersPerStep, withoutPause, withPauses } from './steps.ts'

const containers = 3 * containersPerStep
const { counters } = readingsOf(
  Array.from({ length: containers }, (_, at) => ({
    containerId: `c${at}`,
    component: 'package',
    mode: 'dynamic',
    state: 'running',
    naming: { kind: 'named', workload: { namespace: 'shop', pod: `pod-${at}`, container: 'app' } },
    joules: 0,
  })),
)

function scrape(number: number) {
  const joules = Float64Array.from(counters, (_, at) => number * (30 + (at % 7)))
  return {
    node: 'n',
    at: instant(number * 10_000),
    basis: 'b',
    level: 'container',
    readings: { counters, joules },
    nodeReadings: [],
    unreadLines: 0,
  } as const
}

const limits = { nodeMaxWatts: watts(1e9), scrapeIntervalSeconds: 10, retentionSeconds: 3600 }
const createBooks = () => createEnergyBooks(limits)

describe('work in steps', () => {
  it('lets others in between, and gives what it would give at once', async () => {
    const paused = createBooks()
    const unpaused = createBooks()
    const pauses: number[] = []
    // More scrapes than a block has ticks: packing is work, too.
    for (let number = 0; number < 30; number += 1) {
      let count = 0
      const entry = await withPauses(paused.recording(scrape(number)), async () => {
        count += 1
      })
      pauses.push(count)
      assert.deepEqual(entry, withoutPause(unpaused.recording(scrape(number))))
    }
    const [ofBaseline, ofUsual = 0] = pauses
    assert.equal(ofBaseline, containers / containersPerStep)
    assert.equal(ofUsual, (2 * containers) / containersPerStep)
    assert.equal(Math.max(...pauses), ofUsual + containers / containersPerStep)
    const all = { kind: 'range', from: instant(0), to: instant(1e9) } as const
    for (const at of [0, containersPerStep, containers - 1]) {
      const workload = { namespace: 'shop', pod: `pod-${at}`, container: 'app' }
      assert.deepEqual(paused.samplesOf(workload, all), unpaused.samplesOf(workload, all))
      assert.equal(paused.samplesOf(workload, all).length, 29)
    }
  })

  it('is not told by the books until its end, not even of containers without names', () => {
    const ledger = createEnergyLedger(limits)
    const unnamed = counters.map((counter) => ({ ...counter, naming: { kind: 'unnamed' } as const }))
    const scrapeOfUnnamed = (number: number) => {
      const { readings, ...about } = scrape(number)
      return { ...about, readings: { counters: unnamed, joules: readings.joules } }
    }
    ledger.record(scrapeOfUnnamed(0))
    ledger.record(scrapeOfUnnamed(1))
    const before = ledger.booksOf('n')
    assert.ok(before !== undefined && before.unnamedJoules > 0)
    const steps = ledger.recording(scrapeOfUnnamed(2))
    steps.next()
    steps.next()
    assert.deepEqual(ledger.booksOf('n'), before)
    withoutPause(steps)
    assert.equal(ledger.booksOf('n')?.unnamedJoules, 2 * before.unnamedJoules)
  })
})
