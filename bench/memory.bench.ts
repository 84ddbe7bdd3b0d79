/**
 * How many bytes does one kept sample cost? Run: npm run bench:memory [-- --containers 10000 --samples 720]
 *
 * Fills the rolling series of a node through the ledger, as scrapes do, and compares the process's memory (heap and
 * array buffers, after a collection) with a plain list of { time, value } objects of the same samples.
 */
import { parseArgs } from 'node:util'
import { instant, watts } from '../src/units.ts'
import { type CounterReading, readingsOf } from '../test/counter-readings.ts'
import { createEnergyBooks } from '../test/energy-books.ts'

const { values: options } = parseArgs({
  options: { containers: { type: 'string', default: '10000' }, samples: { type: 'string', default: '720' } },
})
const containers = Number(options.containers)
const samples = Number(options.samples)
const intervalSeconds = 10

function collectedBytes(): number {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc')
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function createFilledBooks() {
  const books = createEnergyBooks({
    nodeMaxWatts: watts(1e9),
    scrapeIntervalSeconds: intervalSeconds,
    retentionSeconds: samples * intervalSeconds + 1,
  })
  const named = Array.from({ length: containers }, (_, at) => ({
    containerId: `container-${at}`,
    naming: { kind: 'named', workload: { namespace: 'bench', pod: `pod-${at}`, container: 'app' } } as const,
    watts: 0.05 + (at % 200) / 10,
  }))
  for (let scrape = 0; scrape <= samples; scrape += 1) {
    const readings = named.map(
      ({ containerId, naming, watts: power }): CounterReading => ({
        containerId,
        component: 'package',
        mode: 'dynamic',
        state: 'running',
        naming,
        joules: Math.round(1000 * power * intervalSeconds * scrape) / 1000,
      }),
    )
    const at = instant(scrape * intervalSeconds * 1000)
    books.record({
      node: 'n',
      at,
      basis: 'b',
      level: 'container',
      readings: readingsOf(readings),
      nodeReadings: [],
      unreadLines: 0,
    })
  }
  return books
}

function createPlainLists(): { time: number; value: number }[][] {
  return Array.from({ length: containers / 10 }, (_, at) =>
    Array.from({ length: samples }, (_unused, sample) => ({
      time: sample * 1e4 + 0.5,
      value: at + sample / 7,
    })),
  )
}

const before = collectedBytes()
const books = createFilledBooks()
const after = collectedBytes()
const kept = containers * samples
const ours = (after - before) / kept
console.log(`${containers} containers x ${samples} samples = ${kept} samples`)
console.log(`rolling series, containers' own state included: ${ours.toFixed(2)} bytes a sample`)
console.log(`columns alone: ${(books.recent.bytes / kept).toFixed(2)} bytes a sample`)

const beforeLists = collectedBytes()
const lists = createPlainLists()
const theirs = (collectedBytes() - beforeLists) / (lists.length * samples)
console.log(
  `plain { time, value } objects: ${theirs.toFixed(2)} bytes a sample, ${(theirs / ours).toFixed(1)} times as much`,
)
for (const workload of books.workloads()) {
  const found = books.samplesOf(workload, { kind: 'last', count: samples + 1 }).length
  if (found !== samples) throw new Error(`${workload.pod} has ${found} samples instead of ${samples}`)
}
if (books.workloads().length !== containers) throw new Error('the ledger lost containers')
