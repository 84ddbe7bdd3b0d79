import { setImmediate as nextTurn } from 'node:timers/promises'
import type { TrailReader } from '../../energy/counter-trail.ts'
import type { Gap } from '../../energy/gap.ts'
import type { LedgerPage } from '../../energy/ledger-page.ts'
import type { MeasurementStore, SetAside } from '../../energy/measurement-store.ts'
import type { NodeState } from '../../energy/node-state.ts'
import { createRecentSamples } from '../../energy/recent-samples.ts'
import { withPauses } from '../../energy/steps.ts'
import { compareWorkloads } from '../../energy/workload.ts'
import type { HeldEnergy } from '../../flows/read-energy.ts'
import type { FactRecord, FactStore } from '../../intensity/fact-store.ts'
import { type Instant, instant } from '../../units.ts'

export type MemoryStore = MeasurementStore &
  TrailReader &
  HeldEnergy &
  FactStore & {
    /** Lets go of nodes whose last page was before `at`. */
    forgetNodesBefore(at: Instant): void
    /** Lets go of a node whose samples are not what is kept. */
    forgetNode(node: string): void
    /** Bytes of samples. */
    readonly bytes: number
  }

const samplesPerPortion = 2000
const mostGaps = 10_000

/**
 * What was measured in the last while, in this process only.
 */
export function createMemoryStore(retentionSeconds: number): MemoryStore {
  const recent = createRecentSamples(retentionSeconds)
  const states = new Map<string, NodeState>()
  const facts = new Map<string, FactRecord>()
  const gaps = new Map<string, Gap>()

  async function addPage(page: LedgerPage): Promise<{
    readonly written: number
    readonly repeated: number
    readonly setAside: readonly SetAside[]
  }> {
    const { added, setAside } = await withPauses(recent.adding(page), () => nextTurn())
    for (const gap of page.gaps) gaps.set(keyOf(gap), gap)
    forgetGaps(instant(page.at - retentionSeconds * 1000))
    return {
      written: added,
      repeated: page.measurements.length - setAside.length - added,
      setAside: setAside.map((measurement) => ({ node: page.node, ...measurement })),
    }
  }

  function forgetGaps(before: Instant): void {
    if (gaps.size <= mostGaps) return
    for (const [key, { during }] of gaps) {
      if (during.to < before || gaps.size > 2 * mostGaps) gaps.delete(key)
    }
  }

  return {
    async write(batch) {
      const outcomes: Awaited<ReturnType<typeof addPage>>[] = []
      for (const page of batch.pages) outcomes.push(await addPage(page))
      for (const state of batch.states) states.set(state.node, state)
      return {
        written: outcomes.reduce((sum, { written }) => sum + written, 0),
        repeated: outcomes.reduce((sum, { repeated }) => sum + repeated, 0),
        setAside: outcomes.flatMap(({ setAside }) => setAside),
      }
    },

    async *samplesOf(workload, selection, signal) {
      signal.throwIfAborted()
      const samples = recent.samplesOf(workload, selection)
      if (samples.length <= samplesPerPortion) {
        yield samples
        return
      }
      for (let at = 0; at < samples.length; at += samplesPerPortion) {
        yield samples.slice(at, at + samplesPerPortion)
        signal.throwIfAborted()
      }
    },

    async *energyWithin(question, signal) {
      signal.throwIfAborted()
      let isFirst = true
      for (const portion of recent.energyWithin(question)) {
        // Only between portions: most questions have one.
        if (!isFirst) await nextTurn()
        signal.throwIfAborted()
        isFirst = false
        yield portion
      }
    },

    async *trailWithin(during, signal) {
      signal.throwIfAborted()
      for (const portion of recent.trailWithin(during)) {
        yield portion
        await nextTurn()
        signal.throwIfAborted()
      }
    },

    heldTimes() {
      return recent.heldTimes()
    },

    async workloadsSince(since, signal) {
      signal.throwIfAborted()
      return recent.workloadsSince(since).toSorted(compareWorkloads)
    },

    async nodeStates(nodes) {
      return nodes === undefined ? [...states.values()] : nodes.flatMap((node) => states.get(node) ?? [])
    },

    async gapsWithin({ from, to, most }, signal) {
      signal.throwIfAborted()
      return Array.from(gaps.values())
        .filter(({ during }) => during.to >= from && during.to <= to)
        .sort((a, b) => a.during.to - b.during.to)
        .slice(0, most)
    },

    async addFacts(records) {
      for (const record of records) {
        const key = keyOf(record)
        if (!facts.has(key)) facts.set(key, record)
      }
    },

    async allFacts() {
      return [...facts.values()].sort((a, b) => learnedAt(a) - learnedAt(b))
    },

    forgetNodesBefore(at) {
      recent.forgetNodesBefore(at)
    },

    forgetNode(node) {
      recent.forgetNode(node)
      states.delete(node)
    },

    get bytes() {
      return recent.bytes
    },
  }
}

function learnedAt(record: FactRecord): Instant {
  return record.kind === 'fact' ? record.fact.learnedAt : record.withdrawal.at
}

/** All that a record or a gap says; JSON alone would make one of all infinite times. */
function keyOf(record: FactRecord | Gap): string {
  return JSON.stringify(record, (_key, value: unknown) => (typeof value === 'number' ? String(value) : value))
}
