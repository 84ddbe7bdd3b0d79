import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { OwnerDirectory, WorkloadOwner } from '../energy/workload-owner.ts'
import { createGrouping, createKnownGroupings, type GroupingOptions, tellingDimensions } from './grouping.ts'
import type { RowGroups } from './tick-tally.ts'

const owned = (name: string, more: Partial<WorkloadOwner> = {}): WorkloadOwner => ({
  kind: 'Deployment',
  name,
  labels: {},
  derivedFrom: 'kubernetes',
  ...more,
})
const owners: OwnerDirectory = {
  ownerOf: ({ pod }) => {
    const labels: Record<string, string> = { app: 'shop', hash: pod }
    if (pod.startsWith('web')) return owned('web', { labels })
    if (pod.startsWith('gone')) return owned('web', { derivedFrom: 'pod-name' })
    return owned(pod, { kind: 'Pod' })
  },
}
const on = (node: string, namespace: string, pod: string, container = 'app') => ({
  node,
  workload: { namespace, pod, container },
})
const series = [
  on('a', 'shop', 'web-1'),
  on('a', 'shop', 'web-1', 'proxy'),
  on('b', 'shop', 'web-2'),
  on('b', 'test', 'web-1'),
  { node: 'b', workload: undefined },
]

function grouped(more: Partial<GroupingOptions>) {
  const grouping = createGrouping({ dimensions: [], workloads: [], owners, ...more })
  const places = [...grouping.groupsOf(series)]
  return { grouping, places, keys: grouping.groups.map(({ key }) => key) }
}

describe('grouping', () => {
  it('puts everything together where nothing is named', () => {
    assert.deepEqual(grouped({}).places, [0, 0, 0, 0, 0])
    assert.deepEqual(grouped({}).keys, [[]])
  })

  it('by namespace keeps apart what has no names yet', () => {
    const { places, keys } = grouped({ dimensions: ['namespace'] })
    assert.deepEqual(places, [0, 0, 0, 1, 2])
    assert.deepEqual(keys, [['shop'], ['test'], [null]])
  })

  it('by node knows the node of what has no names', () => {
    assert.deepEqual(grouped({ dimensions: ['node'] }).keys, [['a'], ['b']])
  })

  it('by workload puts the pods of one owner together, in each namespace', () => {
    const { places, keys } = grouped({ dimensions: ['namespace', 'workload'] })
    assert.deepEqual(places, [0, 0, 0, 1, 2])
    assert.deepEqual(keys, [
      ['shop', 'Deployment/web'],
      ['test', 'Deployment/web'],
      [null, null],
    ])
  })

  it('names the owner, with the labels that all its pods bear', () => {
    const { grouping } = grouped({ dimensions: ['namespace', 'workload'] })
    assert.deepEqual(grouping.groups[0]?.owner, owned('web', { labels: { app: 'shop' } }))
    const byPod = grouped({ dimensions: ['namespace', 'pod'] }).grouping
    assert.deepEqual(byPod.groups[0]?.owner?.labels, { app: 'shop', hash: 'web-1' })
    assert.equal(grouped({ dimensions: ['node'] }).grouping.groups[0]?.owner, undefined)
  })

  it('calls an owner a guess as soon as that of one pod is', () => {
    const grouping = createGrouping({ dimensions: ['namespace', 'workload'], workloads: [], owners })
    grouping.groupsOf([on('a', 'shop', 'web-1'), on('a', 'shop', 'gone-1')])
    assert.deepEqual(grouping.groups[0]?.owner, owned('web', { derivedFrom: 'pod-name' }))
  })

  it('leaves out what belongs to none of the workloads that are named, with their kind or without', () => {
    assert.deepEqual(grouped({ workloads: ['web'] }).places, [0, 0, 0, 0, -1])
    assert.deepEqual(grouped({ workloads: ['Deployment/web'] }).places, [0, 0, 0, 0, -1])
    assert.deepEqual(grouped({ workloads: ['StatefulSet/web', 'db'] }).places, [-1, -1, -1, -1, -1])
  })

  it('numbers a series alike in every list', () => {
    const { grouping, places } = grouped({ dimensions: ['namespace'] })
    assert.deepEqual([...grouping.groupsOf(series.toReversed())], places.toReversed())
    assert.deepEqual([...grouping.groupsOf(structuredClone(series))], places)
    assert.equal(grouping.groupsOf(series), grouping.groupsOf(series))
  })
})

describe('the dimensions that tell groups apart', () => {
  it('are those asked for and the ones within which names are unique, from the whole to its parts', () => {
    assert.deepEqual(tellingDimensions([]), [])
    assert.deepEqual(tellingDimensions(['node', 'namespace']), ['namespace', 'node'])
    assert.deepEqual(tellingDimensions(['pod']), ['namespace', 'pod'])
    assert.deepEqual(tellingDimensions(['workload']), ['namespace', 'workload'])
    assert.deepEqual(tellingDimensions(['container', 'node']), ['namespace', 'pod', 'container', 'node'])
  })

  it('of the rows of a block are numbered within it, and one that does not count has the number after the last', () => {
    const grouping = createGrouping({ dimensions: ['namespace'], workloads: [], owners })
    grouping.groupsOf([on('c', 'other', 'etcd')])
    assert.deepEqual(grouping.groupsOfRows([series[3], undefined, ...series.slice(0, 3)]), {
      at: Uint32Array.of(0, 2, 1, 1, 1),
      groups: Int32Array.of(1, 2),
      rowCounts: Uint32Array.of(1, 3),
    })
    assert.deepEqual(grouping.groupsOfRows(series.slice(3, 4)), {
      at: Uint32Array.of(0),
      groups: Int32Array.of(1),
      rowCounts: Uint32Array.of(1),
    })
  })

  it('knows the rows of questions before, and numbers the groups that it meets itself', () => {
    const known = createKnownGroupings()
    const by = (dimensions: GroupingOptions['dimensions'], more: Partial<GroupingOptions> = {}) =>
      createGrouping({ dimensions, workloads: [], owners, known, ...more })
    const numbers = ({ groups, rowCounts }: RowGroups) => [...groups.subarray(0, rowCounts.length)]
    const before = by(['namespace'])
    const { at } = before.groupsOfRows(series)
    const later = by(['namespace'])
    const others = series.slice(3)
    assert.deepEqual(numbers(later.groupsOfRows(others)), [0, 1])
    assert.deepEqual(
      later.groups.map(({ key }) => key),
      [['test'], [null]],
    )
    assert.equal(later.groupsOfRows(series).at, at)
    assert.deepEqual(numbers(later.groupsOfRows(series)), [2, 0, 1])
    assert.deepEqual(later.groupsOf(series), Int32Array.of(2, 2, 2, 0, 1))
    assert.notEqual(by(['node']).groupsOfRows(series).at, at)
  })

  it('asks for owners anew with each question', () => {
    const known = createKnownGroupings()
    const by = () => createGrouping({ dimensions: ['namespace'], workloads: ['web'], owners, known })
    assert.notEqual(by().groupsOfRows(series).at, by().groupsOfRows(series).at)
  })

  it('is not misled by names of before: a list of rows says what is so now', () => {
    const known = createKnownGroupings()
    const grouping = createGrouping({ dimensions: ['namespace'], workloads: [], owners, known })
    const changing = { node: 'a', workload: { namespace: 'shop', pod: 'web-1', container: 'app' } }
    const other = on('a', 'shop', 'web-2')
    grouping.groupsOfRows([changing, other])
    changing.workload = { ...changing.workload, namespace: 'renamed' }
    grouping.groupsOfRows([changing, other])
    assert.deepEqual(
      grouping.groups.map(({ key }) => key),
      [['shop'], ['renamed']],
    )
  })
})
