/**
 * Loaded into the service before its own code (`node --import`): tells the benchmark, when it asks, what no one can see
 * from outside: the time of garbage collections, the delay of the event loop, what the heap holds.
 */
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import type { ServiceFigures } from './service-process.ts'

let collections = 0
let collectionMs = 0
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) {
    collections += 1
    collectionMs += duration
  }
}).observe({ entryTypes: ['gc'] })

const delay = monitorEventLoopDelay({ resolution: 1 })

process.on('message', (question) => {
  // Not from the start: it wakes the process up every millisecond.
  if (question === 'watch-loop') delay.enable()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  const figures: ServiceFigures = {
    collections,
    collectionMs,
    heapBytes: heapUsed,
    arrayBufferBytes: arrayBuffers,
    loopDelayMs: { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 },
  }
  if (question === 'watch-loop') delay.reset()
  process.send?.(figures)
})
// The benchmark's channel must not keep the service from ending.
process.channel?.unref()
