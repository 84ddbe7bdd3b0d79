import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { allPages } from './pages.ts'

/** Reads a list of as many rows, and the offsets that it was asked for. */
async function read(rows: number, mostRows = 1000) {
  const asked: number[] = []
  const all = await allPages({ pageSize: 10, mostRows }, async (offset) => {
    asked.push(offset)
    return Array.from({ length: Math.min(10, rows - offset) }, (_, index) => offset + index)
  })
  return { all: all.length, asked }
}

describe('a list in pages', () => {
  it('ends with a page that is not full', async () => {
    assert.deepEqual(await read(0), { all: 0, asked: [0] })
    assert.deepEqual(await read(9), { all: 9, asked: [0] })
    assert.deepEqual(await read(10), { all: 10, asked: [0, 10] })
    assert.deepEqual(await read(25), { all: 25, asked: [0, 10, 20] })
  })

  it('ends where no more may be read', async () => {
    assert.deepEqual(await read(1000, 25), { all: 20, asked: [0, 10] })
  })
})
