import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../units.ts'
import { createPodOwners, type PodMemory, readPodOwner } from './pod-owners.ts'

type Metadata = {
  readonly name?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly creationTimestamp?: string
  readonly owner?: readonly [kind: string, name: string]
}

/** A pod as the API server tells of it when it is asked for metadata alone. */
function pod({ name = 'web-7d4b9c6f5d-x2x9z', labels = {}, creationTimestamp, owner }: Metadata = {}) {
  const references = owner === undefined ? [] : [{ kind: owner[0], name: owner[1], controller: true }]
  const metadata = { namespace: 'shop', name, labels, creationTimestamp, ownerReferences: references }
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
}

function ownerOf(metadata: Metadata): string {
  const read = readPodOwner(pod(metadata))
  return `${read?.owner.kind}/${read?.owner.name}`
}

describe('the owner of a pod, as the cluster says', () => {
  it('is the Deployment of the ReplicaSet whose hash its pods bear', () => {
    const labels = { 'pod-template-hash': '7d4b9c6f5d' }
    assert.equal(ownerOf({ labels, owner: ['ReplicaSet', 'web-7d4b9c6f5d'] }), 'Deployment/web')
  })

  it('is the Rollout where a Rollout made the ReplicaSet', () => {
    const labels = { 'rollouts-pod-template-hash': '7d4b9c6f5d' }
    assert.equal(ownerOf({ labels, owner: ['ReplicaSet', 'web-7d4b9c6f5d'] }), 'Rollout/web')
  })

  it('is the ReplicaSet that stands alone', () => {
    assert.equal(ownerOf({ owner: ['ReplicaSet', 'web-7d4b9c6f5d'] }), 'ReplicaSet/web-7d4b9c6f5d')
    const labels = { 'pod-template-hash': '' }
    assert.equal(ownerOf({ labels, owner: ['ReplicaSet', 'web-'] }), 'ReplicaSet/web-')
  })

  it('is the CronJob of a Job that is named after the minute it was due', () => {
    const due = 29_733_840
    const creationTimestamp = new Date(due * 60_000 + 2000).toISOString()
    assert.equal(ownerOf({ owner: ['Job', `backup-${due}`], creationTimestamp }), 'CronJob/backup')
  })

  it('is the Job whose number is no minute at which it can have been due', () => {
    const creationTimestamp = '2026-07-14T00:00:00Z'
    assert.equal(ownerOf({ owner: ['Job', 'move-20260714'], creationTimestamp }), 'Job/move-20260714')
    assert.equal(ownerOf({ owner: ['Job', 'move-29733840'] }), 'Job/move-29733840')
    assert.equal(ownerOf({ owner: ['Job', 'move'], creationTimestamp }), 'Job/move')
  })

  it('is any other controller, whatever its kind', () => {
    assert.equal(ownerOf({ owner: ['StatefulSet', 'db'] }), 'StatefulSet/db')
    assert.equal(ownerOf({ owner: ['DaemonSet', 'kepler'] }), 'DaemonSet/kepler')
    assert.equal(ownerOf({ owner: ['SparkApplication', 'etl'] }), 'SparkApplication/etl')
  })

  it('is the pod itself where nothing made it, or the kubelet from a file', () => {
    assert.equal(ownerOf({ name: 'debug' }), 'Pod/debug')
    assert.equal(ownerOf({ name: 'etcd-node-1', owner: ['Node', 'node-1'] }), 'Pod/etcd-node-1')
  })

  it('comes with the labels of the pod, but for those that controllers add for themselves', () => {
    const labels = { app: 'web', team: 'shop', 'pod-template-hash': '7d4b9c6f5d', 'controller-uid': '1' }
    assert.deepEqual(readPodOwner(pod({ labels, owner: ['ReplicaSet', 'web-7d4b9c6f5d'] }))?.owner, {
      kind: 'Deployment',
      name: 'web',
      labels: { app: 'web', team: 'shop' },
      derivedFrom: 'kubernetes',
    })
  })

  it('is unknown for what is no pod', () => {
    for (const object of [undefined, null, 7, [], {}, { metadata: {} }, { metadata: { name: 'a' } }]) {
      assert.equal(readPodOwner(object), undefined)
    }
  })
})

/** A directory with a clock that can be set, in seconds. */
function createDirectory(limits: Partial<PodMemory> = {}) {
  const clock = { second: 0 }
  const owners = createPodOwners({
    goneSeconds: 60,
    mostGone: 10,
    now: () => instant(clock.second * 1000),
    ...limits,
  })
  const ownerOf = (name: string) => {
    const { kind, name: owner, derivedFrom } = owners.ownerOf({ namespace: 'shop', pod: name })
    return `${derivedFrom}: ${kind}/${owner}`
  }
  return { clock, owners, ownerOf }
}

function read(name: string, owner: readonly [kind: string, name: string] = ['DaemonSet', 'kepler']) {
  const found = readPodOwner(pod({ name, owner }))
  assert.ok(found !== undefined)
  return found
}

describe('the directory of pods', () => {
  it('knows what the cluster told, and derives the rest from names', () => {
    const { owners, ownerOf } = createDirectory()
    owners.replace([read('kepler-x7x2k')])
    assert.equal(ownerOf('kepler-x7x2k'), 'kubernetes: DaemonSet/kepler')
    assert.equal(ownerOf('kepler-b2b2b'), 'pod-name: DaemonSet or Job/kepler')
    owners.put(read('kepler-b2b2b'))
    assert.equal(ownerOf('kepler-b2b2b'), 'kubernetes: DaemonSet/kepler')
  })

  it('keeps namespaces apart', () => {
    const { owners } = createDirectory()
    owners.put(read('db-0', ['StatefulSet', 'db']))
    assert.equal(owners.ownerOf({ namespace: 'other', pod: 'db-0' }).derivedFrom, 'pod-name')
  })

  it('remembers a pod that is gone, for a while', () => {
    const { clock, owners, ownerOf } = createDirectory()
    owners.put(read('kepler-x7x2k'))
    owners.remove(read('kepler-x7x2k'))
    clock.second = 60
    owners.put(read('kepler-b2b2b'))
    assert.equal(ownerOf('kepler-x7x2k'), 'kubernetes: DaemonSet/kepler')
    clock.second = 60.001
    owners.put(read('kepler-b2b2b'))
    assert.equal(ownerOf('kepler-x7x2k'), 'pod-name: DaemonSet or Job/kepler')
    assert.deepEqual([owners.present, owners.gone], [1, 0])
  })

  it('remembers what went while nobody watched', () => {
    const { owners, ownerOf } = createDirectory()
    owners.replace([read('kepler-x7x2k'), read('kepler-b2b2b')])
    owners.replace([read('kepler-b2b2b')])
    assert.equal(ownerOf('kepler-x7x2k'), 'kubernetes: DaemonSet/kepler')
    assert.deepEqual([owners.present, owners.gone], [1, 1])
  })

  it('remembers so many that are gone, and forgets those first that went first', () => {
    const { owners, ownerOf } = createDirectory({ mostGone: 2 })
    const names = ['kepler-bbbbb', 'kepler-ccccc', 'kepler-ddddd']
    owners.replace(names.map((name) => read(name)))
    for (const name of names) owners.remove(read(name))
    assert.deepEqual(
      names.map((name) => ownerOf(name).split(':')[0]),
      ['pod-name', 'kubernetes', 'kubernetes'],
    )
  })

  it('tells of a pod that came back under its name as it is now', () => {
    const { owners, ownerOf } = createDirectory()
    owners.put(read('db-0', ['StatefulSet', 'db']))
    owners.remove(read('db-0', ['StatefulSet', 'db']))
    owners.put(read('db-0', ['Database', 'main']))
    assert.equal(ownerOf('db-0'), 'kubernetes: Database/main')
    assert.deepEqual([owners.present, owners.gone], [1, 0])
  })

  it('forgets nothing when it is told of a pod that it never knew to have gone', () => {
    const { owners, ownerOf } = createDirectory()
    owners.put(read('kepler-x7x2k'))
    owners.remove(read('kepler-b2b2b'))
    assert.equal(ownerOf('kepler-x7x2k'), 'kubernetes: DaemonSet/kepler')
    assert.deepEqual([owners.present, owners.gone], [1, 0])
  })

  it('holds one owner for all pods of a workload', () => {
    const { owners } = createDirectory()
    owners.replace([read('kepler-x7x2k'), read('kepler-b2b2b')])
    const [one, other] = ['kepler-x7x2k', 'kepler-b2b2b'].map((name) =>
      owners.ownerOf({ namespace: 'shop', pod: name }),
    )
    assert.equal(one, other)
  })
})
