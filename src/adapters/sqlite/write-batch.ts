import { flagBitsOf } from '../../energy/energy-sample.ts'
import type { LedgerBatch, LedgerPage, Measurement } from '../../energy/ledger-page.ts'
import type { SetAside, WriteOutcome } from '../../energy/measurement-store.ts'
import { whyUnstorable } from '../../energy/storable.ts'
import { longSampleMs } from '../../energy/sum-levels.ts'
import type { Instant } from '../../units.ts'
import { type Containers, whyUnnameable } from './containers.ts'
import type { Database } from './database.ts'
import { addGap } from './gaps.ts'
import { putNodeState } from './node-states.ts'
import { setAside, type Unkept } from './set-aside.ts'
import { createOutdatedSums, type OutdatedSums } from './sums-to-make.ts'

const insertRecent = `
  INSERT INTO recent_sample (node, ends_at_ms, container, lasts_ms, energy_joules, counter_joules, flags)
  VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`

const insertSettled = `
  INSERT INTO settled_sample (container, ends_at_ms, lasts_ms, energy_joules, counter_joules, flags)
  VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`

const insertLong = `
  INSERT INTO long_sample (ends_at_ms, container, lasts_ms, energy_joules, flags)
  VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`

type Tally = {
  written: number
  repeated: number
  readonly setAside: SetAside[]
  readonly otherwise: Unkept[]
}

/** Writes a batch in one transaction. Throws StoreError, and has then written nothing of it. */
export function writeBatch(
  database: Database,
  containers: Containers,
  { batch, now }: { readonly batch: LedgerBatch; readonly now: Instant },
): WriteOutcome {
  const tally: Tally = { written: 0, repeated: 0, setAside: [], otherwise: [] }
  try {
    database.transaction(() => {
      const sums = createOutdatedSums(database)
      for (const page of batch.pages) writePage(database, containers, { page, tally, sums })
      sums.keep()
      for (const state of batch.states) putNodeState(database, containers.nodeOf(state.node).id, state)
      const refused = tally.setAside.map(({ measurement, ...rest }) => ({ ...rest, content: measurement }))
      setAside(database, [...refused, ...tally.otherwise], now)
    })
  } catch (cause) {
    containers.forget()
    throw cause
  }
  return { written: tally.written, repeated: tally.repeated, setAside: tally.setAside }
}

function writePage(
  database: Database,
  containers: Containers,
  { page, tally, sums }: { readonly page: LedgerPage; readonly tally: Tally; readonly sums: OutdatedSums },
): void {
  if (page.measurements.length + page.renamings.length + page.gaps.length === 0) return
  const node = containers.nodeOf(page.node)

  for (const measurement of page.measurements) {
    const reason = whyUnstorable(measurement)
    if (reason !== undefined) {
      tally.setAside.push({ node: page.node, measurement, reason })
      continue
    }
    const naming = { workload: measurement.workload, at: page.at }
    const container = containers.idOf(node, measurement.containerId, naming)
    const { to } = measurement.during
    const figures = figuresOf(measurement)
    const added =
      to <= node.settledUntil
        ? database.run(insertSettled, container, to, ...figures)
        : database.run(insertRecent, node.id, to, container, ...figures)
    tally.written += added
    tally.repeated += 1 - added
    if (added === 0) continue
    const [lasts, energy, , flags] = figures
    if (lasts > longSampleMs) database.run(insertLong, to, container, lasts, energy, flags)
    else sums.note(container, measurement.during)
  }

  for (const renaming of page.renamings) {
    const reason = whyUnnameable(renaming.containerId, renaming.workload)
    if (reason === undefined) {
      containers.rename(node, renaming.containerId, { workload: renaming.workload, at: page.at })
    } else {
      tally.otherwise.push({ node: page.node, reason, content: renaming })
    }
  }

  for (const gap of page.gaps) {
    const reason = whyUnnameable(gap.containerId, gap.workload)
    if (reason === undefined) {
      const naming = { workload: gap.workload, at: page.at }
      addGap(database, containers.idOf(containers.nodeOf(gap.node), gap.containerId, naming), gap)
    } else {
      tally.otherwise.push({ node: page.node, reason, content: gap })
    }
  }
}

function figuresOf({ during, energy, counter, flags }: Measurement) {
  return [during.to - during.from, energy, counter, flagBitsOf(flags)] as const
}
