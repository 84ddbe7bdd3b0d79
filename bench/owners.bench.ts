/**
 * How many bytes does it cost to know whose a pod is? Run: npm run bench:owners [-- --pods 100000]
 *
 * Reads pages as the API server sends them (metadata alone, managed fields and all) into the directory of pods, and
 * measures the heap after a collection; beside it the same objects kept as they were parsed.
 */
import { parseArgs } from 'node:util'
import { createPodOwners, readPodOwner } from '../src/adapters/kubernetes/pod-owners.ts'
import { instant } from '../src/units.ts'

const { values: options } = parseArgs({ options: { pods: { type: 'string', default: '100000' } } })
const pods = Number(options.pods)
const podsPerWorkload = 10
const podsPerPage = 500

function collectedBytes(): number {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc')
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed
}

/** A name ends in five letters, as Kubernetes gives them. */
function ending(number: number): string {
  return number
    .toString(27)
    .padStart(5, '0')
    .replaceAll(/[aeiou013]/g, 'z')
}

function podText(number: number): string {
  const workloadNumber = Math.floor(number / podsPerWorkload)
  const workload = `service-${workloadNumber}`
  const hash = `7d4b9c${String(workloadNumber % 10_000)
    .padStart(4, '5')
    .replaceAll(/[0-3]/g, '4')}`
  const labels = {
    'app.kubernetes.io/name': workload,
    'app.kubernetes.io/instance': `${workload}-production`,
    'app.kubernetes.io/part-of': 'shop',
    'app.kubernetes.io/managed-by': 'Helm',
    team: `team-${workloadNumber % 40}`,
    'pod-template-hash': hash,
  }
  const fields = Object.fromEntries(Object.keys(labels).map((label) => [`f:${label}`, {}]))
  return JSON.stringify({
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: {
      name: `${workload}-${hash}-${ending(number)}${number}`,
      namespace: `namespace-${workloadNumber % 100}`,
      uid: `f0e1d2c3-0000-4000-8000-${String(number).padStart(12, '0')}`,
      resourceVersion: String(number),
      creationTimestamp: '2026-11-24T20:00:00Z',
      labels,
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: `${workload}-${hash}`,
          uid: 'a',
          controller: true,
        },
      ],
      managedFields: [
        { manager: 'kube-controller-manager', operation: 'Update', fieldsV1: { 'f:metadata': fields } },
      ],
    },
  })
}

function* pages(): Generator<readonly unknown[]> {
  for (let begin = 0; begin < pods; begin += podsPerPage) {
    const texts = Array.from({ length: Math.min(podsPerPage, pods - begin) }, (_, at) => podText(begin + at))
    yield JSON.parse(`[${texts.join(',')}]`)
  }
}

const before = collectedBytes()
const owners = createPodOwners({ goneSeconds: 86_400, mostGone: 50_000, now: () => instant(0) })
for (const page of pages()) {
  for (const object of page) {
    const owner = readPodOwner(object)
    if (owner === undefined) throw new Error('a pod was not understood')
    owners.put(owner)
  }
}
const ours = (collectedBytes() - before) / pods
if (owners.present !== pods) throw new Error(`${owners.present} pods instead of ${pods}`)

const beforeObjects = collectedBytes()
const objects = [...pages()].flat()
const theirs = (collectedBytes() - beforeObjects) / pods
if (objects.length !== pods) throw new Error('objects were lost')
console.log(`${pods} pods, ${podsPerWorkload} to a workload, 6 labels each`)
console.log(`the directory of pods: ${ours.toFixed(0)} bytes a pod`)
console.log(
  `their metadata as it was parsed: ${theirs.toFixed(0)} bytes a pod, ${(theirs / ours).toFixed(1)} times as much`,
)
