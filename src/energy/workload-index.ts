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

type Entry<B> = {
  readonly workload: Workload
  /** Nearly all have one bearer: a set for one would take more than all the rest of the entry. */
  one: B | undefined
  others: Set<B> | undefined
}

export function createWorkloadIndex<B extends Bearer>(): WorkloadIndex<B> {
  const entries = new Map<string, Entry<B>>()

  function addTo(entry: Entry<B>, bearer: B): void {
    if (entry.one === bearer) return
    if (entry.one === undefined) {
      entry.one = bearer
    } else {
      entry.others ??= new Set()
      entry.others.add(bearer)
    }
  }

  function removeFrom(workload: Workload, bearer: B): void {
    const key = workloadKey(workload)
    const entry = entries.get(key)
    if (entry === undefined) return
    if (entry.one === bearer) {
      entry.one = entry.others?.values().next().value
      if (entry.one !== undefined) entry.others?.delete(entry.one)
    } else {
      entry.others?.delete(bearer)
    }
    if (entry.one === undefined) entries.delete(key)
  }

  return {
    rename(bearer, before) {
      if (before !== undefined) removeFrom(before, bearer)
      if (bearer.workload === undefined) return
      const key = workloadKey(bearer.workload)
      const entry = entries.get(key) ?? { workload: bearer.workload, one: undefined, others: undefined }
      addTo(entry, bearer)
      entries.set(key, entry)
    },

    remove(bearer) {
      if (bearer.workload !== undefined) removeFrom(bearer.workload, bearer)
    },

    bearersOf(workload) {
      const entry = entries.get(workloadKey(workload))
      if (entry?.one === undefined) return []
      return entry.others === undefined ? [entry.one] : [entry.one, ...entry.others]
    },

    workloads() {
      return Array.from(entries.values(), (entry) => entry.workload)
    },
  }
}
