import type { OwnerDirectory, WorkloadOwner } from './workload-owner.ts'

/*
 * How Kubernetes names what its controllers make. Sources, read 2026-11-24: k8s.io/apimachinery
 * pkg/util/rand/rand.go (the letters; no vowels, 0, 1 or 3), k8s.io/apiserver pkg/storage/names/generate.go (five of
 * them, after at most 58 characters), pkg/controller/controller_utils.go ComputeHash, pkg/controller/job/indexed_job_utils.go,
 * pkg/controller/cronjob/utils.go getJobName.
 */
const generated = /^[bcdfghjklmnpqrstvwxz2456789]{5}$/
const generatedLength = 5
const longestGeneratedName = 63

/** The decimal digits of a 32-bit hash, each written as the letter of `rand.SafeEncodeString`. */
const digitOfHashLetter = new Map(Array.from('456789bcdf', (letter, digit) => [letter, digit]))
const largestHash = 0xffff_ffff
/** One hash in 4 000 is shorter; a name that ends in a few such letters is likelier a name. */
const shortestHash = 7

/** The minute or, up to Kubernetes 1.20, the second at which a CronJob's Job was due. A date such as 20261124 is neither. */
const dueTime = /^(?:2[6-9]\d{6}|3\d{7}|1\d{9})$/
const jobIndex = /^(?:0|[1-9]\d{0,5})$/
const ordinal = /^(?:0|[1-9]\d{0,3})$/

/**
 * Who probably owns a pod, by the way controllers name their pods. The kinds that a name cannot tell apart are named
 * together: a `DaemonSet or Job` may also be a ReplicaSet that stands alone. A pod whose name follows no such way is
 * its own owner, of kind `Pod`.
 */
export function ownerFromPodName(pod: string): WorkloadOwner {
  const [beforeLast, last] = cutLast(pod)
  const scheduled = ownerOfJob(beforeLast)
  // The due time tells enough: what follows need not be looked at closely.
  if (scheduled?.kind === 'CronJob' && /^[a-z0-9]{5}$/.test(last)) return scheduled
  if (generated.test(pod.slice(-generatedLength))) {
    if (last.length === generatedLength && beforeLast !== '') return ownerOfGenerated(beforeLast)
    if (pod.length === longestGeneratedName) return ownerOfGenerated(pod.slice(0, -generatedLength))
  }
  if (ordinal.test(last) && beforeLast !== '') return guess('StatefulSet', beforeLast)
  return guess('Pod', pod)
}

/** Owners by their names alone, where the cluster is not asked. */
export const ownersFromPodNames: OwnerDirectory = { ownerOf: ({ pod }) => ownerFromPodName(pod) }

function ownerOfGenerated(base: string): WorkloadOwner {
  const [name, last] = cutLast(base)
  const isCut = base.length >= longestGeneratedName - generatedLength
  if (name !== '' && isTemplateHash(last, isCut ? 1 : shortestHash)) return guess('Deployment', name)
  return ownerOfJob(base) ?? guess('DaemonSet or Job', base)
}

/** The owner of a Job or of one of its indexes, by the name before the letters that end it. */
function ownerOfJob(base: string): WorkloadOwner | undefined {
  const [name, last] = cutLast(base)
  if (name === '') return undefined
  if (dueTime.test(last)) return guess('CronJob', name)
  if (!jobIndex.test(last)) return undefined
  const [nameBefore, lastBefore] = cutLast(name)
  const isScheduled = nameBefore !== '' && dueTime.test(lastBefore)
  return isScheduled ? guess('CronJob', nameBefore) : guess('Job', name)
}

function isTemplateHash(text: string, shortest: number): boolean {
  if (text.length < shortest) return false
  let hash = 0
  for (const letter of text) hash = hash * 10 + (digitOfHashLetter.get(letter) ?? Number.POSITIVE_INFINITY)
  return hash <= largestHash
}

/** What is before the last hyphen, empty where there is none, and what is after it. */
function cutLast(name: string): readonly [string, string] {
  const at = name.lastIndexOf('-')
  return at === -1 ? ['', name] : [name.slice(0, at), name.slice(at + 1)]
}

function guess(kind: string, name: string): WorkloadOwner {
  return { kind, name, labels: {}, derivedFrom: 'pod-name' }
}
