import { type Workload, workloadKey } from './workload.ts'

/** Something that bears a workload's names, for now. */
export type Bearer = { readonly workload: Workload | undefined }

/** Finds what bears a workload's names now: several when a name was used again or stands on two nodes. */
export type WorkloadIndex<B extends Bearer> = {
  /** Files `bearer` under its present names instead of those it had before. */
  rename(bearer: B, before: Workload | undefined): void
  remove(bearer: B): void
  bearersOf(workload: Workload): readonly B[]
  workloads(): readonly Workload[]
}

export function createWorkloadIndex<B extends Bearer>(): WorkloadIndex<B> {
  const entries = new Map<string, { readonly workload: Workload; readonly bearers: Set<B> }>()

  function removeFrom(workload: Workload, bearer: B): void {
    const key = workloadKey(workload)
    const entry = entries.get(key)
    entry?.bearers.delete(bearer)
    if (entry?.bearers.size === 0) entries.delete(key)
  }

  return {
    rename(bearer, before) {
      if (before !== undefined) removeFrom(before, bearer)
      if (bearer.workload === undefined) return
      const key = workloadKey(bearer.workload)
      const entry = entries.get(key) ?? { workload: bearer.workload, bearers: new Set() }
      entry.bearers.add(bearer)
      entries.set(key, entry)
    },

    remove(bearer) {
      if (bearer.workload !== undefined) removeFrom(bearer.workload, bearer)
    },

    bearersOf(workload) {
      return [...(entries.get(workloadKey(workload))?.bearers ?? [])]
    },

    workloads() {
      return Array.from(entries.values(), (entry) => entry.workload)
    },
  }
}
