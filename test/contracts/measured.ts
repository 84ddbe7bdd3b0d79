import type { Gap } from '../../src/energy/gap.ts'
import type { LedgerBatch, LedgerPage, Measurement } from '../../src/energy/ledger-page.ts'
import type { ContainerSample, MeasurementStore } from '../../src/energy/measurement-store.ts'
import type { SampleSelection } from '../../src/energy/node-history.ts'
import type { NodeState } from '../../src/energy/node-state.ts'
import type { Workload } from '../../src/energy/workload.ts'
import { instant, joules } from '../../src/units.ts'

/** 2026-02-11T10:00:00Z. */
const start = 1_770_804_000_000

export const at = (second: number) => instant(start + second * 1000)
export const never = new AbortController().signal
export const everything = range(-Infinity, Infinity)

export const busybox: Workload = { namespace: 'default', pod: 'busybox-worker', container: 'busybox' }
export const nginx: Workload = { namespace: 'web', pod: 'nginx-0', container: 'nginx' }

export function range(fromMilliseconds: number, toMilliseconds: number): SampleSelection {
  return { kind: 'range', from: instant(fromMilliseconds), to: instant(toMilliseconds) }
}

export function last(count: number): SampleSelection {
  return { kind: 'last', count }
}

/** What container `c1`, of busybox, used in the ten seconds until `second`: as many joules as the second's number. */
export function measured(second: number, differing: Partial<Measurement> = {}): Measurement {
  return {
    containerId: 'c1',
    workload: busybox,
    during: { from: at(second - 10), to: at(second) },
    energy: joules(second),
    counter: joules(1000 + second),
    flags: [],
    ...differing,
  }
}

export function page(measurements: readonly Measurement[], differing: Partial<LedgerPage> = {}): LedgerPage {
  const at = instant(Math.max(start, ...measurements.map(({ during }) => during.to).filter(Number.isFinite)))
  return { node: 'node-1', at, measurements, renamings: [], gaps: [], ...differing }
}

export function batch(pages: readonly LedgerPage[], states: readonly NodeState[] = []): LedgerBatch {
  return { pages, states }
}

export function batchOf(...measurements: readonly Measurement[]): LedgerBatch {
  return batch([page(measurements)])
}

export function gapUntil(second: number, differing: Partial<Gap> = {}): Gap {
  return {
    node: 'node-1',
    containerId: 'c1',
    component: 'package',
    workload: busybox,
    during: { from: at(second - 10), to: at(second) },
    cause: { kind: 'reset' },
    ...differing,
  }
}

export function stateAt(second: number, differing: Partial<NodeState> = {}): NodeState {
  return {
    node: 'node-1',
    at: at(second),
    basis: 'current:package',
    unreadLines: 0,
    containers: [
      {
        containerId: 'c1',
        level: 'container',
        workload: busybox,
        hasOwnName: true,
        presence: 'present',
        coveredUntil: at(second),
        lastSeenAt: at(second),
        counters: [
          { component: 'package', mode: 'dynamic', believed: 0.1 + 0.2, suspect: null, terminated: null },
          { component: 'package', mode: 'idle', believed: 1e15 + 0.125, suspect: 5e-324, terminated: 0 },
        ],
      },
    ],
    nodeCounters: [['package/active', 123_456.789]],
    ...differing,
  }
}

export function sample(node: string, { workload: _, ...rest }: Measurement): ContainerSample {
  return { node, ...rest }
}

/** All portions of an answer, checked to ascend by the ends of samples. Samples that end together are put in one order. */
export async function samplesIn(
  store: MeasurementStore,
  workload: Workload,
  selection: SampleSelection = everything,
): Promise<readonly ContainerSample[]> {
  const found: ContainerSample[] = []
  for await (const portion of store.samplesOf(workload, selection, never)) found.push(...portion)
  const ends = found.map(({ during }) => during.to)
  if (ends.some((end, index) => end < (ends[index - 1] ?? -Infinity)))
    throw new Error('samples are out of order')
  return found.sort(byEnd)
}

export function byEnd(a: ContainerSample, b: ContainerSample): number {
  return a.during.to - b.during.to || compareText(a.node, b.node) || compareText(a.containerId, b.containerId)
}

/** By Unicode code points, as far as these names go: upper case before lower case. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

export async function energiesIn(
  store: MeasurementStore,
  workload: Workload,
  selection: SampleSelection = everything,
): Promise<readonly number[]> {
  return (await samplesIn(store, workload, selection)).map(({ energy }) => energy)
}
