import type { ContainerRecord } from './container-record.ts'
import { type Workload, workloadKey } from './workload.ts'

/** Finds the containers that bear a workload's names now: several when a name was used again or stands on two nodes. */
export type WorkloadIndex = {
  /** Files `record` under its present names instead of those it had before. */
  rename(record: ContainerRecord, before: Workload | undefined): void
  remove(record: ContainerRecord): void
  recordsOf(workload: Workload): readonly ContainerRecord[]
  workloads(): readonly Workload[]
}

export function createWorkloadIndex(): WorkloadIndex {
  const entries = new Map<string, { readonly workload: Workload; readonly records: Set<ContainerRecord> }>()

  function removeFrom(workload: Workload, record: ContainerRecord): void {
    const key = workloadKey(workload)
    const entry = entries.get(key)
    entry?.records.delete(record)
    if (entry?.records.size === 0) entries.delete(key)
  }

  return {
    rename(record, before) {
      if (before !== undefined) removeFrom(before, record)
      if (record.workload === undefined) return
      const key = workloadKey(record.workload)
      const entry = entries.get(key) ?? { workload: record.workload, records: new Set() }
      entry.records.add(record)
      entries.set(key, entry)
    },

    remove(record) {
      if (record.workload !== undefined) removeFrom(record.workload, record)
    },

    recordsOf(workload) {
      return [...(entries.get(workloadKey(workload))?.records ?? [])]
    },

    workloads() {
      return Array.from(entries.values(), (entry) => entry.workload)
    },
  }
}
