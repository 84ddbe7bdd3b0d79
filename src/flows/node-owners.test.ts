import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../units.ts'
import { createNodeOwners } from './node-owners.ts'

const atSecond = (second: number) => instant(second * 1000)

describe('a node', () => {
  const current = 'current/container/package'
  const legacy = 'legacy/container/total'

  it('belongs to the target that answers for it first, for as long as it answers in time', () => {
    const owners = createNodeOwners(35)
    assert.equal(owners.claim('node-a', { target: 'one', basis: current, at: atSecond(0) }), 'one')
    assert.equal(owners.claim('node-a', { target: 'two', basis: legacy, at: atSecond(34.999) }), 'one')
    assert.equal(owners.claim('node-a', { target: 'one', basis: current, at: atSecond(35) }), 'one')
    assert.equal(owners.claim('node-a', { target: 'two', basis: legacy, at: atSecond(69.999) }), 'one')
  })

  it('passes to another target once its own was silent for the length of the lease', () => {
    const owners = createNodeOwners(35)
    owners.claim('node-a', { target: 'one', basis: current, at: atSecond(0) })
    assert.equal(owners.claim('node-a', { target: 'two', basis: legacy, at: atSecond(35) }), 'two')
    assert.equal(owners.claim('node-a', { target: 'one', basis: current, at: atSecond(36) }), 'two')
  })

  it('passes at once to a target that counts the same, since no energy can be counted twice', () => {
    const owners = createNodeOwners(35)
    owners.claim('node-a', { target: 'old address', basis: current, at: atSecond(0) })
    assert.equal(
      owners.claim('node-a', { target: 'new address', basis: current, at: atSecond(1) }),
      'new address',
    )
  })

  it('stays with its target when that begins to count in another way', () => {
    const owners = createNodeOwners(35)
    owners.claim('node-a', { target: 'one', basis: legacy, at: atSecond(0) })
    assert.equal(owners.claim('node-a', { target: 'one', basis: current, at: atSecond(10) }), 'one')
    assert.equal(owners.claim('node-a', { target: 'two', basis: legacy, at: atSecond(11) }), 'one')
  })

  it('passes at once to another target when its own is gone', () => {
    const owners = createNodeOwners(35)
    owners.claim('node-a', { target: 'one', basis: legacy, at: atSecond(0) })
    owners.claim('node-b', { target: 'other', basis: legacy, at: atSecond(0) })
    owners.release('one')
    assert.equal(owners.claim('node-a', { target: 'two', basis: current, at: atSecond(1) }), 'two')
    assert.equal(owners.claim('node-b', { target: 'two', basis: current, at: atSecond(1) }), 'other')
  })

  it('has an owner of its own, whoever owns another', () => {
    const owners = createNodeOwners(35)
    owners.claim('node-a', { target: 'one', basis: current, at: atSecond(0) })
    assert.equal(owners.claim('node-b', { target: 'two', basis: legacy, at: atSecond(0) }), 'two')
  })
})
