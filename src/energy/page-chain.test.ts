import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant, joules } from '../units.ts'
import type { LedgerPage } from './ledger-page.ts'
import type { NodeState } from './node-state.ts'
import { acceptedOf } from './page-chain.ts'

const at = (second: number) => instant(second * 1000)

/** A page of `by` with one measurement, written `a@10>20`: it goes on from the state that `a` made at second 10. */
function page(by: string, chain: string, node = 'node-1'): LedgerPage {
  const [after = '', end = ''] = chain.split('>')
  const [maker = '', second = ''] = after.split('@')
  const during = { from: at(Number(second)), to: at(Number(end)) }
  return {
    node,
    at: during.to,
    measurements: [
      { containerId: 'c', workload: undefined, during, energy: joules(1), counter: joules(1), flags: [] },
    ],
    renamings: [],
    gaps: [],
    link: after === '' ? { by } : { by, after: { at: at(Number(second)), by: maker } },
  }
}

function stateOf({ node, at, link }: LedgerPage): NodeState {
  const by = link === undefined ? {} : { by: link.by }
  return { node, at, ...by, basis: 'b', unreadLines: 0, containers: [], nodeCounters: [] }
}

/** Which of the pages are accepted, by their ends in seconds, and what else is said of them. */
function judged(held: string | undefined, ...pages: readonly LedgerPage[]) {
  const [by = '', second = ''] = held?.split('@') ?? []
  const mark = held === undefined ? undefined : { at: at(Number(second)), by }
  const last = pages.at(-1)
  const states = last === undefined ? [] : [stateOf(last)]
  const { batch, superseded, repeated } = acceptedOf({ pages, states }, new Map([['node-1', mark]]))
  return {
    accepted: batch.pages.map((page) => page.at / 1000),
    isStateHeld: batch.states.length === 1,
    repeated,
    superseded: superseded.map(({ measurements, until, isMended }) => [measurements, until / 1000, isMended]),
  }
}

const everything = { isStateHeld: true, repeated: 0, superseded: [] }

describe('the pages of a node', () => {
  it('are accepted where they go on from the state that is held, one after the other', () => {
    assert.deepEqual(judged('a@10', page('a', 'a@10>20'), page('a', 'a@20>30')), {
      ...everything,
      accepted: [20, 30],
    })
  })

  it('are accepted from another process that goes on from there', () => {
    assert.deepEqual(judged('a@10', page('b', 'a@10>20')), { ...everything, accepted: [20] })
  })

  it('are accepted where no state is held', () => {
    assert.deepEqual(judged(undefined, page('a', '>10'), page('a', 'a@10>20')), {
      ...everything,
      accepted: [10, 20],
    })
    assert.deepEqual(judged(undefined, page('a', 'a@10>20')), { ...everything, accepted: [20] })
  })

  it('fall where another process has gone on before', () => {
    assert.deepEqual(judged('b@15', page('a', 'a@10>20'), page('a', 'a@20>30')), {
      accepted: [],
      isStateHeld: false,
      repeated: 0,
      superseded: [[2, 30, false]],
    })
  })

  it('fall where another process has gone on to the same moment', () => {
    assert.deepEqual(judged('b@20', page('a', 'a@10>20')).accepted, [])
    assert.deepEqual(judged('b@20', page('a', 'a@20>30')).accepted, [])
  })

  it('fall where a process begins that knows of no other', () => {
    assert.deepEqual(judged('b@15', page('a', '>20')).superseded, [[1, 20, false]])
  })

  it('are accepted again once they go on from what is held', () => {
    assert.deepEqual(judged('b@15', page('a', 'a@10>20'), page('a', 'b@15>30')), {
      accepted: [30],
      isStateHeld: true,
      repeated: 0,
      superseded: [[1, 20, true]],
    })
  })

  it('are not written again when they are delivered again', () => {
    assert.deepEqual(judged('a@30', page('a', 'a@10>20'), page('a', 'a@20>30')), {
      accepted: [],
      isStateHeld: false,
      repeated: 2,
      superseded: [],
    })
  })

  it('that fell are not written when they are delivered again with those that followed', () => {
    assert.deepEqual(judged('a@30', page('a', 'a@10>20'), page('a', 'b@15>30')).accepted, [])
  })

  it('fall when they are delivered again after another process has gone on from them', () => {
    assert.deepEqual(judged('b@40', page('a', 'a@10>20')).superseded, [[1, 20, false]])
  })

  it('are all accepted where they tell of no other process', () => {
    const { link: _, ...alone } = page('a', 'a@10>20')
    assert.deepEqual(judged('b@15', alone), { ...everything, accepted: [20] })
  })

  it('are judged apart from those of other nodes', () => {
    const pages = [page('a', 'a@10>20'), page('a', 'a@10>20', 'node-2'), page('a', 'a@10>20', 'node-3')]
    const held = new Map([
      ['node-1', { at: at(15), by: 'b' }],
      ['node-2', { at: at(10), by: 'a' }],
    ])
    const { batch } = acceptedOf({ pages, states: pages.map(stateOf) }, held)
    assert.deepEqual(
      batch.pages.map(({ node }) => node),
      ['node-2', 'node-3'],
    )
    assert.deepEqual(
      batch.states.map(({ node }) => node),
      ['node-2', 'node-3'],
    )
  })
})
