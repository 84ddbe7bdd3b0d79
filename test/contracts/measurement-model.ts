import assert from 'node:assert/strict'
import fc from 'fast-check'
import { flagBitsOf, sampleFlags } from '../../src/energy/energy-sample.ts'
import type { EnergyQuestion } from '../../src/energy/energy-spans.ts'
import type { LedgerBatch, LedgerPage } from '../../src/energy/ledger-page.ts'
import type { ContainerSample, MeasurementStore } from '../../src/energy/measurement-store.ts'
import type { SampleSelection } from '../../src/energy/node-history.ts'
import { type Workload, workloadKey } from '../../src/energy/workload.ts'
import { joules } from '../../src/units.ts'
import { assertSameBins, type Bins, binsIn, createBins } from './energy-bins.ts'
import {
  at,
  byEnd,
  compareText,
  everything,
  last,
  measured,
  never,
  range,
  sample,
  samplesIn,
} from './measured.ts'

const nodes = ['node-1', 'node-2']
const containerIds = ['c1', 'c2', 'c3']
const names = ['a', 'b']

const pageSteps = fc.record({
  node: fc.constantFrom(...nodes),
  ticksPassed: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 200 })),
  renamed: fc.uniqueArray(
    fc.record({ containerId: fc.constantFrom(...containerIds), name: fc.constantFrom(...names) }),
    { selector: ({ containerId }) => containerId, maxLength: 2 },
  ),
  measured: fc.uniqueArray(
    fc.record({
      containerId: fc.constantFrom(...containerIds),
      energy: fc.double({ min: 0, max: 1e300, noNaN: true }),
      counter: fc.double({ min: 0, max: 1e300, noNaN: true }),
      ticks: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 500 })),
      flags: fc.subarray([...sampleFlags]),
    }),
    { selector: ({ containerId }) => containerId },
  ),
})

const steps = fc.array(
  fc.record({ pages: fc.array(pageSteps, { maxLength: 4 }), deliveredAgain: fc.integer({ min: 0, max: 3 }) }),
  { maxLength: 8 },
)

/** By shares of the time that was measured, a little more at both ends. */
const questions = fc.record({
  ends: fc.tuple(
    fc.double({ min: -0.1, max: 1.1, noNaN: true }),
    fc.double({ min: -0.1, max: 1.1, noNaN: true }),
  ),
  grainSeconds: fc.constantFrom(undefined, 60, 300, 900, 3600, 7200),
  nodes: fc.subarray(nodes, { minLength: 1 }),
  names: fc.subarray(names),
})

type PageStep = typeof pageSteps extends fc.Arbitrary<infer Step> ? Step : never
type QuestionStep = typeof questions extends fc.Arbitrary<infer Step> ? Step : never

type ModelContainer = {
  readonly node: string
  workload: Workload | undefined
  readonly samples: Map<number, ContainerSample>
}

/** What a store holds, said as plainly as possible; it makes the pages, too, so that they bear the names of the time. */
class Model {
  readonly #namespace: string
  readonly #containers = new Map<string, ModelContainer>()
  #tick = 0

  constructor(namespace: string) {
    this.#namespace = namespace
  }

  page(step: PageStep): LedgerPage {
    const node = `${this.#namespace}/${step.node}`
    this.#tick += step.ticksPassed
    const end = 10 * this.#tick
    const renamings = step.renamed.map(({ containerId, name }) => {
      const workload = this.workload(name)
      this.#container(node, containerId).workload = workload
      return { containerId, workload }
    })
    const measurements = step.measured.map(({ containerId, energy, counter, ticks, flags }) => {
      const container = this.#container(node, containerId)
      const measurement = measured(end, {
        containerId,
        workload: container.workload,
        during: { from: at(end - 10 * ticks), to: at(end) },
        energy: joules(energy),
        counter: joules(counter),
        flags,
      })
      container.samples.set(end, sample(node, measurement))
      return measurement
    })
    return { node, at: at(end), measurements, renamings, gaps: [] }
  }

  workload(name: string): Workload {
    return { namespace: this.#namespace, pod: 'pod', container: name }
  }

  samplesOf(workload: Workload, selection: SampleSelection): readonly ContainerSample[] {
    const all = [...this.#containers.values()]
      .filter((container) => isNamed(container, workload))
      .flatMap(({ samples }) => [...samples.values()])
      .sort(byEnd)
    if (selection.kind === 'range')
      return all.filter(({ during }) => selection.from <= during.to && during.to <= selection.to)
    const ends = new Set([...new Set(all.map(({ during }) => during.to))].slice(-selection.count))
    return all.filter(({ during }) => ends.has(during.to))
  }

  workloadsSince(second: number): readonly Workload[] {
    return names
      .map((name) => this.workload(name))
      .filter((workload) =>
        [...this.#containers.values()].some(
          (container) =>
            isNamed(container, workload) && [...container.samples.keys()].some((end) => end >= second),
        ),
      )
      .sort((a, b) => compareText(a.container, b.container))
  }

  question({ ends, grainSeconds, nodes, names: containers }: QuestionStep): EnergyQuestion {
    const [from, to] = ends.map((share) => at(Math.round(share * this.lastSecond))).sort((a, b) => a - b)
    return {
      during: { from: from ?? at(0), to: to ?? at(0) },
      where: { nodes: nodes.map((node) => `${this.#namespace}/${node}`), containers },
      grainSeconds,
    }
  }

  energyWithin(question: EnergyQuestion): Bins {
    const { during, where } = question
    const { add, bins } = createBins(question)
    for (const { node, workload, samples } of this.#containers.values()) {
      const isWanted =
        where.nodes?.includes(node) &&
        (where.containers?.length === 0 || where.containers?.includes(workload?.container ?? 'none'))
      for (const { during: own, energy, flags } of isWanted ? samples.values() : []) {
        if (Math.max(own.from, during.from) >= Math.min(own.to, during.to)) continue
        add({ node, workload }, { ...own, joules: energy, samples: 1, flagBits: flagBitsOf(flags) })
      }
    }
    return bins
  }

  get lastSecond(): number {
    return 10 * this.#tick
  }

  #container(node: string, containerId: string): ModelContainer {
    const key = JSON.stringify([node, containerId])
    const container = this.#containers.get(key) ?? { node, workload: undefined, samples: new Map() }
    this.#containers.set(key, container)
    return container
  }
}

function isNamed({ workload }: ModelContainer, wanted: Workload): boolean {
  return workload !== undefined && workloadKey(workload) === workloadKey(wanted)
}

/** Delivers again as a queue does: the last few batches, in the order in which they were written at first. */
export async function equalsAModel(store: MeasurementStore): Promise<void> {
  let run = 0
  await fc.assert(
    fc.asyncProperty(steps, fc.array(questions, { maxLength: 6 }), async (sequence, asked) => {
      run += 1
      const namespace = `run-${run}`
      const model = new Model(namespace)
      const delivered: LedgerBatch[] = []
      for (const { pages, deliveredAgain } of sequence) {
        const next: LedgerBatch = { pages: pages.map((step) => model.page(step)), states: [] }
        const fresh = countOf(next)
        delivered.push(next)
        assert.deepEqual(await store.write(next), { written: fresh, repeated: 0, setAside: [] })
        for (const again of deliveredAgain === 0 ? [] : delivered.slice(-deliveredAgain)) {
          assert.deepEqual(await store.write(again), { written: 0, repeated: countOf(again), setAside: [] })
        }
      }
      const middle = Math.round(model.lastSecond / 2)
      for (const workload of names.map((name) => model.workload(name))) {
        for (const selection of [everything, range(at(10), at(middle)), last(1), last(3)]) {
          assert.deepEqual(
            await samplesIn(store, workload, selection),
            model.samplesOf(workload, selection),
            JSON.stringify({ workload, selection }),
          )
        }
      }
      for (const question of asked.map((step) => model.question(step))) {
        assertSameBins(await binsIn(store, question), model.energyWithin(question), JSON.stringify(question))
      }
      const listed = await store.workloadsSince(at(middle), never)
      assert.deepEqual(
        listed.filter((workload) => workload.namespace === namespace),
        model.workloadsSince(middle),
      )
    }),
    { numRuns: 25 },
  )
}

function countOf({ pages }: LedgerBatch): number {
  return pages.reduce((count, { measurements }) => count + measurements.length, 0)
}
