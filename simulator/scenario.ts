import { createNode, type SimulatedNode } from './hardware.ts'
import { constant, type PowerProfile } from './power.ts'
import type { Dialect } from './readings.ts'

/** Two nodes whose containers follow a script. */
export type Scenario = {
  readonly nodes: readonly { readonly node: SimulatedNode; readonly dialect: Dialect }[]
  /** Plays on until that many seconds after the start. However often it is called, the story is the same. */
  tick(secondsSinceStart: number): void
}

/** Every so many seconds, first after `first`. */
type Rhythm = { readonly every: number; readonly first: number }

const job: Rhythm = { every: 60, first: 6 }
const jobSeconds = 25
const roll: Rhythm = { every: 150, first: 45 }
const overlapSeconds = 4
const crash: Rhythm = { every: 40, first: 17 }
const currentExporterRestart: Rhythm = { every: 300, first: 120 }
const legacyExporterRestart: Rhythm = { every: 420, first: 200 }

/**
 * A shop with its database, a video encoder, a monitoring system and a control plane on two nodes, one per
 * dialect. Loads swing, a job comes every minute, the shop's front end is rolled out again, one pod keeps
 * crashing, and the exporters restart now and then. The same seed plays the same story.
 */
export function createDemoScenario(seed: number): Scenario {
  const random = randomFrom(seed)
  const current = createNode({ name: 'node-a' })
  const legacy = createNode({ name: 'node-b', microjoulesPerCount: 1000 })
  const suffix = () =>
    Array.from({ length: 5 }, () => letters[Math.floor(random() * letters.length)]).join('')
  const phaseSeconds = () => Math.floor(random() * 60)
  let played = 0
  let web = `web-7d9fbd5c4-${suffix()}`
  let outgoing: string | undefined
  let jobNumber = 28_391_000 + Math.floor(random() * 1000)
  let report: string | undefined

  const frontEnd: PowerProfile = sine({ mean: 9, amplitude: 5, period: 45, phase: phaseSeconds() })
  const proxy: PowerProfile = sine({ mean: 1.2, amplitude: 0.7, period: 45, phase: phaseSeconds() })
  const startWeb = () =>
    current.startPod({
      namespace: 'shop',
      pod: web,
      appears: 'unjoined',
      containers: [
        { name: 'app', power: frontEnd },
        { name: 'istio-proxy', power: proxy },
      ],
    })

  startWeb()
  current.startPod({
    namespace: 'shop',
    pod: `checkout-6b8f7d54c-${suffix()}`,
    containers: [
      { name: 'app', power: burst({ base: 3, peak: 11, period: 20, length: 6, phase: phaseSeconds() }) },
    ],
  })
  // A static pod: its uid is the hash of its manifest.
  current.startPod({
    namespace: 'kube-system',
    pod: 'etcd-node-a',
    uid: '2237e0ff7ba644bfa7fed89942084595',
    containers: [{ name: 'etcd', power: constant(2.4) }],
  })
  legacy.startPod({
    namespace: 'shop',
    pod: 'postgres-0',
    containers: [
      { name: 'postgres', power: sine({ mean: 7, amplitude: 3, period: 70, phase: phaseSeconds() }) },
    ],
  })
  legacy.startPod({
    namespace: 'media',
    pod: `encoder-5f4d8c9b77-${suffix()}`,
    containers: [
      { name: 'ffmpeg', power: burst({ base: 2, peak: 34, period: 50, length: 30, phase: phaseSeconds() }) },
    ],
  })
  legacy.startPod({
    namespace: 'monitoring',
    pod: 'prometheus-0',
    containers: [
      { name: 'prometheus', power: sine({ mean: 4, amplitude: 1, period: 15, phase: phaseSeconds() }) },
    ],
  })
  const crashing = { namespace: 'batch', pod: 'importer-0', container: 'main' }
  legacy.startPod({ ...crashing, containers: [{ name: crashing.container, power: constant(5.5) }] })

  function happen(second: number): void {
    if (isDue(second, job)) {
      jobNumber += 1
      report = `nightly-report-${jobNumber}-${suffix()}`
      const power: PowerProfile = burst({ base: 12, peak: 18, period: 8, length: 3, phase: 0 })
      current.startPod({
        namespace: 'batch',
        pod: report,
        containers: [{ name: 'report', power }],
        appears: 'unjoined',
      })
    }
    if (report !== undefined && isDue(second - jobSeconds, job)) {
      current.stopPod({ namespace: 'batch', pod: report })
      report = undefined
    }
    if (isDue(second, roll)) {
      outgoing = web
      web = `web-7d9fbd5c4-${suffix()}`
      startWeb()
    }
    if (outgoing !== undefined && isDue(second - overlapSeconds, roll)) {
      current.stopPod({ namespace: 'shop', pod: outgoing })
      outgoing = undefined
    }
    if (isDue(second, crash)) legacy.restartContainer(crashing)
    if (isDue(second, currentExporterRestart)) current.resetCounters()
    if (isDue(second, legacyExporterRestart)) legacy.resetCounters()
  }

  function advanceTo(seconds: number): void {
    for (const node of [current, legacy]) node.advance(Math.max(0, seconds - played))
    played = Math.max(played, seconds)
  }

  return {
    nodes: [
      { node: legacy, dialect: 'legacy' },
      { node: current, dialect: 'current' },
    ],
    tick(secondsSinceStart) {
      for (let second = Math.floor(played) + 1; second <= secondsSinceStart; second += 1) {
        advanceTo(second)
        happen(second)
      }
      advanceTo(secondsSinceStart)
    },
  }
}

function isDue(second: number, { every, first }: Rhythm): boolean {
  return second >= first && (second - first) % every === 0
}

function sine(curve: { mean: number; amplitude: number; period: number; phase: number }): PowerProfile {
  return {
    kind: 'sine',
    meanWatts: curve.mean,
    amplitudeWatts: curve.amplitude,
    periodSeconds: curve.period,
    phaseSeconds: curve.phase,
  }
}

function burst(load: {
  base: number
  peak: number
  period: number
  length: number
  phase: number
}): PowerProfile {
  return {
    kind: 'burst',
    baseWatts: load.base,
    peakWatts: load.peak,
    periodSeconds: load.period,
    burstSeconds: load.length,
    phaseSeconds: load.phase,
  }
}

/** The letters of which Kubernetes makes the ends of pod names. */
const letters = 'bcdfghjklmnpqrstvwxz2456789'

/** Numbers from 0 to 1, the same for the same seed: a linear congruential generator modulo 2^32. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
