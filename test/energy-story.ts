import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { LedgerPage } from '../src/energy/ledger-page.ts'
import { instant, watts } from '../src/units.ts'
import { type CounterReading, readingsOf } from './counter-readings.ts'
import { createEnergyBooks, type EnergyBooks } from './energy-books.ts'

/**
 * Stories of a node, made up at random, for the laws that energy obeys.
 *
 * The hardware below counts whole microjoules and knows what it used, what of that no scrape ever saw, and which
 * container lost it. Two things no reader of counters can see: a counter that begins again at zero and has overtaken
 * its old value by the next reading, and a container that comes and goes between two scrapes without a last value.
 * The hardware does neither.
 */

const zones = ['package', 'dram'] as const
export const joulesPerMicrojoule = 1e-6

type Meter = { counted: number; lastRead: number; wasReset: boolean }
type Container = {
  readonly id: string
  name: string
  isNamed: boolean
  state: 'running' | 'ending' | 'gone'
  wasSeen: boolean
  /** Its last reading was absurd. Twice in a row would be a jump that lasts, which becomes the new starting point. */
  wasAbsurd: boolean
  /** It was absent from a scrape since it was last read. */
  wasAbsent: boolean
  readonly meters: readonly Meter[]
}

type ContainerStep =
  | { readonly do: 'use'; readonly container: number; readonly microjoules: readonly [number, number] }
  | { readonly do: 'name'; readonly container: number; readonly name: number }
  | { readonly do: 'end' | 'vanish' | 'restart' | 'run-again'; readonly container: number }
  | { readonly do: 'zero-zone'; readonly container: number; readonly zone: 0 | 1 }

type NodeStep =
  | { readonly do: 'restart-service' }
  | { readonly do: 'start'; readonly name: number; readonly named: boolean }
  | { readonly do: 'restart-exporter' }
  | { readonly do: 'wait'; readonly seconds: number }

type ScrapeStep = { readonly do: 'scrape'; readonly twice: boolean; readonly glitch: number }
export type Step = ContainerStep | NodeStep | ScrapeStep

class Hardware {
  readonly containers: Container[] = []
  usedMicrojoules = 0
  lost = new Map<string, number>()
  seconds = 0
  isRead = false

  start(name: number, isNamed: boolean): void {
    this.containers.push({
      id: `id-${this.containers.length}`,
      name: `pod-${name}`,
      isNamed,
      state: 'running',
      wasSeen: false,
      wasAbsurd: false,
      wasAbsent: false,
      meters: zones.map(() => ({ counted: 0, lastRead: 0, wasReset: false })),
    })
  }

  use(container: Container, microjoules: readonly number[]): void {
    if (container.state !== 'running') return
    container.meters.forEach((meter, zone) => {
      const used = microjoules[zone] ?? 0
      const wouldHideReset = meter.wasReset && !container.wasAbsent && meter.counted + used >= meter.lastRead
      if (wouldHideReset) return
      meter.counted += used
      if (this.isRead) this.usedMicrojoules += used
    })
  }

  /** The meter begins again at zero; what it counted since its last reading was seen by nobody. */
  reset(container: Container, meter: Meter): void {
    const unseen = meter.wasReset ? meter.counted : meter.counted - meter.lastRead
    this.lose(container, unseen)
    meter.counted = 0
    meter.wasReset = meter.lastRead > 0
  }

  lose(container: Container, microjoules: number): void {
    if (!this.isRead || microjoules === 0) return
    this.lost.set(container.id, (this.lost.get(container.id) ?? 0) + microjoules)
  }

  /** Like `reset`, but not where the next reading would hide it. */
  resetInSight(container: Container, meter: Meter): void {
    if (container.state === 'running' && meter.lastRead > 0) this.reset(container, meter)
  }

  vanish(container: Container): void {
    if (container.state === 'gone' || !container.wasSeen) return
    for (const meter of container.meters) this.reset(container, meter)
    container.state = 'gone'
  }

  /** Docker's restart: the same id counts from zero. Out of sight it may have vanished for a while before. */
  runAgain(container: Container): void {
    const isNoticed = container.wasAbsent || container.meters.every((meter) => meter.wasReset)
    if (container.state === 'gone' && isNoticed) container.state = 'running'
  }
}

function perform(hardware: Hardware, step: NodeStep): void {
  switch (step.do) {
    case 'start':
      hardware.start(step.name, step.named)
      return
    case 'wait':
      hardware.seconds += step.seconds
      return
    case 'restart-service':
      return
    case 'restart-exporter':
      for (const container of hardware.containers) {
        for (const meter of container.meters) hardware.resetInSight(container, meter)
        // An exporter that was restarted has forgotten who ended.
        if (container.state === 'ending') hardware.vanish(container)
      }
  }
}

function performOn(container: Container, step: ContainerStep, hardware: Hardware): void {
  switch (step.do) {
    case 'use':
      hardware.use(container, step.microjoules)
      return
    case 'name':
      container.name = `pod-${step.name}`
      container.isNamed = true
      return
    case 'end':
      if (container.state === 'running') container.state = 'ending'
      return
    case 'vanish':
      hardware.vanish(container)
      return
    case 'restart':
      for (const meter of container.meters) hardware.resetInSight(container, meter)
      return
    case 'run-again':
      hardware.runAgain(container)
      return
    case 'zero-zone': {
      const meter = container.meters[step.zone]
      if (meter !== undefined) hardware.resetInSight(container, meter)
    }
  }
}

function scrapedReadings(hardware: Hardware, step: ScrapeStep): readonly CounterReading[] {
  const readings: CounterReading[] = []
  hardware.containers.forEach((container, at) => {
    if (container.state === 'gone') {
      container.wasAbsent = true
      return
    }
    container.wasSeen = true
    // The first scrape is the standard that a jump is measured by.
    const isGlitch =
      hardware.isRead &&
      !container.wasAbsurd &&
      container.state === 'running' &&
      step.glitch % 5 === 0 &&
      step.glitch % hardware.containers.length === at
    container.wasAbsurd = isGlitch
    container.meters.forEach((meter, zone) => {
      const reading: CounterReading = {
        containerId: container.id,
        component: zones[zone] ?? '',
        mode: 'dynamic',
        state: container.state === 'ending' ? 'terminated' : 'running',
        naming: container.isNamed
          ? { kind: 'named', workload: { namespace: 'n', pod: container.name, container: 'c' } }
          : { kind: 'unnamed' },
        joules: (meter.counted + (isGlitch ? 1e18 : 0)) * joulesPerMicrojoule,
      }
      readings.push(reading)
      if (step.twice) readings.push(reading)
      if (!isGlitch) believe(hardware, container, meter)
    })
    if (container.state === 'ending') {
      // Its last value was seen: nothing is lost, and the id counts from zero if it ever runs again.
      container.state = 'gone'
      container.wasAbsent = false
      for (const meter of container.meters) Object.assign(meter, { counted: 0, lastRead: 0, wasReset: false })
    } else if (!isGlitch) {
      container.wasAbsent = false
    }
  })
  return readings
}

function believe(hardware: Hardware, container: Container, meter: Meter): void {
  // After an absence a counter that is not lower may be the old one: only the difference is counted.
  if (meter.wasReset && container.wasAbsent && meter.counted >= meter.lastRead) {
    hardware.lose(container, meter.lastRead)
  }
  // A last value below the last reading adds nothing.
  if (meter.wasReset && container.state === 'ending') hardware.lose(container, meter.counted)
  meter.lastRead = meter.counted
  meter.wasReset = false
}

const anyContainer = fc.nat(7)
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('use' as const),
      container: anyContainer,
      microjoules: fc.tuple(fc.nat(900_000_000), fc.nat(90_000_000)),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('scrape' as const), twice: fc.boolean(), glitch: fc.nat(40) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('start' as const), name: fc.nat(3), named: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('name' as const), container: anyContainer, name: fc.nat(3) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('end' as const, 'vanish' as const, 'restart' as const, 'run-again' as const),
      container: anyContainer,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('zero-zone' as const),
      container: anyContainer,
      zone: fc.constantFrom(0 as const, 1 as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'restart-exporter' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'restart-service' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 300 }) }),
  },
)

const limits = { nodeMaxWatts: watts(1e6), scrapeIntervalSeconds: 10, retentionSeconds: 1e6 }

/** Plays a story, which ends with a good scrape, and tells what hardware and books say in the end. */
export function play(steps: readonly Step[]) {
  const hardware = new Hardware()
  hardware.start(0, true)
  hardware.start(1, false)
  let ledger = createEnergyBooks(limits)
  let counted = 0
  const gapsOf = new Set<string>()
  const pages: LedgerPage[] = []
  const script: readonly Step[] = [...steps, { do: 'scrape', twice: false, glitch: 1 }]
  for (const step of script) {
    if ('container' in step) {
      const container = hardware.containers[step.container % hardware.containers.length]
      if (container !== undefined) performOn(container, step, hardware)
      continue
    }
    if (step.do === 'restart-service') {
      ledger = restarted(ledger)
      continue
    }
    if (step.do !== 'scrape') {
      perform(hardware, step)
      continue
    }
    hardware.seconds += 10
    const readings = scrapedReadings(hardware, step)
    const entry = ledger.record({
      node: 'node',
      at: instant(hardware.seconds * 1000),
      basis: 'b',
      level: 'container',
      readings: readingsOf(readings),
      nodeReadings: [],
      unreadLines: 0,
    })
    assert.equal(entry.kind, 'recorded')
    if (entry.kind === 'recorded') {
      pages.push(entry.page)
      for (const gap of entry.page.gaps) gapsOf.add(gap.containerId)
      for (const { energy } of entry.page.measurements) counted += energy
    }
    hardware.isRead = true
  }
  return { hardware, ledger, gapsOf, counted, pages }
}

/** A service that was killed, and goes on from where the counters stood after its last scrape. */
function restarted(ledger: EnergyBooks): EnergyBooks {
  const state = ledger.stateOf('node')
  const successor = createEnergyBooks(limits)
  if (state !== undefined) successor.restore([JSON.parse(JSON.stringify(state))])
  return successor
}
