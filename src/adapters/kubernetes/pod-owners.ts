import { ownerFromPodName } from '../../energy/owner-from-pod-name.ts'
import type { OwnerDirectory, WorkloadOwner } from '../../energy/workload-owner.ts'
import { type Instant, instant } from '../../units.ts'
import { fieldsOf, itemsOf, textOf } from './json-fields.ts'
import type { Resource, WatchedSet } from './list-and-watch.ts'

/** Every pod of the cluster, its metadata alone. Needs the rights to list and watch pods, and no others. */
export const podsResource: Resource = { path: '/api/v1/pods', query: {}, isMetadataOnly: true }

export type PodOwner = { readonly namespace: string; readonly pod: string; readonly owner: WorkloadOwner }

export type PodOwners = OwnerDirectory &
  WatchedSet<PodOwner> & {
    readonly present: number
    readonly gone: number
  }

export type PodMemory = {
  /** How long a pod that is gone is remembered. */
  readonly goneSeconds: number
  /** As many that are gone are remembered at most, those that went last. */
  readonly mostGone: number
  readonly now: () => Instant
}

type SharedOwner = { readonly key: string; readonly owner: WorkloadOwner; pods: number }

/** Who owns the pods, as the cluster says; by their names for those that it has not told of. */
export function createPodOwners({ goneSeconds, mostGone, now }: PodMemory): PodOwners {
  let present = new Map<string, SharedOwner>()
  /** In the order in which they went. */
  const gone = new Map<string, { readonly shared: SharedOwner; readonly at: Instant }>()
  /** One owner for all of its pods: most of a directory's memory would be the same labels again and again. */
  const owners = new Map<string, SharedOwner>()

  function take(owner: WorkloadOwner): SharedOwner {
    const key = JSON.stringify([owner.kind, owner.name, Object.entries(owner.labels)])
    let shared = owners.get(key)
    if (shared === undefined) {
      shared = { key, owner, pods: 0 }
      owners.set(key, shared)
    }
    shared.pods += 1
    return shared
  }

  function release(shared: SharedOwner): void {
    shared.pods -= 1
    if (shared.pods === 0) owners.delete(shared.key)
  }

  function forget(key: string): void {
    const known = gone.get(key)
    if (known === undefined) return
    gone.delete(key)
    release(known.shared)
  }

  /** The owner stays taken: from now on by the pod that is remembered. */
  function went(key: string, shared: SharedOwner): void {
    forget(key)
    gone.set(key, { shared, at: now() })
  }

  function forgetOld(): void {
    const since = instant(now() - goneSeconds * 1000)
    for (const [key, { at }] of gone) {
      if (gone.size <= mostGone && at >= since) return
      forget(key)
    }
  }

  return {
    get present() {
      return present.size
    },
    get gone() {
      return gone.size
    },

    replace(all) {
      const next = new Map<string, SharedOwner>()
      for (const pod of all) {
        const key = podKey(pod)
        const twice = next.get(key)
        if (twice !== undefined) release(twice)
        next.set(key, take(pod.owner))
        forget(key)
      }
      for (const [key, shared] of present) {
        if (next.has(key)) release(shared)
        else went(key, shared)
      }
      present = next
      forgetOld()
    },

    put(pod) {
      const key = podKey(pod)
      const before = present.get(key)
      present.set(key, take(pod.owner))
      if (before !== undefined) release(before)
      forget(key)
      forgetOld()
    },

    remove(pod) {
      const key = podKey(pod)
      const before = present.get(key)
      present.delete(key)
      if (before !== undefined) went(key, before)
      forgetOld()
    },

    ownerOf(pod) {
      const key = podKey(pod)
      return (present.get(key) ?? gone.get(key)?.shared)?.owner ?? ownerFromPodName(pod.pod)
    },
  }
}

function podKey({ namespace, pod }: { readonly namespace: string; readonly pod: string }): string {
  return JSON.stringify([namespace, pod])
}

/** A pod's owner out of its metadata; undefined for what is no pod. */
export function readPodOwner(object: unknown): PodOwner | undefined {
  const metadata = fieldsOf(fieldsOf(object)['metadata'])
  const namespace = textOf(metadata['namespace'])
  const pod = textOf(metadata['name'])
  if (namespace === undefined || pod === undefined) return undefined
  const labels = new Map(
    Object.entries(fieldsOf(metadata['labels'])).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value] as const] : [],
    ),
  )
  const { kind, name } = ownerOf(pod, { metadata, labels })
  const told = Object.fromEntries([...labels].filter(([label]) => !labelsOfControllers.has(label)))
  return { namespace, pod, owner: { kind, name, labels: told, derivedFrom: 'kubernetes' } }
}

type Named = { readonly kind: string; readonly name: string }

type PodFacts = {
  readonly metadata: Readonly<Record<string, unknown>>
  readonly labels: ReadonlyMap<string, string>
}

/**
 * The workload that a person would name. A ReplicaSet bears the hash of its template, and so does a label of its
 * pods, where a Deployment or a Rollout made it; a Job of a CronJob bears the minute it was due. Both are told by the
 * pod alone, so that neither ReplicaSets nor Jobs need be watched.
 */
function ownerOf(pod: string, { metadata, labels }: PodFacts): Named {
  const references = itemsOf(metadata['ownerReferences']).map(fieldsOf)
  const controller = references.find((reference) => reference['controller'] === true)
  const kind = textOf(controller?.['kind'])
  const name = textOf(controller?.['name'])
  // The kubelet makes the pods of a node's own files; the node is no workload.
  if (kind === undefined || name === undefined || kind === 'Node') return { kind: 'Pod', name: pod }
  if (kind === 'ReplicaSet') {
    for (const [label, maker] of makersOfReplicaSets) {
      const ending = `-${labels.get(label) ?? ''}`
      if (ending !== '-' && name.length > ending.length && name.endsWith(ending))
        return { kind: maker, name: name.slice(0, -ending.length) }
    }
  }
  if (kind === 'Job') {
    const [, cronJob, minute] = /^(.+)-(\d{8})$/.exec(name) ?? []
    const madeAt = Date.parse(textOf(metadata['creationTimestamp']) ?? '')
    if (cronJob !== undefined && wasDueBefore(madeAt, Number(minute) * 60_000))
      return { kind: 'CronJob', name: cronJob }
  }
  return { kind, name }
}

/** The label with which each of them marks the pods of its ReplicaSets. */
const makersOfReplicaSets = [
  ['pod-template-hash', 'Deployment'],
  ['rollouts-pod-template-hash', 'Rollout'],
] as const

const latestStartMs = 30 * 86_400_000
const clockDifferenceMs = 60_000

/** Whether a pod that was made then can be of a Job that was due at `dueAt`: a Job may start late and try again. */
function wasDueBefore(madeAt: number, dueAt: number): boolean {
  return madeAt >= dueAt - clockDifferenceMs && madeAt <= dueAt + latestStartMs
}

/** What controllers mark pods with for themselves. It differs from pod to pod and tells nothing of the workload. */
const labelsOfControllers = new Set([
  'pod-template-hash',
  'rollouts-pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'controller-uid',
  'job-name',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
  'batch.kubernetes.io/job-completion-index',
])
