import { containersPerStep, type Steps, withoutPause } from '../energy/steps.ts'
import { isSameWorkload, type Workload, workloadKey } from '../energy/workload.ts'
import { writeLabels } from '../exposition/print.ts'
import type { MeanIntensity } from '../intensity/timeline.ts'
import {
  emissionsOf,
  type GramsPerKilowattHour,
  type Instant,
  type Interval,
  instant,
  type Joules,
  meanPower,
  secondsBetween,
} from '../units.ts'
import type { RecordedPage } from './recorded-page.ts'

/** Energy, and what it emitted in each zone, counted since the meter began. It never decreases. */
export type MeterSums = {
  readonly joules: number
  /** In the order of the meter's zones, as it was known when each page was recorded. */
  readonly grams: readonly number[]
}

/** What is metered under one name. */
export type Reading = MeterSums & {
  /** The names as labels of a metric. */
  readonly writtenLabels: string
  /** The sum of the mean powers of its containers, in watts; undefined while none of them is measured. */
  readonly watts: number | undefined
}

export type MeterCounts = {
  /** Containers with counters of their own. */
  readonly metered: number
  /** Containers in the last page of each node that have none. */
  readonly beyond: number
  readonly most: number
}

/**
 * Counts up what each container and each namespace has used and emitted, page by page. The most containers have a
 * bound: those beyond it are counted together, each joule once.
 */
export type EmissionMeter = {
  readonly zones: readonly string[]
  record(recorded: RecordedPage): void
  /** The same, in steps; of one node, one page at a time. */
  recording(recorded: RecordedPage): Steps<void>
  /** Containers that have counters of their own, and those beyond them as one; gone through while others record. */
  containers(now: Instant): Iterable<Reading>
  /** Of all containers with names, whether or not they have counters of their own. */
  namespaces(now: Instant): Iterable<Reading>
  /** Of containers without names; it decreases when they get some. */
  unnamed(): MeterSums
  /** By zone: energy in whose time no intensity was known, so that it is in no sum of grams. */
  joulesWithoutIntensity(): readonly number[]
  counts(): MeterCounts
  /** Lets go of what was last measured before the window that ends `now`. */
  forgetGone(now: Instant): void
}

export type EmissionMeterOptions = {
  readonly zones: readonly string[]
  readonly mostContainers: number
  /** How long a container is metered after it was last measured. */
  readonly windowSeconds: number
  /** After so long without a page of its node, a container has no power. */
  readonly staleSeconds: number
}

/** Stands for the names of the containers beyond the bound; no name in Kubernetes has a parenthesis. */
const beyondBound = '(others)'

type Sums = { joules: number; readonly grams: number[] }

type Meter = Sums & {
  readonly writtenLabels: string
  readonly sources: Set<Source>
  /** When it was last measured. */
  lastAt: Instant
}

/** A container on a node, and what it is counted by. */
type Source = {
  readonly node: NodeSources
  readonly containerId: string
  workload: Workload | undefined
  /** `own` is the meter of the others where there is no room for another. Undefined while it has no names. */
  meters: { readonly own: Meter; readonly namespace: Meter } | undefined
  /** What it counted before it had names. */
  unnamed: Sums | undefined
  watts: number
  at: Instant
}

type NodeSources = {
  lastAt: Instant
  readonly sources: Map<string, Source>
  /** In the order of the last page, in which they are likely to come again. */
  expected: Source[]
}

/** The mean intensity of an interval in each zone. */
type Means = readonly (GramsPerKilowattHour | undefined)[]

export function createEmissionMeter(options: EmissionMeterOptions): EmissionMeter {
  const { zones, mostContainers, windowSeconds, staleSeconds } = options
  const nodes = new Map<string, NodeSources>()
  const containers = new Map<string, Meter>()
  const namespaces = new Map<string, Meter>()
  const others = newMeter({ namespace: beyondBound, pod: beyondBound, container: beyondBound })
  /** Of containers that are gone and never had a name. */
  const neverNamed = emptySums()
  const withoutIntensity = zones.map(() => 0)

  function emptySums(): Sums {
    return { joules: 0, grams: zones.map(() => 0) }
  }

  function newMeter(labels: Readonly<Record<string, string>>): Meter {
    return {
      // Written out, not spread: only so do numbers that change at every scrape change in place.
      joules: 0,
      grams: zones.map(() => 0),
      writtenLabels: writeLabels(labels),
      sources: new Set(),
      lastAt: never,
    }
  }

  function namespaceMeter(namespace: string): Meter {
    const known = namespaces.get(namespace)
    if (known !== undefined) return known
    const created = newMeter({ namespace })
    namespaces.set(namespace, created)
    return created
  }

  function containerMeter(workload: Workload): Meter {
    const key = workloadKey(workload)
    const known = containers.get(key)
    if (known !== undefined) return known
    if (containers.size >= mostContainers) return others
    const { namespace, pod, container } = workload
    const created = newMeter({ namespace, pod, container })
    containers.set(key, created)
    return created
  }

  function sourceOf(node: NodeSources, containerId: string): Source {
    const known = node.sources.get(containerId)
    if (known !== undefined) return known
    const created: Source = {
      node,
      containerId,
      workload: undefined,
      meters: undefined,
      unnamed: undefined,
      watts: 0,
      at: never,
    }
    node.sources.set(containerId, created)
    return created
  }

  /** What it counted before it had names is theirs too; what it counted under other names stays with those. */
  function nameAs(source: Source, workload: Workload): void {
    detach(source)
    source.workload = workload
    source.meters = { own: containerMeter(workload), namespace: namespaceMeter(workload.namespace) }
    for (const meter of [source.meters.own, source.meters.namespace]) {
      meter.sources.add(source)
      meter.lastAt = later(meter.lastAt, source.at)
      if (source.unnamed !== undefined) addSums(meter, source.unnamed)
    }
    source.unnamed = undefined
  }

  function detach(source: Source): void {
    source.meters?.own.sources.delete(source)
    source.meters?.namespace.sources.delete(source)
  }

  /** Whether it shares the meter of the others though there is room now. */
  function mayHaveItsOwn({ meters }: Source): boolean {
    return meters?.own === others && containers.size < mostContainers
  }

  function count(source: Source, joules: Joules, means: Means): void {
    const { meters } = source
    if (meters === undefined) {
      source.unnamed ??= emptySums()
      addEnergy(source.unnamed, joules, means)
    } else {
      addEnergy(meters.own, joules, means)
      addEnergy(meters.namespace, joules, means)
    }
    for (let zone = 0; zone < means.length; zone += 1) {
      if (means[zone] === undefined) withoutIntensity[zone] = (withoutIntensity[zone] ?? 0) + joules
    }
  }

  function forgetSources(before: Instant): void {
    for (const [name, node] of nodes) {
      for (const [containerId, source] of node.sources) {
        if (source.at >= before) continue
        detach(source)
        if (source.unnamed !== undefined) addSums(neverNamed, source.unnamed)
        node.sources.delete(containerId)
        node.expected = []
      }
      if (node.sources.size === 0 && node.lastAt < before) nodes.delete(name)
    }
  }

  function isMeasured({ at, node }: Source, now: Instant): boolean {
    return at === node.lastAt && secondsBetween(at, now) <= staleSeconds
  }

  function readingOf(meter: Meter, now: Instant): Reading {
    let watts: number | undefined
    for (const source of meter.sources) if (isMeasured(source, now)) watts = (watts ?? 0) + source.watts
    const { joules, grams, writtenLabels } = meter
    return { joules, grams, writtenLabels, watts }
  }

  function* readings(meters: Iterable<Meter>, now: Instant): Generator<Reading> {
    for (const meter of meters) yield readingOf(meter, now)
  }

  function* recording({ page, intensity }: RecordedPage): Steps<void> {
    const node = nodes.get(page.node) ?? { lastAt: never, sources: new Map(), expected: [] }
    nodes.set(page.node, node)
    node.lastAt = page.at
    let during: Interval | undefined
    let means: Means = []
    let done = 0
    for (const { containerId, workload, during: interval, energy } of page.measurements) {
      const place = done
      done += 1
      if (done % containersPerStep === 0) yield
      // Nearly all measurements of a page share their interval.
      if (during?.from !== interval.from || during.to !== interval.to) {
        during = interval
        means = zones.map((zone) => known(intensity(zone, interval)))
      }
      const expected = node.expected[place]
      const source = expected?.containerId === containerId ? expected : sourceOf(node, containerId)
      if (source !== expected && place <= node.expected.length) node.expected[place] = source
      if (workload !== undefined && (!isNamed(source, workload) || mayHaveItsOwn(source))) {
        nameAs(source, workload)
      }
      source.at = interval.to
      source.watts = meanPower(energy, interval)
      if (source.meters !== undefined) {
        source.meters.own.lastAt = later(source.meters.own.lastAt, interval.to)
        source.meters.namespace.lastAt = later(source.meters.namespace.lastAt, interval.to)
      }
      count(source, energy, means)
    }
    for (const { containerId, workload } of page.renamings) {
      const source = node.sources.get(containerId)
      if (source !== undefined && !isNamed(source, workload)) nameAs(source, workload)
    }
  }

  return {
    zones,

    record: (recorded) => withoutPause(recording(recorded)),
    recording,

    *containers(now) {
      yield* readings(containers.values(), now)
      if (others.lastAt !== never) yield readingOf(others, now)
    },

    namespaces: (now) => readings(namespaces.values(), now),

    unnamed() {
      const sums = emptySums()
      addSums(sums, neverNamed)
      for (const { sources } of nodes.values()) {
        for (const { unnamed } of sources.values()) if (unnamed !== undefined) addSums(sums, unnamed)
      }
      return sums
    },

    joulesWithoutIntensity: () => withoutIntensity,

    counts() {
      let beyond = 0
      for (const { at, node } of others.sources) if (at === node.lastAt) beyond += 1
      return { metered: containers.size, beyond, most: mostContainers }
    },

    forgetGone(now) {
      const before = instant(now - windowSeconds * 1000)
      forgetSources(before)
      for (const meters of [containers, namespaces]) {
        for (const [key, { lastAt }] of meters) if (lastAt < before) meters.delete(key)
      }
    },
  }
}

const never = instant(Number.NEGATIVE_INFINITY)

function later(a: Instant, b: Instant): Instant {
  return a < b ? b : a
}

/** The same names are mostly the same object, which the ledger keeps. */
function isNamed({ workload: before }: Source, workload: Workload): boolean {
  return before !== undefined && isSameWorkload(before, workload)
}

function known(intensity: MeanIntensity): GramsPerKilowattHour | undefined {
  return intensity.kind === 'known' ? intensity.mean : undefined
}

/** Allocates nothing: it is called for each container at every scrape. */
function addEnergy(sums: Sums, joules: Joules, means: Means): void {
  sums.joules += joules
  for (let zone = 0; zone < means.length; zone += 1) {
    const mean = means[zone]
    if (mean !== undefined) sums.grams[zone] = (sums.grams[zone] ?? 0) + emissionsOf(joules, mean)
  }
}

function addSums(sums: Sums, more: MeterSums): void {
  sums.joules += more.joules
  for (const [zone, grams] of more.grams.entries()) sums.grams[zone] = (sums.grams[zone] ?? 0) + grams
}
