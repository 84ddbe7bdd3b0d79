import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { at } from '../../test/contracts/measured.ts'
import { assertInStep, behavesLikeAWriteQueue, drained, scraped } from '../../test/contracts/write-queue.ts'
import { createMemoryQueue } from './memory-queue.ts'
import type { DroppedMeasurements } from './write-queue.ts'

async function createQueue(mostBytes: number) {
  const dropped: DroppedMeasurements[] = []
  const queue = createMemoryQueue({ mostBytes, onDropped: (one) => dropped.push(one) })
  return { queue, dropped }
}

behavesLikeAWriteQueue('memory', (_t, mostBytes) => createQueue(mostBytes), 20_000)

describe('a queue in memory', () => {
  it('holds one state for many pages of a node', async () => {
    const { queue } = await createQueue(1e9)
    await queue.push(...scraped(10))
    const ofOne = queue.depth.bytes
    for (let second = 20; second <= 100; second += 10) await queue.push(...scraped(second))
    assert.ok(queue.depth.bytes < 7 * ofOne, `${queue.depth.bytes} bytes, ${ofOne} for one page`)
    const [batch] = await drained(queue)
    assert.equal(batch?.pages.length, 10)
    assert.deepEqual(
      batch?.states.map(({ at }) => at),
      [at(100)],
    )
  })

  it('does not fill up with pages that have no measurements', async () => {
    const { queue } = await createQueue(1e9)
    for (let second = 10; second <= 100_000; second += 10)
      await queue.push(...scraped(second, { containers: 0 }))
    assert.equal(queue.depth.pages, 1)
    assert.deepEqual(
      (await drained(queue)).map(({ states }) => states.map(({ at }) => at)),
      [[at(100_000)]],
    )
  })

  it('keeps what a dropped page leaves until the next page of its node', async () => {
    const { queue, dropped } = await createQueue(1)
    await queue.push(...scraped(10, { node: 'a', containers: 2 }))
    await queue.push(...scraped(10, { node: 'b' }))
    assert.deepEqual(
      dropped.map(({ node, measurements }) => [node, measurements]),
      [
        ['a', 2],
        ['b', 1],
      ],
    )
    await queue.push(...scraped(20, { node: 'a', containers: 2 }))
    const [batch] = await drained(queue, 100)
    assert.ok(batch !== undefined)
    assertInStep(batch)
    assert.deepEqual(
      batch.pages.map(({ node, gaps }) => [node, gaps.map(({ during }) => [during.from, during.to])]),
      [
        [
          'a',
          [
            [at(0), at(20)],
            [at(0), at(20)],
          ],
        ],
        ['b', [[at(0), at(10)]]],
      ],
    )
  })

  it('carries what a dropped page leaves into the next run of its node', async () => {
    const { queue } = await createQueue(1e9)
    for (const second of [10, 20]) await queue.push(...scraped(second, { containers: 2000 }))
    const small = createMemoryQueue({ mostBytes: queue.depth.bytes - 1, onDropped: () => {} })
    for (const second of [10, 20]) await small.push(...scraped(second, { containers: 2000 }))
    const batches = await drained(small, 1)
    assert.deepEqual(
      batches.map(({ pages }) => pages.map(({ at, gaps }) => [at, gaps.length])),
      [[[at(20), 2000]]],
    )
  })
})
