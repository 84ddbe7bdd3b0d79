import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../units.ts'
import type { NodeState } from './node-state.ts'
import { nodeStateOf } from './node-state-text.ts'

const state: NodeState = {
  node: 'node-a',
  at: instant(10_000),
  basis: 'current/container/package',
  unreadLines: 2,
  containers: [
    {
      containerId: 'c1',
      level: 'container',
      workload: { namespace: 'shop', pod: 'web', container: 'app' },
      hasOwnName: true,
      presence: 'present',
      coveredUntil: instant(10_000),
      lastSeenAt: instant(10_000),
      counters: [
        { component: 'package', mode: 'dynamic', believed: 0.1 + 0.2, suspect: 1e15, terminated: null },
      ],
    },
    {
      containerId: 'c2',
      level: 'pod',
      workload: null,
      hasOwnName: false,
      presence: 'ended',
      coveredUntil: instant(0),
      lastSeenAt: instant(5000),
      counters: [{ component: 'gpu', mode: 'idle', believed: 0, suspect: null, terminated: 5 }],
    },
  ],
  nodeCounters: [['active package', 12.5]],
}

/** The state as JSON, with one field set to something else. */
function changed(path: readonly (string | number)[], value: unknown): unknown {
  const json: unknown = JSON.parse(JSON.stringify(state))
  let at: unknown = json
  for (const key of path.slice(0, -1))
    at = Object.entries(Object(at)).find(([name]) => name === String(key))?.[1]
  Object.assign(Object(at), { [String(path.at(-1))]: value })
  return json
}

describe('the state of a node as JSON', () => {
  it('is read back as it was, to the last bit', () => {
    assert.deepEqual(nodeStateOf(JSON.parse(JSON.stringify(state))), state)
    const made = { ...state, by: 'process-1' }
    assert.deepEqual(nodeStateOf(JSON.parse(JSON.stringify(made))), made)
  })

  const broken: readonly (readonly [readonly (string | number)[], unknown, RegExp])[] = [
    [['node'], 5, /node is no text/],
    [['at'], 'then', /at is no number/],
    [['by'], 5, /by is no text/],
    [['containers'], {}, /containers is no list/],
    [['containers', 0], 'c1', /container state is no object/],
    [['containers', 0], null, /container state is no object/],
    [['containers', 0, 'level'], 'node', /level is an unknown word/],
    [['containers', 0, 'hasOwnName'], 1, /hasOwnName is neither true nor false/],
    [['containers', 0, 'workload'], {}, /namespace is no text/],
    [['containers', 0, 'counters', 0, 'believed'], null, /believed is no number/],
    [['containers', 0, 'counters', 0, 'suspect'], '', /suspect is no number/],
    [['nodeCounters', 0], ['active package'], /broken node counter/],
    [['nodeCounters', 0], 'active package', /broken node counter/],
  ]
  for (const [path, value, message] of broken) {
    it(`is refused when ${path.join('.')} is ${JSON.stringify(value)}`, () => {
      assert.throws(() => nodeStateOf(changed(path, value)), message)
    })
  }

  it('is refused when it is no object', () => {
    assert.throws(() => nodeStateOf('state'), /node state is no object/)
  })
})
