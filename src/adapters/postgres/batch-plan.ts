import type { Gap } from '../../energy/gap.ts'
import type { LedgerBatch, LedgerPage, Measurement } from '../../energy/ledger-page.ts'
import type { SetAside } from '../../energy/measurement-store.ts'
import type { NodeState } from '../../energy/node-state.ts'
import { whyUnstorable } from '../../energy/storable.ts'
import type { Workload } from '../../energy/workload.ts'
import { type Instant, instant, joules } from '../../units.ts'

/** What a batch says about one container: its last names, and until when it was measured. */
export type PlannedContainer = {
  readonly node: string
  readonly containerId: string
  names: { readonly workload: Workload; readonly told: Instant } | undefined
  /** The latest end of its measurements; undefined when it is only renamed. */
  measuredUntil: Instant | undefined
  /** Its number, and the names that it bears in the database; undefined until it is known there. */
  numbered: { readonly ref: number; readonly workload: Workload | undefined } | undefined
}

export type PlannedRow = {
  readonly container: PlannedContainer
  readonly measurement: Measurement
}

/** The number of a row's container; 0 before it has one. */
export function refOf({ container }: PlannedRow): number {
  return container.numbered?.ref ?? 0
}

/** A batch, sorted into what goes into which table. */
export type BatchPlan = {
  readonly containers: readonly PlannedContainer[]
  readonly rows: readonly PlannedRow[]
  readonly gaps: readonly Gap[]
  readonly states: readonly NodeState[]
  readonly setAside: readonly SetAside[]
  /** Gaps, renamings and states that cannot be held, with the reason; nobody asks for them. */
  readonly lost: readonly { readonly what: unknown; readonly reason: string }[]
}

/** Sorts a batch, and sets aside what PostgreSQL cannot hold. */
export function planBatch({ pages, states }: LedgerBatch): BatchPlan {
  const containers = new Map<string, Map<string, PlannedContainer>>()
  const rows: PlannedRow[] = []
  const gaps: Gap[] = []
  const setAside: SetAside[] = []
  const lost: { what: unknown; reason: string }[] = []

  function containerOf(node: string, containerId: string): PlannedContainer {
    const ofNode = containers.get(node) ?? new Map<string, PlannedContainer>()
    containers.set(node, ofNode)
    const known = ofNode.get(containerId)
    if (known !== undefined) return known
    const container = { node, containerId, names: undefined, measuredUntil: undefined, numbered: undefined }
    ofNode.set(containerId, container)
    return container
  }

  function addPage(page: LedgerPage): void {
    const { node } = page
    const nodeFault = whyNoName(node)
    for (const measurement of page.measurements) {
      const reason =
        whyUnstorable(measurement) ??
        (nodeFault === undefined ? undefined : `is of a node that ${nodeFault}`) ??
        whyOutOfRange(measurement)
      if (reason !== undefined) {
        setAside.push({ node, measurement, reason })
        continue
      }
      const container = containerOf(node, measurement.containerId)
      learnNames(container, measurement.workload, page.at)
      const { to } = measurement.during
      container.measuredUntil = instant(Math.max(container.measuredUntil ?? -Infinity, to))
      rows.push({ container, measurement })
    }
    for (const renaming of page.renamings) {
      const reason = nodeFault ?? whyNoName(renaming.containerId, renaming.workload)
      if (reason === undefined) {
        learnNames(containerOf(node, renaming.containerId), renaming.workload, page.at)
      } else {
        lost.push({ what: { node, renaming }, reason })
      }
    }
    for (const gap of page.gaps) {
      const reason = whyNoGap(gap)
      if (reason === undefined) gaps.push(gap)
      else lost.push({ what: { gap }, reason })
    }
  }

  for (const page of pages) addPage(page)
  const held: NodeState[] = []
  for (const state of states) {
    const reason = whyNoName(state.node)
    if (reason === undefined) held.push(state)
    else lost.push({ what: { state }, reason })
  }
  return {
    containers: [...containers.values()].flatMap((ofNode) => [...ofNode.values()]),
    rows,
    gaps,
    states: held,
    setAside,
    lost,
  }
}

function learnNames(container: PlannedContainer, workload: Workload | undefined, told: Instant): void {
  if (workload === undefined || (container.names !== undefined && told < container.names.told)) return
  container.names = { workload, told }
}

/** The first and the last whole second that a `timestamptz` holds: 4714 BC to 294276 AD. */
const earliest = -210_866_803_200_000
const latest = 9_224_318_015_999_000

function whyOutOfRange({ during }: Measurement): string | undefined {
  return during.from < earliest || during.to > latest ? 'has a time that PostgreSQL cannot hold' : undefined
}

/** What is wrong with a name, as a measurement of that name would say it. */
function whyNoName(containerId: string, workload?: Workload): string | undefined {
  const second = { from: instant(0), to: instant(1000) }
  const held = { containerId, workload, during: second, energy: joules(0), counter: joules(0), flags: [] }
  return whyUnstorable(held)
}

function whyNoGap({ node, containerId, component, workload, during }: Gap): string | undefined {
  if (during.from < earliest || during.to > latest || Number.isNaN(during.to - during.from)) {
    return 'has a time that PostgreSQL cannot hold'
  }
  return whyNoName(node) ?? whyNoName(component) ?? whyNoName(containerId, workload)
}
