import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { StoreError } from '../energy/measurement-store.ts'
import type { NodeState } from '../energy/node-state.ts'
import { instant } from '../units.ts'
import type { Clock } from './clock.ts'
import { type Recollection, recall, recallOnceThere } from './recall.ts'

function state(node: string, at: number): NodeState {
  return { node, at: instant(at), basis: 'b', unreadLines: 0, containers: [], nodeCounters: [] }
}

/** A clock that is always there already. */
function createQuickClock(): Clock & { readonly waits: number[] } {
  const waits: number[] = []
  let now = 0
  return {
    waits,
    now: () => instant(now),
    async waitUntil(at, signal) {
      if (signal.aborted) return
      waits.push(at - now)
      now = at
    },
  }
}

function createRecollection(states: readonly NodeState[], waiting: readonly NodeState[], failures = 0) {
  const restored: (readonly NodeState[])[] = []
  const clock = createQuickClock()
  let left = failures
  const memory = createMemoryStore(3600)
  const recollection: Recollection = {
    store: {
      ...memory,
      async nodeStates() {
        left -= 1
        if (left >= 0) throw new StoreError('the database at db:5432 is away')
        return states
      },
    },
    queue: { newestStates: async () => waiting },
    ledger: { restore: (recalled) => restored.push(recalled) },
    intensities: { recall: async () => {} },
    clock,
  }
  return { recollection, restored, clock }
}

describe('going on from before a restart', () => {
  it('takes the newest state of each node, stored or waiting', async () => {
    const { recollection, restored } = createRecollection(
      [state('a', 10), state('b', 30)],
      [state('a', 20), state('b', 20)],
    )
    assert.deepEqual(await recall(recollection), { nodes: 2 })
    assert.deepEqual(restored, [[state('a', 20), state('b', 30)]])
  })

  it('takes the waiting state of two that are as new: it came later', async () => {
    const waiting = { ...state('a', 10), basis: 'waiting' }
    const { recollection, restored } = createRecollection([state('a', 10)], [waiting])
    await recall(recollection)
    assert.deepEqual(restored, [[waiting]])
  })

  it('changes nothing while the store is away', async () => {
    const { recollection, restored } = createRecollection([], [], 1)
    await assert.rejects(recall(recollection), StoreError)
    assert.deepEqual(restored, [])
  })

  it('is tried again until the store answers, and says why it waits', async () => {
    const { recollection, restored, clock } = createRecollection([state('a', 10)], [], 3)
    const reasons: string[] = []
    const { signal } = new AbortController()
    const about = { random: () => 0.5, onAway: (reason: string) => reasons.push(reason), signal }
    assert.equal(await recallOnceThere(recollection, about), true)
    assert.equal(restored.length, 1)
    assert.deepEqual(reasons, Array(3).fill('the database at db:5432 is away'))
    assert.deepEqual(clock.waits, [250, 500, 1000])
  })

  it('ends when the service stops first', async () => {
    const { recollection } = createRecollection([], [], Number.POSITIVE_INFINITY)
    const stop = new AbortController()
    const about = { random: () => 0.5, onAway: () => stop.abort(), signal: stop.signal }
    assert.equal(await recallOnceThere(recollection, about), false)
  })

  it('does not hide a mistake of ours', async () => {
    const { recollection } = createRecollection([], [])
    const broken = { ...recollection, queue: { newestStates: () => Promise.reject(new TypeError('ours')) } }
    const about = { random: () => 0.5, onAway: () => {}, signal: new AbortController().signal }
    await assert.rejects(recallOnceThere(broken, about), TypeError)
  })
})
