import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { shardOf } from './shard.ts'

const nodes = Array.from({ length: 5000 }, (_, node) => `node-${node}.cluster.example`)

describe('the shards', () => {
  it('are one when there is one', () => {
    fc.assert(fc.property(fc.string(), (key) => shardOf(key, 1) === 0))
  })

  it('each have about as much as the others', () => {
    for (const count of [2, 3, 7, 20]) {
      const sizes = Map.groupBy(nodes, (node) => shardOf(node, count))
      assert.equal(sizes.size, count)
      const fair = nodes.length / count
      for (const [shard, { length }] of sizes) {
        // Five standard deviations.
        assert.ok(Math.abs(length - fair) < 5 * Math.sqrt(fair), `shard ${shard} of ${count} has ${length}`)
      }
    }
  })

  it('keep what they have when there is one more, but for what that one gains', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.string(), { maxLength: 50 }),
        (count, keys) => {
          for (const key of keys) {
            const [before, after] = [shardOf(key, count), shardOf(key, count + 1)]
            assert.ok(after === before || after === count)
          }
        },
      ),
    )
  })

  it('move one target in n when there are n', () => {
    for (const count of [2, 3, 7, 20]) {
      const moved = nodes.filter((node) => shardOf(node, count - 1) !== shardOf(node, count)).length
      const fair = nodes.length / count
      assert.ok(Math.abs(moved - fair) < 5 * Math.sqrt(fair), `${moved} of ${nodes.length} moved to ${count}`)
    }
  })
})
